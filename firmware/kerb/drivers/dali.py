"""A lamp whose control gear listens on a DALI bus (IEC 62386-101 and -102).

The bus is the controller's alone: no other may send on it. Soft changes of light are the
controller's too (kerb.apps.ramp): each level is a DAPC frame of its own, and the gear's fade time
stays at 0, as it comes from the factory. With another fade time the light only lags.

If the bus loses its supply, gear goes to its SYSTEM FAILURE LEVEL, full light from the factory.
"""

import time
from array import array

from kerb.drivers import dali_frames as frames
from kerb.drivers.lamp import arc_level, curve_permille, least_arc
from micropython import const

_MASK = const(255)
_QUERY_STATUS = const(0x90)
_QUERY_LAMP_FAILURE = const(0x92)
_QUERY_ACTUAL_LEVEL = const(0xA0)
# Own frame 15 ms with what is before it, silence to 12.4, answer to 8.4, stop condition 2.4.
_WINDOW_US = const(42000)
# 13.5 ms of settling time after each frame, from its beginning.
_BUSY_MS = const(30)
_BUSY_ASKED_MS = const(52)
# An answer begins 5.5 to 10.5 ms after the end of the question, 2.9 to 9.2 in the first edition;
# receivers take 2.4 to 12.4. The last half bit may belong to it.
_GAP_MIN_US = const(2000)
_GAP_MAX_US = const(13000)
_HELD_US = const(10000)
_EVERY_MS = const(5000)
_BELIEVE = const(3)


def bus_of(board):
    """The bus of a board that has one, for DaliLamp."""
    return board.dali_bus(frames.HALF_BIT_NS, frames.TICKS, _WINDOW_US)


class Gear:
    """What the control gear last said of itself.

    lamp_failure: True, False, or None when it is not known. failure: likewise, of the gear itself.
    level_permille: the light that it says to give; None until it has said so since the last
    change, and while its lamp fails.
    fault: None, or why there are no answers: "no_answer", "garbled", "bus_low" or "failed" (what
    is sent does not get onto the bus). What is known holds until three questions in a row had no
    good answer.
    """

    def __init__(self):
        self._bad = 0
        self._failing = 0
        self.forget(None)

    def forget(self, fault):
        """Nothing is known any more, for this reason."""
        self.lamp_failure = self.failure = self.level_permille = None
        self.fault = fault

    def good(self):
        """An answer that can be read."""
        self._bad = 0
        self.fault = None

    def bad(self, fault):
        """None."""
        self._bad += 1
        if self._bad >= _BELIEVE:
            self.forget(fault)

    def somebody_says_failure(self, yes):
        """Of several gears at once, whose answers can't be told apart."""
        self._failing = self._failing + 1 if yes else 0
        if not yes or self._failing >= _BELIEVE:
            self.lamp_failure = yes


