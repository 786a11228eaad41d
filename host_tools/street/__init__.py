"""A simulated street round one real firmware: sky, lamp, network, time server, broker and screen."""
