"""LoRaWAN on a computer: a simulated air, a test network, a packet forwarder, captures."""
