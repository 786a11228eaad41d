"""A parking sensor on the emulated chip: echoes at its pins, reports at its broker."""

import json

import pytest

from .conftest import BUSAN, image
from .test_uplink import Joined

FLOOR_MM = 2600
CAR_MM = 1150
_CONFIG = {
    "app": "parking",
    "name": "lot-1",
    "site": BUSAN,
    "parking": {"ranger": "hc_sr04", "thermometer": "ds18b20", "bays": [{"floor_mm": FLOOR_MM}]},
    "uplink": {
        "wifi": {"ssid": "line"},
        "mqtt": {"host": "broker.example", "keepalive_s": 10},
        "sntp": {"host": "time.example"},
    },
}


class Bay(Joined):
    """A bay with a ranger above it and a thermometer beside that."""

    def states(self):
        """[(ms, state, reason)] that the broker was told."""
        topic = "kerb/lot-1/event/bay_state"
        heard = [m for m in self.ask("net", "messages") if m["topic"] == topic]
        told = [(m["ns"] / 1e6, json.loads(m["payload"])) for m in heard]
        return [(ms, values["state"], values["reason"]) for ms, values in told]

    def becomes(self, state, ms):
        """Run until that is the latest state; gives how long it took, and the reason."""
        start = self.ms
        told = self.until(lambda: [t for t in self.states()[-1:] if t[1] == state], ms)
        return self.ms - start, told[0][2]

    def park(self):
        """A car comes: its bonnet glides below the sensor, and then its roof."""
        for mm in range(CAR_MM + 500, CAR_MM - 1, -100):
            self.tell("sonar", "set", distance_mm=mm)
            self.run(800)

    def air(self, celsius):
        """All of it has that temperature."""
        self.tell("sonar", "set", celsius=celsius)
        self.tell("air", "set", celsius=celsius)


@pytest.fixture
def bay():
    """One that has just been switched on, empty, at 5 degrees."""
    files = {"config.json": json.dumps(_CONFIG).encode(), "secrets.json": b"{}"}
    with Bay(image("rpi_pico_ppp"), files) as pico:
        pico.add("sonar", "hc_sr04", distance_mm=FLOOR_MM, noise_mm=4)
        pico.add("air", "ds18b20")
        pico.air(5)
        yield pico


def test_a_car_is_told_when_it_comes_and_when_it_goes_in_any_air(bay):
    bay.becomes("free", 60_000)
    for celsius in (-20, 40):
        bay.air(celsius)
        bay.run(32_000)  # the air is measured twice a minute
        assert bay.states()[-1][1] == "free"
        bay.park()
        spent, reason = bay.becomes("occupied", 40_000)
        assert reason == "vehicle" and spent < 30_000
        bay.run(2_000)
        bay.tell("sonar", "set", distance_mm=FLOOR_MM)
        bay.becomes("free", 30_000)
    # Once for each: the temperature alone changed nothing.
    told = [state for _, state, _ in bay.states()]
    assert told[told.index("free") :] == ["free"] + ["occupied", "free"] * 2


def test_a_part_that_dies_makes_the_bay_unknown_within_a_minute_and_comes_back(bay):
    bay.becomes("free", 60_000)
    bay.tell("sonar", "set", dead=True)
    _, reason = bay.becomes("unknown", 60_000)
    assert reason == "no_answer"
    bay.tell("sonar", "set", dead=False)
    bay.becomes("free", 120_000)
    assert bay.ended == []
