"""Commands to one, to a group and to all take different ways: the end must not depend on them."""

import random

from kerb.apps import light
from kerb.apps.light_app import App, Parts
from kerb.devices import light as device
from kerb.system import schema
from kerb.system.counters import Counters
from kerb.system.timezone import Zone

DAY = 9822  # 2026-11-22
EVENING_S = 12 * 3600  # 21:00 in Busan
NOW_S = DAY * 86400 + EVENING_S

STEPS = (
    [["clock", 1320, 500]],
    [["clock", 1320, 300], ["clock", 300, 900]],
    [["midnight", -120, 200], ["midnight", 120, 700]],
    [["sunset", 60, 800]],
)


class Store:
    def __init__(self):
        self.records = {}

    def get(self, name):
        return self.records.get(name)

    def put(self, name, data):
        self.records[name] = data
        return True


class Lamp:
    def set_permille(self, level_permille):
        pass

    def safe(self):
        pass


class Log:
    def warn(self, *what):
        raise AssertionError(what)


class Device:
    """A light app, by a clock that is set by hand; its flash outlives reboot()."""

    def __init__(self):
        self.store = Store()
        self.now_s = 0  # after EVENING_S
        self.reboot()
        self.started_s = -random.randint(0, 100000)

    def reboot(self):
        self.started_s = self.now_s
        cfg, errors = schema.validate(device.schema(), {"ramp_s": 0})
        assert not errors
        counters = Counters(self.store, "energy", 3)
        decides = light.Light(cfg, 351800000, 1290800000, Zone("KST-9"), counters)
        self.app = App(cfg, decides, Parts(Lamp()), self, self.store, self._send, Log())

    def _send(self, kind, values):
        pass

    # The clock.
    def uptime_s(self):
        return self.now_s - self.started_s

    def now(self):
        second = EVENING_S + self.now_s
        return DAY + second // 86400, second % 86400

    def trusted(self):
        return True

    def level(self):
        self.app.tick()
        return self.app._light.level


def drawn():
    """A command of any sort, given within the last quarter of an hour."""
    values = {"id": random.randint(0, 99), "issued_s": NOW_S - random.randint(0, 9) ** 3}
    name = ("set_level", "clear_override", "set_schedule", "clear_schedule")[random.randint(0, 3)]
    if name == "set_level":
        values["level_permille"] = random.randint(0, 10) * 100
        values["for_s"] = random.randint(1, 36000)
    elif name == "set_schedule":
        values["steps"] = STEPS[random.randint(0, len(STEPS) - 1)]
    return name, values


def shuffled(items):
    items = list(items)
    for at in range(len(items) - 1, 0, -1):
        other = random.randint(0, at)
        items[at], items[other] = items[other], items[at]
    return items


def end_of(commands, reboots):
    """The levels of the night after the commands came within two minutes."""
    it = Device()
    for name, values in commands:
        it.now_s = min(120, it.now_s + random.randint(0, 20))
        result, reason = it.app.command(name, dict(values))
        assert result == "ok" or reason in ("superseded", "expired"), (name, values, reason)
        if reboots and random.randint(0, 1):
            it.app.tick()
            it.reboot()
    levels = []
    for it.now_s in range(120, 12 * 3600, 1200):
        levels.append(it.level())
    return levels


def test_in_whatever_order_commands_arrive_the_night_is_the_same_also_over_reboots():
    random.seed(11)
    nights = set()
    for _ in range(40):
        commands = [drawn() for _ in range(random.randint(1, 6))]
        ends = []
        for round in range(5):
            again = commands + [commands[random.randint(0, len(commands) - 1)]]
            ends.append(end_of(shuffled(again), reboots=round > 1))
        assert ends == ends[:1] * 5, commands
        nights.add(tuple(ends[0]))
    assert len(nights) > 15
