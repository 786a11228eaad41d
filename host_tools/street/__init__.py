"""A simulated street round one real firmware: sky, lamp, network, time, broker and screen."""
