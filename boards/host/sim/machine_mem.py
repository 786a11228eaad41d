"""machine.mem32, with the registers of the RP2040 that firmware uses: the watchdog's scratch."""

from sim import chip

_SCRATCH0 = 0x4005800C
_SCRATCHES = 8


class _Memory:
    def __getitem__(self, address):
        return chip.current().scratch.get(_number(address), 0)

    def __setitem__(self, address, value):
        here = chip.current()
        number = _number(address)
        here.scratch[number] = value & 0xFFFFFFFF
        here.tell("scratch", number, here.scratch[number])


def _number(address):
    number, rest = divmod(address - _SCRATCH0, 4)
    if rest or not 0 <= number < _SCRATCHES:
        raise ValueError("the virtual board has no register at 0x%08x" % address)
    return number


mem32 = _Memory()
