"""A satellite receiver on a serial line: tells fixes, sleeps, and finds its rate by itself."""

import time

from micropython import const

from kerb.drivers import fixes, receivers
from kerb.drivers.nmea import Nmea
from kerb.system.clock import FIRST_DAY
from kerb.system.schema import Choice

SCHEMA = {"receiver": Choice(receivers.KINDS, default="ublox")}
SCHEMA.update(fixes.SCHEMA)

BAUD = const(9600)
RX_BYTES = const(1024)  # a second at 9600

_CHUNK = const(64)
# One second between two bursts; from sleep to the first sentence up to one and a half.
_DWELL_MS = const(2500)
# Three bursts are gone, and it is asked whether it is still there.
_LOST_MS = const(3500)
_DOZES_MS = const(3000)
_LONG_MS = const(60000)
_ASKS = const(4)
_ROLL_DAYS = const(7168)  # GPS numbers 1024 weeks, and begins again


class Gnss:
    """The receiver behind `port`, a kerb.hal.serial.Serial at BAUD with RX_BYTES (it has any(),
    read_into(), write() and set_baud()), by a config with the keys of SCHEMA.

    supply: an output that switches its power, or None: then it sleeps by command. It begins
    asleep as far as this knows; wake() has it work.

    fix: a kerb.drivers.fixes.Fix of the newest epoch, or None, and `reason` why not: as Gate has
    them, "asleep", or "no_answer" and "garbled" as `fault` has them.
    last: the newest Fix that there was. alive: sentences come. baud: the rate that is listened at.
    fault: None; "no_answer": at no rate anything came; "garbled": at no rate a whole sentence;
    "sleepless": it goes on talking after it was told to sleep four times.
    nmea: what it says, kerb.drivers.nmea.Nmea, with the counts of what was cut or wrong.

    Nothing that comes raises or is waited for.
    """

    def __init__(self, port, cfg, supply=None):
        self._port = port
        self._kind = cfg["receiver"]
        self._supply = supply
        self._gate = fixes.Gate(cfg)
        self._chunk = bytearray(_CHUNK)
        self.nmea = Nmea()
        self.baud = BAUD
        self.awake = self.alive = False
        self.fix = self.fault = None
        self.reason = "asleep"
        self._rate = self._rates = self._asks = self._sleep_s = 0
        self._since_ms = time.ticks_ms()
        self._heard = self._heard_ever = self._is_old = False

    @property
    def last(self):
        """The newest Fix that there was, or None."""
        return self._gate.fix

    def wake(self, now_ms):
        """Has it work, and tells it what to say as soon as it is heard."""
        self.awake = True
        self.alive = self._heard = self._heard_ever = False
        self.fix = self.fault = None
        self.reason = "no_fix"
        self._rates = 0
        self._since_ms = now_ms
        if self._supply:
            self._supply.on()
        self._drop()
        self._port.write(receivers.wake(self._kind))

    def sleep(self, now_ms, seconds=0):
        """Has it sleep; it wakes by itself after `seconds`, where that is not 0 and it is able to,
        and by wake(). What it knows of the satellites it keeps while it has power.
        """
        self.awake = self.alive = False
        self.fix = None
        self.reason = "asleep"
        self._sleep_s = seconds
        self._asks = 0
        self._doze(now_ms)

    def start(self, how):
        """Has it begin anew: "hot", "warm" or "cold". ValueError for another word."""
        self._port.write(receivers.start(self._kind, how))

    def utc(self):
        """(day, second) of the newest epoch, None unless it has a fix and a date.

        A receiver that has counted 1024 weeks too few is put right.
        """
        fix = self.fix
        if fix is None or fix.day is None:
            return None
        day = fix.day
        while day < FIRST_DAY:
            day += _ROLL_DAYS
        return day, fix.second

    def poll(self, now_ms):
        """Takes in what has come; True when an epoch was complete, and fix or reason is new."""
        new = False
        before = self.nmea.sentences
        taken = 0
        while taken < RX_BYTES:
            count = self._port.read_into(self._chunk)
            if not count:
                break
            taken += count
            if self.nmea.feed(self._chunk, count):
                new = True
        if not self.awake:
            self._watch_sleep(now_ms, self.nmea.sentences != before)
            return False
        if taken:
            self._heard = self._heard_ever = True
        if self.nmea.sentences != before:
            self._since_ms = now_ms
            if not self.alive:
                self.alive = True
                self.fault = None
                self._port.write(receivers.sentences(self._kind))
        elif time.ticks_diff(now_ms, self._since_ms) >= (_LOST_MS if self.alive else _DWELL_MS):
            self._lost(now_ms)
        if new:
            self.fix = self._gate.judge(self.nmea, now_ms)
            self.reason = self._gate.reason
        return new

    def _lost(self, now_ms):
        """Nothing that is a sentence has come for too long: perhaps it does at the next rate."""
        self._since_ms = now_ms
        if self.alive:
            self.alive = False
            self._rates = 0
            self._heard_ever = False
        elif self._rates or self._heard:
            # At first it may just have slept on.
            self._rate = (self._rate + 1) % len(receivers.BAUDS)
            self.baud = receivers.BAUDS[self._rate]
            self._port.set_baud(self.baud)
        self._rates += 1
        if self._rates > len(receivers.BAUDS):
            self._rates = 1
            self.fault = "garbled" if self._heard_ever else "no_answer"
            self._heard_ever = False
        self._heard = False
        self.fix = None
        self.reason = self.fault or "no_fix"
        self._port.write(receivers.wake(self._kind))
        # One that says something else than NMEA's sentences is told here.
        self._port.write(receivers.sentences(self._kind))

    def _doze(self, now_ms):
        self._since_ms = now_ms
        if self._supply:
            self._supply.off()
        else:
            self._asks += 1
            self._port.write(receivers.sleep(self._kind, self._sleep_s, self._is_old))

    def _watch_sleep(self, now_ms, talks):
        """A receiver that does not sleep empties the battery in days."""
        if not talks or not self._asks or self._supply:
            return
        passed_ms = time.ticks_diff(now_ms, self._since_ms)
        if passed_ms < _DOZES_MS:
            return
        if passed_ms > _LONG_MS:
            # It did, and its time is over.
            self._asks = 0
        elif self._asks % 2:
            # Perhaps it knows the other form of the command.
            self._is_old = not self._is_old
        if self._asks >= _ASKS:
            self.fault = "sleepless"
        self._doze(now_ms)

    def _drop(self):
        """Forgets what came while it was not listened to."""
        for _ in range(RX_BYTES // _CHUNK + 1):
            if not self._port.read_into(self._chunk):
                break
