"""A crosswalk's pole on the emulated chip: radars on its lines, flashes at its pins."""

import json
from itertools import pairwise

import pytest
from support import beacon_lamps

from .conftest import BUSAN, Pico, image
from .test_uplink import Joined

LEFT, RIGHT, LAMP, BUTTON = beacon_lamps.LEFT_PIN, beacon_lamps.RIGHT_PIN, 12, 19
LENGTH_MM = 7000
ROUND_MS, EDGES = 800, 16
_SECTION = {
    "width_mm": 4000,
    "length_mm": LENGTH_MM,
    # In the middle of the crossing, on the kerb line: its y is the way to the kerb.
    "radar_at": {"x_mm": 0, "y_mm": 0, "heading_deg": 0},
}
_UPLINK = {
    "wifi": {"ssid": "line"},
    "mqtt": {"host": "broker.example", "keepalive_s": 10},
    "sntp": {"host": "time.example"},
}


def files(uplink=None, **section):
    """Those of a pole."""
    config = {"app": "crosswalk", "name": "pole-1", "site": BUSAN}
    config["crosswalk"] = {**_SECTION, **section}
    if uplink:
        config["uplink"] = uplink
    return {"config.json": json.dumps(config).encode(), "secrets.json": b"{}"}


class Pole:
    """What both boards' poles have."""

    def fit(self):
        """Radar, button and two watched lamps, by day."""
        self.adc(self.SENSOR, 2500)
        self.add("radar", "ld2450", uart=1)
        self.add("button", "button", pin=BUTTON)
        for pin in (LEFT, RIGHT):
            self.order("watch", pin=pin)
        self.run(4000)
        assert not any(level for _, _, level in self.lit())

    def lit(self):
        """[(ms, pin, level)] of the lamps' edges since this was last asked."""
        edges = [
            (ns / 1e6, pin, level)
            for pin in (LEFT, RIGHT)
            for level, ns in self.order("edges_of", pin=pin)
        ]
        return sorted(edges)

    def flashes(self, ms):
        """Whether a lamp lights within the next ms."""
        return any(level for _, _, level in (self.run(ms), self.lit())[1])


class Alone(Pole, Pico):
    """A pole on a Pico without a network."""


class Told(Pole, Joined):
    """A pole with a broker."""

    def events(self, kind):
        """[(ms, values)] of the events of a kind that the broker was told."""
        topic = f"kerb/pole-1/event/{kind}"
        heard = [m for m in self.ask("net", "messages") if m["topic"] == topic]
        return [(m["ns"] / 1e6, json.loads(m["payload"])) for m in heard]

    def faults(self):
        return [(v["part"], v["reason"], v["active"]) for _, v in self.events("fault")]


@pytest.fixture
def alone(request):
    """alone(**section): a pole on a Pico, with that in its config."""

    def make(**section):
        pico = Alone(image("rpi_pico"), files(**section))
        request.addfinalizer(pico.close)
        pico.start()
        return pico

    return make


@pytest.fixture
def told():
    """A pole with a broker that has told it that it is there."""
    with Told(image("rpi_pico_ppp"), files(_UPLINK)) as pico:
        pico.fit()
        pico.until(lambda: pico.events("boot"), 10_000)
        yield pico


def by_rounds(edges):
    """Of one activation's edges: (ms when it began to be seen, how much of its first flash is
    missing, the farthest of any other edge from its place, both in ms, rounds)."""
    late, worst = beacon_lamps.by_rounds(edges)
    assert len(edges) % EDGES == 0
    return edges[0][0], late, abs(worst), len(edges) // EDGES


def test_a_press_of_20_ms_flashes_the_twelve_steps_for_the_whole_period(alone):
    pole = alone(radar="none")
    pole.fit()
    pole.drive(BUTTON, 0)
    pressed = pole.ms
    pole.run(20)
    pole.drive(BUTTON, None)
    pole.run(40_000)
    edges = pole.lit()
    first, late, worst, rounds = by_rounds(edges)
    assert first - pressed < 100
    assert late < 5 and worst < 5
    # 7 m at 1.067 m/s take 6.6 s, which is below the floor of any period.
    assert rounds * ROUND_MS >= 1000 * LENGTH_MM / 1067
    pole.run(2000)
    assert pole.lit() == []


def test_a_stalled_processor_moves_no_edge_and_the_beacon_goes_on(alone):
    pole = alone(radar="none")
    pole.fit()
    pole.drive(BUTTON, 0)
    pole.run(1000)
    pole.repl.type("\x03")  # the app ends, with its outputs safe: dark
    pole.wait(">>> ", ms=3000)
    pole.repl.enter()
    pole.repl.run(
        "import board, time, machine\nfrom kerb.drivers import beacon\n"
        "b = beacon.Beacon(board, {'pattern': 'rrfb', 'feedback': False,"
        " 'feedback_lamp_mv': 1000})\n"
    )
    pole.lit()
    pole.repl.start(
        "b.start(time.ticks_ms())\ns = machine.disable_irq()\nfor _ in range(200000):\n pass\n"
        "machine.enable_irq(s)\nwhile True:\n pass"
    )
    pole.run(6000)
    edges = pole.lit()
    # The last round may not be over.
    whole = len(edges) // EDGES * EDGES
    _, late, worst, rounds = by_rounds(edges[:whole])
    assert rounds >= 6
    assert late < 5 and worst < 0.5


