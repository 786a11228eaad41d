"""What LoRaWAN network servers need to know of a device: the payload codec, the repository."""
