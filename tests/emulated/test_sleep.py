"""A parking sensor on a battery, on the emulated chip: mostly asleep, and missing nothing."""

import copy
import json

import pytest

from host_tools import battery

from .conftest import image
from .test_parking import _CONFIG, CAR_MM, FLOOR_MM, Bay

_AWAKE_S = 120  # after a start; kerb.system.power


def _slow():
    config = copy.deepcopy(_CONFIG)
    config["parking"] |= {
        "sleep": True,
        "idle_s": 10,
        "idle_burst": 1,
        "battery": {"low_mv": 3300},
        "ranger_switch": True,
        "report_s": 86_400,
    }
    return config


@pytest.fixture
def make_bay(request):
    def make(usb):
        pico = _bay(usb)
        request.addfinalizer(pico.close)
        return pico

    return make


def _bay(usb):
    files = {"config.json": json.dumps(_slow()).encode(), "secrets.json": b"{}"}
    pico = Bay(image("rpi_pico_ppp"), files)
    pico.start()
    pico.add("clock", "sleep", usb=usb)
    pico.add("sonar", "hc_sr04", distance_mm=FLOOR_MM, noise_mm=4)
    pico.add("air", "ds18b20")
    pico.air(5)
    pico.adc(28, 3600 * 3300 / 18300)
    return pico


def asleep(pico, ms):
    """The share of the next `ms` that it sleeps."""
    pico.tell("clock", "clear")
    pico.run(ms)
    return pico.ask("clock", "asleep_ns") / (ms * 1e6)


def test_it_sleeps_nearly_always_and_tells_of_a_car_at_once(make_bay):
    bay = make_bay(usb=False)
    bay.becomes("free", 60_000)
    assert asleep(bay, 1000 * _AWAKE_S - bay.ms) == 0
    bay.run(20_000)
    # What `kerb battery` reckons with: a burst of one measurement every ten seconds.
    reckoned = (
        battery.awake_s(battery.RANGERS["hc_sr04"], {"bursts": 8640, "pings": 8640}) / 86_400
    )
    awake = 1 - asleep(bay, 120_000)
    assert 0.7 * reckoned < awake < 1.3 * reckoned, (awake, reckoned)
    assert not bay.ask("net", "state")["up"]
    bay.tell("sonar", "set", distance_mm=CAR_MM)
    bay.becomes("occupied", 90_000)
    bay.run(20_000)
    assert asleep(bay, 60_000) > 0.9
    bay.tell("sonar", "set", distance_mm=FLOOR_MM)
    spent, _ = bay.becomes("free", 60_000)
    assert spent < 30_000
    assert bay.ended == []
    said = [
        m["payload"] for m in bay.ask("net", "messages") if m["topic"].endswith("availability")
    ]
    assert len(said) > 2 and set(said) == {"online"}


def test_a_computer_at_its_usb_keeps_it_awake_and_at_the_prompt(make_bay):
    bay = make_bay(usb=True)
    bay.becomes("free", 60_000)
    bay.run(1000 * _AWAKE_S)
    assert asleep(bay, 20_000) == 0
    bay.repl.enter()
    assert bay.repl.run("print(6 * 7)") == "42\n"