def test_who_walks_to_the_kerb_is_flashed_for_before_he_is_there_and_the_city_hears_why(told):
    told.tell("radar", "walk", x_mm=200, y_mm=5000, vy_mm_s=-1400)
    began = told.ms
    told.run(5000)
    edges = told.lit()
    at_kerb = began + 5000 / 1.4
    assert edges and edges[0][0] < at_kerb - 1500
    (_, values), *_ = told.events("crosswalk_activation")
    assert values["reason"] == "track" and not values["again"]
    assert told.ask("radar", "heard")[:3] == [0xFF, 0x90, 0xFE]


def test_who_passes_along_the_kerb_is_not_flashed_for(told):
    told.tell("radar", "walk", x_mm=-4800, y_mm=3000, vx_mm_s=1400)
    told.run(9000)
    assert told.lit() == []
    assert told.events("crosswalk_activation") == []


def test_a_radar_that_falls_silent_or_babbles_is_told_at_once_and_the_button_works(told):
    for words, reason in (({"dead": True}, "no_answer"), ({"garbage": True}, "garbled")):
        told.tell("radar", "set", **words)
        told.run(3500)
        assert told.faults()[-1] == ("radar", reason, True)
        told.tell("button", "press", ms=60)
        assert told.flashes(500)
        told.tell("radar", "set", dead=False, garbage=False)
        told.run(14_000)
        assert told.faults()[-1] == ("radar", reason, False)
    assert told.ended == []


def test_no_network_and_no_collection_moves_an_edge(told):
    told.lit()
    told.tell("net", "restart")
    told.tell("button", "press", ms=60)
    told.run(1000)
    told.tell("net", "lose", all=True)
    told.run(4000)
    told.tell("net", "hang_up")
    told.tell("net", "lose", all=False)
    told.run(15_000)
    _, late, worst, rounds = by_rounds(told.lit())
    assert rounds >= 8
    # The loop is late by as much as its longest step, and the flash that it finds goes on.
    assert late < 30 and worst < 5
    assert told.ended == []


def test_what_waits_for_a_car_flashes_when_one_comes(alone):
    pole = alone(car_radar="ops243", wait_for_car=True, one_way=True)
    pole.add("cars", "ops243", uart=0)
    pole.fit()
    assert pole.ask("cars", "heard")[:2] == ["UM", "F2"]
    # Nothing comes, and he waits at the kerb.
    pole.tell("radar", "walk", x_mm=200, y_mm=5000, vy_mm_s=-1400)
    pole.run(3000)
    pole.tell("radar", "clear")
    pole.tell("radar", "walk", x_mm=200, y_mm=700)
    assert not pole.flashes(2500)
    pole.tell("cars", "set", speed_m_s=13.5)
    came = pole.ms
    pole.run(1000)
    edges = pole.lit()
    assert edges and edges[0][0] - came < 400


def test_a_car_radar_that_is_dead_makes_nobody_wait(alone):
    pole = alone(car_radar="ops243", wait_for_car=True, one_way=True)
    pole.fit()
    pole.tell("radar", "walk", x_mm=200, y_mm=5000, vy_mm_s=-1400)
    assert pole.flashes(4000)


def test_a_watched_lamp_shows_the_steps_one_after_the_other(alone):
    pole = alone(radar="none")
    pole.fit()
    pole.drive(BUTTON, 0)
    pole.run(60)
    pole.drive(BUTTON, None)
    pole.run(1000)
    shown = {LEFT: 0, RIGHT: 0}
    steps = []
    edges = pole.lit()
    for (ms, pin, level), (after, *_) in pairwise(edges):
        shown[pin] = level
        if after - ms > 1:
            steps.append((shown[LEFT], shown[RIGHT], round((after - ms) / 10) * 10))
    dark = (0, 0, 50)
    left, right, both = (1, 0, 50), (0, 1, 50), (1, 1, 50)
    wanted = [left, dark, right, dark, left, dark, right, dark, both, dark, both, (0, 0, 250)]
    assert steps[:12] == wanted


def test_ctrl_c_in_the_middle_of_the_flashing_leaves_it_dark(alone):
    pole = alone()
    pole.fit()
    for at_ms in (1010, 1080):
        pole.drive(BUTTON, 0)
        pole.run(40)
        pole.drive(BUTTON, None)
        pole.run(at_ms)
        assert any(level for _, _, level in pole.lit())
        pole.repl.type("\x03")
        pole.wait(">>> ", ms=5000)
        pole.run(200)
        pole.lit()
        assert not pole.flashes(3000)
        pole.repl.type("\x04")
        pole.run(6000)
