"""MicroPython's _onewire on the virtual board: the same slots, on pins that behave.

Only in virtual time: slots of some microseconds are nothing for a process on this machine.
"""

from sim import chip


def reset(pin):
    """A reset pulse; whether a part answers with its presence."""
    pin.value(0)
    _wait(480)
    pin.value(1)
    _wait(70)
    answers = not pin.value()
    _wait(410)
    return answers


def readbit(pin):
    """One read slot."""
    pin.value(1)
    pin.value(0)
    _wait(6)
    pin.value(1)
    _wait(9)
    bit = pin.value()
    _wait(55)
    return bit


def writebit(pin, bit):
    """One write slot."""
    pin.value(0)
    _wait(6)
    if bit:
        pin.value(1)
    _wait(54)
    pin.value(1)
    _wait(10)


def readbyte(pin):
    """Eight read slots, lowest bit first."""
    byte = 0
    for i in range(8):
        byte |= readbit(pin) << i
    return byte


def writebyte(pin, byte):
    """Eight write slots, lowest bit first."""
    for i in range(8):
        writebit(pin, byte >> i & 1)


def _wait(us):
    chip.current().clock.sleep_us(us)
