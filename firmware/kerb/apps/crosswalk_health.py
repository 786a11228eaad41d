"""What is wrong with a crosswalk's pole, from what its parts can tell: raised once, cleared once.

The parts themselves say within two seconds that they fail; it is told at once, and that they are
well again when they have been for a while. What can't be judged just now neither raises nor
clears.
"""

import time

from kerb.system.schema import Bool, Int, Obj
from micropython import const

SCHEMA = {
    # Left out, the pole has no battery, or its voltage is not measured.
    "battery": Obj(
        {
            "low_mv": Int(1000, 60000),
            # From here on it is full, and whether it is charged is no question.
            "full_mv": Int(1000, 60000),
        },
        optional=True,
    ),
    # Whether the charger's "charging" output is connected.
    "charger": Bool(default=False),
}

_WELL_MS = const(10000)
_LIT_MS = const(2000)
# Nobody pushes so long; from then on it is a bag that leans on it, ice, or a short circuit.
_HELD_MS = const(60000)
# Nobody drums so often in a minute; a wet or worn contact does.
_MINUTE_MS = const(60000)
_DRUMS = const(160)
_MASK = const(0xFFFF)
# Flashes pull the voltage down for less than that.
_LOW_MS = const(1000)
_HYSTERESIS = const(50)  # of the voltage
# No real battery that feeds a board has less than a half of where it counts as low.
_TORN = const(2)
_RESTED_MS = const(60000)
_HOUR_MS = const(3600000)
# Nobody stands at a kerb for so long before a beacon that flashes for him; a ghost does, and a
# radar that is latched. What flashes on between two looks at nobody has not ended.
_ENDLESS_MS = const(300000)
_NOBODY_MS = const(20000)
# Longer than a winter's night of 60 degrees north, and a dark day in it.
_DARK_H = const(42)


def check(cfg):
    """What the schema cannot say: a list of errors of a config that satisfies SCHEMA."""
    battery = cfg["battery"]
    if battery:
        low, full = battery["low_mv"], battery["full_mv"]
        least = low + low // _HYSTERESIS + 1
        if full < least:
            text = "crosswalk.battery.full_mv: found %d, allowed: %d to 60000 (low_mv %d)"
            return [text % (full, least, low)]
    elif cfg["charger"]:
        return ["crosswalk.charger: found true without crosswalk.battery, allowed: both"]
    return []


class _Watch:
    """One part that may be wrong for a reason, and for one at a time."""

    def __init__(self, part, raise_ms, clear_ms):
        self._part = part
        self._raise_ms = raise_ms
        self._clear_ms = clear_ms
        self._since_ms = None
        self.reason = None  # why it is wrong, as the city was told

    def look(self, now_ms, reason, events):
        """Takes the reason why it is wrong now, None for none; may add events."""
        if reason == self.reason:
            self._since_ms = None
            return
        if self._since_ms is None:
            self._since_ms = now_ms
        hold_ms = self._raise_ms if reason else self._clear_ms
        if time.ticks_diff(now_ms, self._since_ms) < hold_ms:
            return
        self._since_ms = None
        if self.reason:
            events.append((self._part, self.reason, False))
        if reason:
            events.append((self._part, reason, True))
        self.reason = reason


