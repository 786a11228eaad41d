"""Frames of an HLW8032, for tests: what the chip sends at given values."""

CALIBRATION = (192200, 16230, 5317000)  # of a chip that was seen: voltage, current, power


def frame(
    voltage_v=230.0,
    current_a=0.261,
    power_w=60.0,
    pulses=0,
    state=0x55,
    done=0x71,
    divider=1880,
    shunt_uohm=1000,
    calibration=CALIBRATION,
):
    """24 bytes; a value of None has the longest period."""
    scale = (divider / 1000, 1000 / shunt_uohm, divider / shunt_uohm)
    data = bytearray()
    for known, value, factor in zip(calibration, (voltage_v, current_a, power_w), scale):
        period = min(0xFEFF01, int(known * factor / value + 0.5)) if value else 0xFEFF01
        for number in (known, period):
            data += bytes((number >> 16, number >> 8 & 255, number & 255))
    data += bytes((done, pulses >> 8 & 255, pulses & 255))
    return bytes((state, 0x5A)) + bytes(data) + bytes((sum(data) & 255,))
