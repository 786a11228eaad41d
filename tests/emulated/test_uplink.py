"""The whole uplink on the emulated chip: lwIP's sockets over PPP, a broker in virtual time."""

import base64
import itertools
import json
import tempfile
from pathlib import Path

import pytest

from host_tools.vboard import image as littlefs

from .conftest import BUSAN, Pico, image

_BLOCKS = 256  # of the file system, as in boards/rpi_pico_ppp/mpconfigboard.h
_TIME_2000_S = 9800 * 86400 + 13 * 3600  # 2026-10-31, 22:00 in Korea: night
_CONFIG = {
    "app": "light",
    "name": "lamp-1",
    "groups": ["north"],
    "site": BUSAN,
    "light": {"schedule": [{"at": "18:00", "level_permille": 600}]},
    "uplink": {
        "wifi": {"ssid": "line"},
        "mqtt": {"host": "broker.example", "keepalive_s": 10},
        "sntp": {"host": "time.example"},
    },
}


class Joined(Pico):
    """A lamp with a network."""

    def load(self, image, files=None, seed=1):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "files")
            littlefs.make(path, files, _BLOCKS)
            blocks = base64.b64encode(path.read_bytes()).decode()
        self.order("open", image=str(image), seed=seed, files=blocks)
        self.add("net", "network", time2000=_TIME_2000_S)

    def events(self, kind):
        """[(ms, values)] of the events of a kind that the broker was told."""
        topic = f"kerb/lamp-1/event/{kind}"
        heard = [m for m in self.ask("net", "messages") if m["topic"] == topic]
        return [(m["ns"] / 1e6, json.loads(m["payload"])) for m in heard]

    def until(self, found, ms):
        """Run until found() gives something; gives that."""
        end = self.ms + ms
        while not (what := found()):
            assert self.ms < end, self.serial[-1000:]
            self.run(100)
        return what

    def shines(self, permille, ms):
        """Run until the lamp gives that, to one of DALI's steps (3 %)."""
        self.until(lambda: abs((self.lamp() or 0) / permille - 1) < 0.015, ms)

    def state(self):
        return self.ask("net", "state")

    def command(self, name, to="lamp-1", **values):
        """Send a command; gives to how many it went."""
        topic = f"kerb/{to}/command/{name}"
        return self.tell("net", "publish", topic=topic, payload=json.dumps(values))

    def result(self, number, ms=3000):
        """What came of the command with that id."""

        def find():
            return [v for _, v in self.events("command_result") if v["id"] == number]

        return self.until(find, ms)[0]


@pytest.fixture
def lamp():
    """A lamp that has just been switched on, at night, with a dark sky."""
    files = {"config.json": json.dumps(_CONFIG).encode(), "secrets.json": b"{}"}
    with Joined(image("rpi_pico_ppp"), files) as pico:
        pico.adc(Pico.SENSOR, 100)
        yield pico


def test_a_lamp_says_that_it_has_booted_within_two_seconds_and_learns_the_time(lamp):
    at_ms, boot = lamp.until(lambda: lamp.events("boot"), 5000)[0]
    assert at_ms < 2000
    assert boot["reset_cause"] == "power_on"
    lamp.until(lambda: "I time: set" in lamp.serial, 10_000)
    lamp.command("send_status", id=1)
    assert lamp.result(1)["result"] == "ok"
    lamp.until(lambda: lamp.events("status")[-1][1]["clock_source"] == "network", 3000)
    lamp.shines(600, 30_000)


def test_commands_are_obeyed_at_the_pin_alone_or_as_one_of_a_group(lamp):
    lamp.until(lambda: lamp.state()["connects"], 5000)
    lamp.run(1000)
    assert lamp.command("set_level", id=7, level_permille=250, for_s=600) == 1
    assert lamp.result(7)["result"] == "ok"
    lamp.shines(250, 15_000)
    assert lamp.command("set_level", to="group/north", id=8, level_permille=700, for_s=60) == 1
    assert lamp.result(8)["result"] == "ok"
    assert lamp.command("set_level", to="group/south", id=9, level_permille=1, for_s=60) == 0
    lamp.shines(700, 15_000)


def test_what_happens_without_a_network_is_told_when_it_is_back(lamp):
    lamp.until(lambda: "I time: set" in lamp.serial, 5000)
    lamp.tell("net", "lose", all=True)
    lamp.run(60_000)
    lamp.shines(600, 1)
    before = len(lamp.ask("net", "messages"))
    lamp.tell("net", "lose", all=False)
    lamp.until(lambda: lamp.state()["connects"] > 1, 90_000)
    lamp.run(2000)
    assert len(lamp.ask("net", "messages")) > before
    lamp.command("send_status", id=3)
    assert lamp.result(3)["result"] == "ok"


@pytest.mark.parametrize("end", ["restart", "hang_up"])
def test_a_broker_or_a_gateway_that_starts_anew_is_found_again(lamp, end):
    lamp.until(lambda: lamp.events("boot"), 5000)
    lamp.run(3000)
    lamp.tell("net", end)
    lamp.until(lambda: lamp.state()["connects"] > 1, 180_000)
    lamp.run(1000)
    lamp.command("send_status", id=4)
    assert lamp.result(4)["result"] == "ok"


def test_power_cuts_at_every_flash_operation_of_a_command_leave_the_old_level_or_the_new(lamp):
    numbers = itertools.count(1)

    def order(permille):
        number = next(numbers)
        lamp.command("set_level", id=number, level_permille=permille, for_s=3600)
        return number

    old, new = 300, 900
    lamp.until(lambda: "I time: set" in lamp.serial, 10_000)
    cuts = passed = 0
    after = 0  # operations
    while passed < 3:  # what a write costs depends on what is in its block
        assert lamp.result(order(old))["result"] == "ok"
        lamp.shines(old, 15_000)
        lamp.cut_power_after(after)
        number = order(new)
        lamp.run(3000)
        if len(lamp.ended) == cuts:
            assert lamp.result(number)["result"] == "ok"
            lamp.cut_power_after(None)
            passed += 1
            after = 0
            continue
        after += 1
        cuts += 1
        assert lamp.ended[-1] == "power_cut" and len(lamp.ended) == cuts
        lamp.serial = ""
        lamp.power(True)
        lamp.until(lambda: "I time: set" in lamp.serial, 60_000)
        lamp.run(15_000)
        level = lamp.lamp()
        assert min(abs(level / permille - 1) for permille in (old, new)) < 0.015, level
    assert cuts >= 3


def test_two_runs_are_the_same_to_the_nanosecond():
    files = {"config.json": json.dumps(_CONFIG).encode(), "secrets.json": b"{}"}
    heard = []
    for _ in range(2):
        with Joined(image("rpi_pico_ppp"), files) as pico:
            pico.run(5000)
            heard.append(pico.ask("net", "messages"))
    assert heard[0] == heard[1] and len(heard[0]) > 3