class Health:
    """Watches one pole; cfg has the keys of this SCHEMA.

    Of each part one reason is raised at a time: a radar that falls silent after it babbled is no
    longer `garbled`, but `no_answer`.

    stuck: the radar of people has told for 5 min without end of somebody who wants to cross, and
    nobody crossed; it is until it has told of nobody for 20 s.
    """

    def __init__(self, cfg):
        self._battery_cfg = cfg["battery"]
        self._has_charger = cfg["charger"]
        self._radar = _Watch("radar", 0, _WELL_MS)
        self._car_radar = _Watch("car_radar", 0, _WELL_MS)
        self._button = _Watch("button", 0, _WELL_MS)
        self._light = _Watch("light_sensor", 0, _WELL_MS)
        self._beacon = _Watch("beacon", 0, _LIT_MS)
        self._battery = _Watch("battery", _LOW_MS, _RESTED_MS)
        self._charger = _Watch("battery", 0, 0)
        self._peer = _Watch("peer", 0, 0)
        self._twin = _Watch("peer", 0, 0)
        self._dark_h = 0
        self._hour_ms = None
        self._wishes_ms = None  # since when the radar tells of somebody
        self._wished_ms = self._crossed = 0
        self._pushes = self._minute_ms = 0
        self._drums = False
        self.stuck = False
        self._events = []

    def believe(self, now_ms, reason, pedestrians=0):
        """What is to be believed of the radar's reason to flash: `reason`, or None while `stuck`.

        reason: None for nobody. pedestrians: a count of those whom it saw step onto the road; it
        begins the five minutes anew. To be called more often than every second; allocates nothing.
        """
        if reason:
            self._wished_ms = now_ms
            if self._wishes_ms is None or pedestrians != self._crossed:
                self._wishes_ms = now_ms
                self._crossed = pedestrians
            elif time.ticks_diff(now_ms, self._wishes_ms) >= _ENDLESS_MS:
                self.stuck = True
        elif self._wishes_ms is not None:
            if time.ticks_diff(now_ms, self._wished_ms) >= _NOBODY_MS:
                self._wishes_ms = None
                self.stuck = False
        return None if self.stuck else reason

    def step(
        self,
        now_ms,
        radar_fault=None,
        car_fault=None,
        button_held_ms=0,
        beacon_fault=None,
        battery_mv=None,
        charging=None,
        pair=None,
        light_fault=None,
        pushes=0,
    ):
        """Takes what is known now; gives [(part, reason, active)], used again with each call.

        radar_fault, car_fault, beacon_fault: the drivers' words, None for well; light_fault: the
        dimmer's. button_held_ms: for how long it has been down, 0 for not; pushes: how many there
        have been, modulo 65536. battery_mv, charging: None when that is not known. pair: a
        kerb.apps.pair.Pair, or None. To be called every second or more often.
        """
        events = self._events
        events.clear()
        self._radar.look(now_ms, radar_fault or ("stuck" if self.stuck else None), events)
        self._car_radar.look(now_ms, car_fault, events)
        if time.ticks_diff(now_ms, self._minute_ms) >= _MINUTE_MS:
            self._drums = (pushes - self._pushes & _MASK) >= _DRUMS
            self._pushes = pushes
            self._minute_ms = now_ms
        stuck = button_held_ms >= _HELD_MS or self._drums
        self._button.look(now_ms, "stuck" if stuck else None, events)
        self._light.look(now_ms, light_fault, events)
        self._beacon.look(now_ms, beacon_fault, events)
        if self._battery_cfg and battery_mv is not None:
            self._battery.look(now_ms, self._judge(battery_mv), events)
        if self._has_charger:
            self._look_at_charger(now_ms, battery_mv, charging, events)
        if pair:
            self._peer.look(now_ms, "lost" if pair.lost else None, events)
            self._twin.look(now_ms, "same_pole" if pair.twin else None, events)
        return events

    def _judge(self, mv):
        low_mv = self._battery_cfg["low_mv"]
        if mv < low_mv // _TORN:
            return "out_of_range"  # a torn wire
        if self._battery.reason == "low":
            low_mv += low_mv // _HYSTERESIS
        return "low" if mv < low_mv else None

    def _look_at_charger(self, now_ms, battery_mv, charging, events):
        if self._hour_ms is None:
            self._hour_ms = now_ms
        full = battery_mv is not None and battery_mv >= self._battery_cfg["full_mv"]
        if charging or full:
            self._dark_h = 0
            self._hour_ms = now_ms
        elif time.ticks_diff(now_ms, self._hour_ms) >= _HOUR_MS:
            self._hour_ms = time.ticks_add(self._hour_ms, _HOUR_MS)
            self._dark_h = min(self._dark_h + 1, _DARK_H)
        wrong = self._dark_h >= _DARK_H
        self._charger.look(now_ms, "supply_loss" if wrong else None, events)
