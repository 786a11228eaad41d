"""A DALI control gear (IEC 62386-102) as pure logic: a forward frame in, an answer or None out.

The part of the standard that a street light controller uses: direct arc power, off, step, recall
and scene-less queries, the configuration of fade time and levels, and what a gear does when the
bus fails. Not there: addressing (random addresses), scenes, groups, memory banks.
Levels are arc power levels 0..254 on the standard's logarithmic curve; times are milliseconds.
"""

import math

YES = 0xFF
MASK = 0xFF
MIN_LEVEL = 1
MAX_LEVEL = 254
BUS_FAILURE_MS = 500  # a bus that is low for longer (102, 4.11): system failure level
_TWICE_MS = 100  # configuration commands count only when they come again within this
_BROADCAST = 0xFF


def percent(level):
    """Give the light in percent of an arc power level: 0.1 at 1, 100 at 254, 0 at 0."""
    return 10 ** ((level - 1) / (253 / 3) - 1) if level else 0.0


def fade_time_s(setting):
    """Give the seconds of a fade time setting 0..15 (102, table 6): 0 is none, 1 is 0.7 s."""
    return 0.0 if not setting else math.sqrt(2**setting) / 2


class Gear:
    """One gear. `address` 0..63, or None for one that hears broadcasts only.

    `lamp_failure` says that its lamp is open, `dead` that it hears and says nothing.
    """

    def __init__(self, address=None):
        self.address = address
        self.lamp_failure = False
        self.dead = False
        self.power_cycled = True
        self.min_level, self.max_level = MIN_LEVEL, MAX_LEVEL
        self.power_on_level = self.failure_level = MAX_LEVEL
        self.fade_setting = 0
        self.limit_error = False
        self.dtr0 = 0
        self._from = self._to = float(self.power_on_level)
        self._began_ms = self._fade_ms = 0
        self._heard = (None, 0)

    def level(self, now_ms):
        """Give the arc power level of this moment: fades run evenly in levels."""
        if now_ms - self._began_ms >= self._fade_ms:
            return round(self._to)
        part = (now_ms - self._began_ms) / self._fade_ms
        # A fade from or to off starts or ends at the least level (102, 9.5.2).
        begin = self._from or self.min_level
        end = self._to or self.min_level
        return round(begin + (end - begin) * part)

    def light_permille(self, now_ms):
        """Give the light of this moment in per-mille."""
        return 0.0 if self.lamp_failure or self.dead else percent(self.level(now_ms)) * 10

    def bus_failed(self, now_ms):
        """The bus was low for longer than BUS_FAILURE_MS."""
        if self.failure_level != MASK:
            self._go(self.failure_level, now_ms, fade=False)

    def power_up(self, now_ms):
        """Mains came back."""
        self._go(self.power_on_level, now_ms, fade=False)
        self.power_cycled = True

    def forward(self, frame, now_ms):
        """Take a 16-bit forward frame; gives the answer 0..255, or None for no answer."""
        if self.dead:
            return None
        address, data = frame >> 8, frame & 0xFF
        if address == 0xA3:  # DTR0 := data
            self.dtr0 = data
            return None
        if not self._is_mine(address):
            return None
        if not address & 1:
            if data != MASK:
                self._go(data, now_ms, fade=True)
            return None
        if data < 0x20:
            self._arc(data, now_ms)
            return None
        if data < 0x90:
            self._configure(frame, now_ms)
            return None
        return self._query(data, now_ms)

    def _is_mine(self, address):
        if address | 1 == _BROADCAST:
            return True
        return address < 0x80 and self.address is not None and address >> 1 == self.address

    def _go(self, level, now_ms, fade):
        now = self.level(now_ms)
        if level:
            wanted = level
            level = max(self.min_level, min(self.max_level, level))
            self.limit_error = level != wanted
        self._from, self._to, self._began_ms = float(now), float(level), now_ms
        self._fade_ms = round(fade_time_s(self.fade_setting) * 1000) if fade else 0
        self.power_cycled = False

    def _arc(self, data, now_ms):
        now = self.level(now_ms)
        steps = {0x00: 0, 0x05: self.max_level, 0x06: self.min_level}
        if data in steps:  # off, recall max, recall min: at once
            self._go(steps[data], now_ms, fade=False)
        elif data in (0x03, 0x08) and (now or data == 0x08):  # step up, on and step up
            self._go(min(self.max_level, max(now + 1, self.min_level)), now_ms, fade=False)
        elif data == 0x04 and now:  # step down, never off
            self._go(max(self.min_level, now - 1), now_ms, fade=False)

    def _configure(self, frame, now_ms):
        before, at_ms = self._heard
        self._heard = (frame, now_ms)
        if before != frame or now_ms - at_ms > _TWICE_MS:
            return
        self._heard = (None, 0)
        command = frame & 0xFF
        if command == 0x20:  # reset
            self.min_level, self.max_level = MIN_LEVEL, MAX_LEVEL
            self.power_on_level = self.failure_level = MAX_LEVEL
            self.fade_setting = 0
        elif command == 0x2A:
            self.max_level = max(self.min_level, min(MAX_LEVEL, self.dtr0))
        elif command == 0x2B:
            self.min_level = max(MIN_LEVEL, min(self.max_level, self.dtr0))
        elif command == 0x2C:
            self.failure_level = self.dtr0
        elif command == 0x2D:
            self.power_on_level = self.dtr0
        elif command == 0x2E:
            self.fade_setting = min(15, self.dtr0)

    def status(self, now_ms):
        """Give the answer to QUERY STATUS (102, table 16)."""
        bits = (
            False,  # bit 0: the gear itself failed
            self.lamp_failure,
            self.level(now_ms) > 0 and not self.lamp_failure,
            self.limit_error,
            now_ms - self._began_ms < self._fade_ms,
            False,  # bit 5: still in the state after a reset
            self.address is None,
            self.power_cycled,
        )
        return sum(1 << place for place, is_set in enumerate(bits) if is_set)

    def _query(self, command, now_ms):
        level = self.level(now_ms)
        values = {
            0x90: self.status(now_ms),
            0x91: YES,
            0x92: YES if self.lamp_failure else None,
            0x93: YES if level and not self.lamp_failure else None,
            0x94: YES if self.limit_error else None,
            0x96: YES if self.address is None else None,
            0x97: 8,  # version 2.0
            0x98: self.dtr0,
            0x99: 6,  # device type: LED module
            0xA0: MASK if self.lamp_failure and level else level,
            0xA1: self.max_level,
            0xA2: self.min_level,
            0xA3: self.power_on_level,
            0xA4: self.failure_level,
            0xA5: self.fade_setting << 4 | 7,
        }
        return values.get(command)


class Bus:
    """Several gears on two wires: `forward` gives a byte, None for silence, or GARBLED when
    answers that differ were sent at once. (Equal ones from gears of unequal speed garble, too;
    these are of equal speed.)
    """

    GARBLED = -1

    def __init__(self, *gears):
        self.gears = gears
        self.held_low = False

    def forward(self, frame, now_ms):
        if self.held_low:
            return None
        answers = {gear.forward(frame, now_ms) for gear in self.gears} - {None}
        if len(answers) > 1:
            return self.GARBLED
        return answers.pop() if answers else None