class DaliLamp:
    """Sets the lamp by direct arc power control, and asks its gear how it is.

    bus: of bus_of(). address: the gear's short address 0..63, or None for all gear on the bus; of
    several it is then known only whether one has a lamp failure. min_permille: between this and
    off there is nothing.

    permille: the output that was set last; None before the first. gear: a Gear.

    Call poll() once a second, or more often while levels change.
    """

    def __init__(self, bus, address=None, min_permille=0):
        self._send, self._ear = bus
        self._address = 0xFE if address is None else address << 1
        self._least = least_arc(min_permille)
        self._levels = bytearray(frames.TICKS)
        self._runs = array("H", bytes(160))
        self._level = self._arc = None
        self._stale = False
        self._sent_ms = 0
        self._busy_ms = 0
        self._asked = 0  # the frame whose answer is to come
        self._fading = 0
        self._next = _QUERY_STATUS
        self._asked_ms = time.ticks_add(time.ticks_ms(), -_EVERY_MS)
        self.gear = Gear()
        self.permille = None

    def set_permille(self, level_permille):
        """Light at `level_permille` (0 off .. 1000 full) of full output, clipped to that range.

        It goes out at once if the bus is free, else with the next call of this or of poll().
        """
        if level_permille != self._level:
            self._level = level_permille
            self._set_arc(arc_level(level_permille, self._least))
        if self._stale and self._is_free():
            self._put_level()

    def _set_arc(self, arc):
        if arc != self._arc:
            self._arc = arc
            self.permille = round(curve_permille(arc))
            self._stale = True
            self.gear.level_permille = None
            if self._asked & 0xFF == _QUERY_ACTUAL_LEVEL:
                self._asked = 0

    def safe(self):
        """Full light, sent before this returns and for certain: twice, some 100 ms in all."""
        if self.permille == 1000 and not self._stale:
            self.poll()
            return
        self.set_permille(1000)
        for _ in range(2):
            while not self._is_free():
                time.sleep_ms(1)
            self._put_level()
        self._asked = 0

    def poll(self):
        """Sends what has to be sent again, asks every 5 s, and takes the answer to that."""
        if self._asked and self._ear.ready():
            asked, self._asked = self._asked, 0
            self._take(asked)
        if not self._is_free():
            return
        if self._stale:
            self._put_level()
        elif time.ticks_diff(time.ticks_ms(), self._asked_ms) >= _EVERY_MS:
            self._ask(self._next)

    def _is_free(self):
        if self._busy_ms and time.ticks_diff(time.ticks_ms(), self._sent_ms) >= self._busy_ms:
            self._busy_ms = 0
        return not self._busy_ms

    def _put_level(self):
        frames.encode(self._address << 8 | self._arc, self._levels)
        self._sent_ms = time.ticks_ms()
        self._busy_ms = _BUSY_MS
        self._stale = False
        self._send.send(self._levels)
        self._sent_ms = time.ticks_ms()  # a garbage collection may have come before the frame

    def _ask(self, query):
        frame = (self._address | 1) << 8 | query
        frames.encode(frame, self._levels)
        self._sent_ms = self._asked_ms = time.ticks_ms()
        self._busy_ms = _BUSY_ASKED_MS
        self._asked = frame
        self._ear.start(self._send.send, self._levels)
        self._sent_ms = time.ticks_ms()

    def _ask_soon(self, query):
        self._next = query
        self._asked_ms = time.ticks_add(time.ticks_ms(), -_EVERY_MS)

    def _take(self, asked):
        """Judges the answer to a frame."""
        gear = self.gear
        value, fault = self._answer(asked)
        query = asked & 0xFF
        self._next = _QUERY_STATUS
        if query == _QUERY_LAMP_FAILURE:
            if fault is None or fault == "no_answer" or fault == "garbled":
                gear.good()
                gear.somebody_says_failure(fault != "no_answer")
                return
        if fault == "garbled" and query == _QUERY_STATUS and self._address == 0xFE:
            # Several spoke at once. That one of them says yes can be heard all the same.
            self._ask_soon(_QUERY_LAMP_FAILURE)
        elif fault is not None:
            gear.bad(fault)
            self._stale = self._arc is not None  # it may hear what we can't
            if gear.fault is None:
                self._ask_soon(query)
        elif query == _QUERY_STATUS:
            gear.good()
            gear.failure = bool(value & 1)
            gear.lamp_failure = bool(value & 2)
            self._fading = value & 0x10
            self._ask_soon(_QUERY_ACTUAL_LEVEL)
        else:
            gear.good()
            gear.level_permille = None if value == _MASK else round(curve_permille(value))
            # It missed a frame, it lost its mains, or its own limits are narrower. One that fades
            # by a fade time of its own is left to it, or it would begin anew each time.
            if value != self._arc and value != _MASK and self._arc is not None:
                self._stale = not self._fading

    def _answer(self, asked):
        """(0..255, None), or (None, why there is none)."""
        runs = self._runs
        count = self._ear.runs(runs)
        if count % 2 == 0 and runs[count - 1] >= _HELD_US:
            return None, "bus_low"
        if count < 2:
            return None, "failed"
        bits, value, at = frames.decode(runs, count, 1)
        if bits != 16 or value != asked:
            return None, "garbled"
        if at >= count:
            return None, "no_answer"
        gap_us = runs[at - 1]
        bits, value, at = frames.decode(runs, count, at)
        if bits != 8 or at < count or not _GAP_MIN_US <= gap_us <= _GAP_MAX_US:
            return None, "garbled"
        return value, None
