"""LD2410, a radar of 24 GHz that tells whether somebody moves or stands within 6 m, and how far.

Format: Hi-Link, LD2410B serial protocol V1.06. A report is F4 F3 F2 F1, length (2), 02 (01 with
more after the basics), AA, the basics, 55, 00, F8 F7 F6 F5. The basics are the state (bit 0 moves,
bit 1 stands still), distance in cm (2) and energy of what moves, the same of what stands, and a
distance (2). The part keeps its state for some seconds after the last that it saw (5 from the
works), and sees through all of its 60 degrees and more: it can't tell who is about to cross.
"""

from kerb.drivers.hilink import END, ENABLE, HiLink, command
from micropython import const

_LONGEST = const(45)  # with the energies of all gates
_COMMANDS = (ENABLE, command(0x63), END)  # 63: the basics only
_BASICS = const(23)  # length of the shortest report
_FAR_CM = const(800)


class Ld2410(HiLink):
    """The part behind `port`; see HiLink for alive, fault and the rest.

    present: "moving", "still" or "none"; None while the part is not alive.
    moving_mm, still_mm: how far what moves and what stands is; None when there is none.
    """

    def __init__(self, port):
        head, tail = b"\xf4\xf3\xf2\xf1", b"\xf8\xf7\xf6\xf5"
        super().__init__(port, head, tail, 0, _LONGEST, _COMMANDS)
        self.present = self.moving_mm = self.still_mm = None

    def _size(self, have):
        size = super()._size(have)
        frame = self._frame
        if size and frame[0] == self._head[0] and have >= size and have > 7:
            if size < _BASICS or not 1 <= frame[6] <= 2 or frame[7] != 0xAA or frame[8] > 3:
                return 0
            if frame[size - 6] != 0x55:
                return 0
        return size

    def _lost(self):
        self.present = self.moving_mm = self.still_mm = None

    def _report(self):
        frame = self._frame
        self.moving_mm = self.still_mm = None
        self.present = "none"
        cm = frame[12] | frame[13] << 8
        if frame[8] & 2 and cm <= _FAR_CM:
            self.present = "still"
            self.still_mm = cm * 10
        cm = frame[9] | frame[10] << 8
        # A part that latches its energies tells of somebody at no distance (esphome issue 17622).
        if frame[8] & 1 and 0 < cm <= _FAR_CM:
            self.present = "moving"
            self.moving_mm = cm * 10
