"""How long a LoRa frame is in the air: Semtech AN1200.13, section 4, in whole microseconds."""


def symbol_us(sf, bw_hz):
    """The length of one symbol in µs; sf 5 to 12, bw_hz 125000, 250000 or 500000 (exact there)."""
    return (1000 << sf) // (bw_hz // 1000)


def us(sf, bw_hz, n_bytes, crc=True):
    """The time on air in µs of a frame of `n_bytes` PHY bytes, 255 at most.

    Preamble of 8 symbols, explicit header, code rate 4/5; the low data rate optimization is on
    where a symbol takes 16 ms or more, as LoRaWAN has it (SF11 and SF12 at 125 kHz). Downlinks
    have no CRC.
    """
    symbol = symbol_us(sf, bw_hz)
    bits = 8 * n_bytes - 4 * sf + (44 if crc else 28)
    block = 4 * sf - 8 if symbol >= 16000 else 4 * sf
    symbols = 20  # preamble 8, sync and start of frame 4.25, header 8
    if bits > 0:
        symbols += (bits + block - 1) // block * 5
    return symbol * symbols + symbol // 4
