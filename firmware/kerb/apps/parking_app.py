"""Feeds kerb.apps.parking.Bay of each bay from its ranger, and keeps what outlives a reboot."""

import asyncio
import time

from kerb.apps.alarm import PartAlarm
from kerb.apps.parking_burst import NEAR_MM
from micropython import const

_POLL_MS = const(5)
# The supervisor wants to hear of us within 5 s, a technician's command sooner.
_MOST_NAP_MS, _MOST_SLEEP_MS = const(1000), const(3000)
# Two boards that ping in step would hear each other each time.
_JITTER_MS = const(31)
_AIR_EVERY_MS = const(30000)
_ALARM_S = const(300)
# A burst pulls a cold battery down for less than that.
_BATTERY_S = const(60)
_HYSTERESIS = const(33)  # of the voltage
# No battery that feeds a board has less than half of where it is low: a wire is off.
_TORN = const(2)
_MOST_MV = const(20460)
# A switch that was on again so soon would not be worth the waking up.
_SWITCH_OFF_MS = const(1500)
_STATES = {"free": False, "occupied": True, "unknown": None}


class App:
    """Measures one bay after the other, so that they don't hear each other; never blocks.

    bays: a Bay each; rangers: the ranger of each, as kerb.drivers.rangers. thermometer: begin(),
    poll(now_ms) and temperature_cdeg as a ranger's, or None. battery: read_mv(), or None;
    low_mv: below that it is told to be low.
    supply: on() and off(), the switch in the rangers' supply, or None, and wake_ms how long they
    take to be ready after on(). nap: coroutine that waits for so many ms between two bursts.
    """

    def __init__(
        self,
        bays,
        rangers,
        thermometer,
        battery,
        clock,
        store,
        send,
        log,
        low_mv=0,
        supply=None,
        wake_ms=0,
        nap=None,
    ):
        self._bays = bays
        self._rangers = rangers
        self._thermometer = thermometer
        self._battery = battery
        self._clock = clock
        self._store = store
        self._send = send
        self._log = log
        self._alarms = [PartAlarm("ranger", _ALARM_S) for _ in bays]
        self._low_mv = low_mv
        self._battery_alarm = PartAlarm("battery", _BATTERY_S)
        self.battery_mv = None
        self._supply = supply
        self._wake_ms = wake_ms
        self._on = supply is None
        self._nap = nap or asyncio.sleep_ms
        self._most_nap_ms = _MOST_SLEEP_MS if nap else _MOST_NAP_MS
        self._air_alarm = PartAlarm("temperature", _ALARM_S)
        now = time.ticks_ms()
        self._due = [now] * len(bays)
        self._at = None  # the bay that is being measured
        self._ping = 0
        self._pinging = False
        self._begun = self._next = now
        self._heard = []
        self._fault = None
        self._jitter = time.ticks_us() & _JITTER_MS
        self._air_due = now
        self._air_busy = False
        self.nap_ms = 0
        for number, bay in enumerate(bays):
            if rangers[number].smooths:
                bay.smoothed()
            record = store.get("bay%d" % number)
            if record:
                bay.floor.restore(record)

    def tick(self):
        """Goes on with what can be gone on with; nap_ms says when to come again."""
        now = time.ticks_ms()
        if self._at is None:
            # Between bursts: who reads a thermometer's bus can't look at an echo.
            self._look_at_air(now)
            self._pick(now)
        if self._at is not None:
            self._measure(now)

    def _pick(self, now):
        """Begins with the bay that is the latest, or waits for the first."""
        first = 0
        for number in range(len(self._due)):
            if time.ticks_diff(self._due[number], self._due[first]) < 0:
                first = number
        wait_ms = time.ticks_diff(self._due[first], now)
        if wait_ms > 0:
            self.nap_ms = min(wait_ms, self._most_nap_ms)
            return
        self._at = first
        self._ping = 0
        self._heard.clear()
        self._fault = None
        self._begun = self._next = now
        if not self._on:
            self._supply.on()
            self._on = True
            self._next = time.ticks_add(now, self._wake_ms)

    def _measure(self, now):
        ranger = self._rangers[self._at]
        if not self._pinging:
            wait_ms = time.ticks_diff(self._next, now)
            if wait_ms > 0:
                self.nap_ms = wait_ms
                return
            self._jitter = (self._jitter * 5 + 3) & _JITTER_MS
            self._next = time.ticks_add(now, ranger.every_ms + self._jitter)
            ranger.begin()
            self._pinging = True
            self.nap_ms = ranger.ready_ms
            return
        self.nap_ms = _POLL_MS
        if not ranger.poll(now):
            return
        self._pinging = False
        self._note(ranger)
        self._ping += 1
        if self._ping >= self._bays[self._at].burst:
            self._conclude(now)
            self.nap_ms = 0

    def _note(self, ranger):
        if not ranger.alive:
            self._fault = self._fault or ranger.fault
            return
        mm = ranger.distance_mm
        if mm is None and ranger.fault == "out_of_range":
            mm = NEAR_MM
        self._heard.append(mm)

    def _conclude(self, now):
        number, bay = self._at, self._bays[self._at]
        self._at = None
        if self._battery:
            # Between two measurements: what the rangers draw is not in it.
            self.battery_mv = min(_MOST_MV, self._battery.read_mv())
        cdeg = self._thermometer and self._thermometer.temperature_cdeg
        # A part that answered now and then has answered.
        fault = None if self._heard else self._fault or "no_answer"
        for kind, values in bay.step(now, self._heard, cdeg, fault):
            self._tell(kind, values)
        self._due[number] = time.ticks_add(self._begun, bay.wait_ms)
        self._keep(number)
        if self._supply and self._quiet_ms(now) >= _SWITCH_OFF_MS:
            self._supply.off()
            self._on = False
        self._look_for_faults(number)

    def _look_for_faults(self, number):
        uptime_s = self._clock.uptime_s()
        events = []
        self._alarms[number].look(uptime_s, self._bays[number].ailment, events)
        of_bay = len(events)
        if self._thermometer:
            self._air_alarm.look(uptime_s, self._thermometer.fault, events)
        if self._battery:
            self._battery_alarm.look(uptime_s, self._battery_fault(), events)
        for part, reason, active in events:
            values = {"part": part, "reason": reason, "active": active}
            if of_bay:
                values["bay"] = number
                of_bay = 0
            self._send("fault", values)

    def _battery_fault(self):
        low_mv = self._low_mv
        if self.battery_mv * _TORN < low_mv:
            return "out_of_range"
        if self._battery_alarm.active:
            low_mv += low_mv // _HYSTERESIS
        return "low" if self.battery_mv < low_mv else None

    def _quiet_ms(self, now):
        """How long until the next burst of any bay."""
        return min([time.ticks_diff(due, now) for due in self._due])

    def _tell(self, kind, values):
        if kind == "bay_report":
            mv = self.battery_mv
            values["battery_mv"] = None if mv is None or mv * _TORN < self._low_mv else mv
        self._send(kind, values)

    def report(self):
        """Sends how each bay is, now: a device that is asked for its status tells that, too."""
        for bay in self._bays:
            self._tell("bay_report", bay.values())

    def _keep(self, number):
        record = self._bays[number].floor.keep()
        if record and not self._store.put("bay%d" % number, record):
            self._log.warn("bay %d: its ground is not kept" % number)

    def _look_at_air(self, now):
        """The air's temperature, every half minute, to all rangers."""
        air = self._thermometer
        if not air:
            return
        if self._air_busy:
            if air.poll(now):
                self._air_busy = False
                for ranger in self._rangers:
                    ranger.temperature_cdeg = air.temperature_cdeg
        elif time.ticks_diff(now, self._air_due) >= 0:
            self._air_due = time.ticks_add(now, _AIR_EVERY_MS)
            air.begin()
            self._air_busy = True

    async def run(self, check_in):
        """Measures for ever; `check_in()` tells the supervisor that it still does."""
        while True:
            self.tick()
            check_in()
            # An echo may be due, but for the time in which a part wakes up.
            rests = self._at is None or not (self._ping or self._pinging)
            await (self._nap if rests else asyncio.sleep_ms)(self.nap_ms)

    def meet(self, peer):
        """A bay has nothing to say to its neighbours."""

    def command(self, name, values):
        """Obeys; gives (result, reason) as kerb.uplink.codec names them."""
        if name != "calibrate":
            return "unknown", "not_supported"
        number = values["bay"]
        if number >= len(self._bays):
            return "refused", "bad_payload"
        now = self._due[number] = time.ticks_ms()
        if not self._bays[number].calibrate(_STATES[values["state"]], now):
            return "refused", "not_yet"
        self._keep(number)
        return "ok", None
