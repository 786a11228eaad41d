"""Two DALI wires with control gear, on the pins of the virtual board.

    bus = Bus(w, Gear(address=5))

Both ways there is an optocoupler that inverts, as the boards' READMEs have it: a high `tx` pulls
the bus low, a low bus lets the pull-up raise `rx`. The bus reads what is sent by its edges, with
the limits that IEC 62386-101 sets for a sender (half a bit is 366.7 to 466.7 us, a whole one 733.3
to 933.3), and notes in `faults` whatever is outside of them.
"""

import board
import world
from kerb.drivers import dali

_ANSWER_AFTER_US = 8000  # 5.5 to 10.5 ms after the end of the frame


class Gear:
    """A control gear without fades; `light` is its arc power level."""

    def __init__(self, address=None):
        self.address = address
        self.light = 254
        self.lamp_failure = self.failure = self.fading = self.dead = False
        self.heard = []

    def forward(self, frame):
        """The answer to a frame, or None."""
        address, data = frame >> 8, frame & 0xFF
        mine = address | 1 == 0xFF or address >> 1 == self.address
        if self.dead or not mine:
            return None
        self.heard.append(frame)
        if not address & 1:
            if data != 255:
                self.light = data
            return None
        if data == 0x90:
            on = 4 if self.light and not self.lamp_failure else 0
            return self.failure | self.lamp_failure << 1 | on | self.fading << 4
        if data == 0x91:
            return 0xFF
        if data == 0x92:
            return 0xFF if self.lamp_failure else None
        if data == 0xA0:
            return 255 if self.lamp_failure and self.light else self.light
        return None


class Bus:
    """frames: (time_us, value) of all that was sent whole. edges: (time_us, level), the last 100.

    To be changed by a test: after_us, half_us: when and how fast gear answers. deaf: the
    interface's receiver shows an idle bus, whatever happens. mangle(halves): gives what becomes of
    an answer's half bits.
    """

    def __init__(self, w, *gears, tx=16, rx=17):
        self.w = w
        self.gears = gears
        self.frames = []
        self.edges = []
        self.faults = []
        self.after_us = _ANSWER_AFTER_US
        self.half_us = 417
        self.held_low = self.deaf = False
        self.mangle = None
        self._rx = rx
        self._sent = 1  # what the controller makes of the bus
        self._answered = 1  # and what the gear does
        self._halves = []
        self._edge_us = -20000
        self._end = None
        w.pull(rx, "up")
        self._show()
        w.watch(tx, self._on_tx)
        self._sent = 1

    def hold_low(self, low=True):
        """A short on the bus, or its supply gone."""
        self.held_low = low
        self._show()

    def _show(self):
        low = self.held_low or not self._sent or not self._answered
        self.w.drive(self._rx, int(low and not self.deaf))

    def _on_tx(self, level, us):
        self._sent = 1 - level
        self.edges.append((us, self._sent))
        if len(self.edges) > 100:
            self.edges.pop(0)
        self._show()
        if self._halves:
            self._take(us - self._edge_us, 1 - self._sent)
        elif not self._sent:
            self._halves = [None]  # a frame has begun
            if us - self._edge_us < 13500:
                self.faults.append((us, "too soon after the last frame"))
        self._edge_us = us
        self.w.cancel(self._end)
        self._end = self.w.after_us(2400, self._ended)

    def _take(self, us, level):
        if 366 <= us <= 467:
            self._halves.append(level)
        elif 733 <= us <= 934:
            self._halves += [level, level]
        else:
            self.faults.append((self._edge_us, us))

    def _ended(self):
        halves, self._halves = self._halves[1:], []
        if not self._sent:
            self.faults.append((self._edge_us, "ends low"))
        if len(halves) % 2:
            halves.append(1)
        pairs = [(halves[i], halves[i + 1]) for i in range(0, len(halves), 2)]
        if len(pairs) != 17 or pairs[0] != (0, 1) or any(a == b for a, b in pairs):
            self.faults.append((self._edge_us, "no frame"))
            return
        value = 0
        for _, bit in pairs[1:]:
            value = value << 1 | bit
        # The stop condition is behind us.
        self.frames.append((self._edge_us, value))
        if self.held_low:
            return
        answers = [gear.forward(value) for gear in self.gears]
        answers = [answer for answer in answers if answer is not None]
        if answers:
            self._answer(answers)

    def _answer(self, answers):
        # Who answers at the same time pulls the bus low together.
        sums = [1] * 18
        for answer in answers:
            for place in range(9):
                bit = (answer | 0x100) >> (8 - place) & 1
                sums[2 * place] &= 1 - bit
                sums[2 * place + 1] &= bit
        if self.mangle:
            sums = self.mangle(sums)
        at_us = self.after_us - 2400
        for level in sums + [1]:
            self.w.after_us(at_us, self._pull, level)
            at_us += self.half_us

    def _pull(self, level):
        self._answered = level
        self._edge_us = self.w.now_us()
        self._show()


def street(*gears, **settings):
    """(a new world, the Bus with its gear in it, a DaliLamp on it)."""
    w = world.World()
    bus = Bus(w, *gears)
    return w, bus, dali.DaliLamp(dali.bus_of(board), **settings)


def polls(w, lamp, seconds):
    """Polls the lamp once a second."""
    for _ in range(seconds):
        lamp.poll()
        w.advance_ms(1000)
