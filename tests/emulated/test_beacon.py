"""The crosswalk's beacon and button on the chip's own pins, while the interpreter is busy."""

import pytest

from emulated.conftest import light
from support import beacon_lamps
from support.beacon_lamps import LEFT_PIN as LEFT
from support.beacon_lamps import RIGHT_PIN as RIGHT

BUTTON = 19


def of_round(steps):
    """{(pin, level): the ms of a round at which it comes to that}."""
    return {
        (pin, level): changes[1 - level :: 2]
        for pin, changes in beacon_lamps.changes_ms(steps).items()
        for level in (1, 0)
    }


RRFB, STEADY = of_round(beacon_lamps.RRFB), of_round(beacon_lamps.STEADY)
BEGIN = """
import gc, machine, time, board
from kerb.drivers.beacon import Beacon
cfg = {{"pattern": "{}", "feedback": False, "feedback_lamp_mv": 1000}}
b = Beacon(board, cfg)
def go(ago_ms=0):
    # The tick as it begins, so that it is known to some us.
    t = time.ticks_ms()
    while time.ticks_ms() == t:
        pass
    board.pedestrian_lamp().on()
    b.start(time.ticks_add(t, 1 - ago_ms))
"""


@pytest.fixture
def pole(make_pico):
    """A Pico at its prompt with a beacon `b`; pole(pattern)."""

    def make(pattern="rrfb"):
        pico = make_pico(light())
        pico.repl.enter()
        pico.repl.run(BEGIN.format(pattern))
        for pin in (LEFT, RIGHT, 12):
            pico.order("watch", pin=pin)
        return pico

    return make


def edges(pico):
    """[(ns, pin, level)] of both lamps since the last time, in order, and watch on."""
    seen = []
    for pin in (LEFT, RIGHT):
        seen += [(ns, pin, level) for level, ns in pico.order("edges_of", pin=pin)]
        pico.order("watch", pin=pin)
    return sorted(seen)


def began(pico):
    """When go() began, in ns."""
    return pico.order("edges_of", pin=12)[0][1]


def errors_ms(seen, round_places, round_ms, zero_ns):
    """How far each edge is from the nearest place of its kind."""
    errors = []
    for ns, pin, level in seen:
        at_ms = (ns - zero_ns) / 1e6 % round_ms
        places = round_places[pin, level]
        wrapped = [place + turn for place in places for turn in (-round_ms, 0, round_ms)]
        errors.append(min((at_ms - place for place in wrapped), key=abs))
    return errors


@pytest.mark.parametrize(
    ("pattern", "places", "round_ms"), [("rrfb", RRFB, 800), ("steady", STEADY, 1500)]
)
def test_an_interpreter_that_stands_still_moves_no_edge_and_rounds_are_exact_to_the_us(
    pole, pattern, places, round_ms
):
    pico = pole(pattern)
    pico.repl.start("go()\nmachine.disable_irq()\nwhile True:\n pass")
    pico.run(4 * round_ms)
    seen = edges(pico)
    a_round = sum(len(of_kind) for of_kind in places.values())
    assert abs(len(seen) - 4 * a_round) <= 2
    errors = errors_ms(seen, places, round_ms, began(pico))
    assert max(map(abs, errors)) < 2
    # But for the first of each lamp, which may be when it was told.
    for first, second in zip(seen[2:], seen[a_round + 2 :], strict=False):
        assert first[1:] == second[1:]
        assert abs(second[0] - first[0] - round_ms * 1e6) < 1e3


def test_a_pole_that_hears_of_it_late_joins_in_step(pole):
    pico = pole()
    for ago_ms in (9, 23, 77, 120, 333, 421, 549, 640, 799, 12345, -40):
        pico.repl.run(
            f"go({ago_ms})\ne = time.ticks_add(time.ticks_ms(), 700)\n"
            "while time.ticks_diff(e, time.ticks_ms()) > 0:\n gc.collect()\nb.safe()"
        )
        start = began(pico)
        pico.order("watch", pin=12)
        seen = edges(pico)
        # But for a flash in whose middle it begins, or in whose middle it was made safe.
        whole = [edge for edge in seen if start + 20e6 < edge[0] < seen[-1][0] - 1e6]
        errors = errors_ms(whole, RRFB, 800, start - ago_ms * 1e6)
        assert len(errors) > 3
        assert max(map(abs, errors)) < 2.5, ago_ms


def test_a_stop_at_any_moment_ends_it_where_the_round_ends(pole):
    pico = pole()
    for ago_ms, wait_ms in ((0, 130), (130, 777), (420, 30), (333, 650)):
        pico.repl.run(f"go({ago_ms})\ntime.sleep_ms({wait_ms})\nb.stop()\ntime.sleep_ms(1200)")
        seen = edges(pico)
        zero = began(pico) - ago_ms * 1e6
        pico.order("watch", pin=12)
        assert max(map(abs, errors_ms(seen[2:], RRFB, 800, zero))) < 2.5
        last_ms = (seen[-1][0] - zero) / 1e6
        assert abs(last_ms % 800 - 550) < 2.5
        assert last_ms // 800 == (ago_ms + wait_ms) // 800
        assert pico.repl.run("print(b.running)") == "False\n"


def test_a_start_in_step_while_it_ends_goes_on_without_a_flash_cut_or_left_out(pole):
    pico = pole()
    code = "go()\nt = b._began_ms\nfor _ in range(40):\n b.stop()\n b.start(t)\n time.sleep_ms(37)"
    pico.repl.run(code)
    seen = edges(pico)
    assert max(map(abs, errors_ms(seen, RRFB, 800, began(pico)))) < 3
    assert len(seen) >= 28


def test_safe_is_dark_at_once(pole):
    pico = pole()
    for wait_ms in (20, 220, 430):
        pico.repl.run(f"go()\ntime.sleep_ms({wait_ms})\nb.safe()")
        assert pico.level(LEFT) == pico.level(RIGHT) == 0
        edges(pico)
        pico.run(1000)
        assert edges(pico) == []


def test_flash_that_is_written_meanwhile_moves_no_edge(pole):
    pico = pole()
    pico.repl.start("go()\nwhile True:\n with open('x', 'wb') as f:\n  f.write(bytes(9000))")
    pico.run(2500)
    assert max(map(abs, errors_ms(edges(pico), RRFB, 800, began(pico)))) < 2


def test_a_push_of_20_ms_is_not_lost_whatever_the_interpreter_does(make_pico):
    pico = make_pico(light())
    pico.repl.enter()
    pico.repl.run(
        "import gc, machine, time, board\n"
        "from kerb.drivers.button import Button\nb = Button(board.push_button())"
    )
    pico.add("button", "button", pin=BUTTON, bounce_ms=4)
    busy = (
        "time.sleep_ms(200)",
        "for _ in range(40):\n gc.collect()",
        "s = machine.disable_irq()\nfor _ in range(9000):\n pass\nmachine.enable_irq(s)",
        "with open('y', 'wb') as f:\n f.write(bytes(12000))",
    )
    for code in busy:
        for after_ms in (2, 15, 40):
            pico.repl.start(code)
            pico.run(after_ms)
            pico.tell("button", "press", ms=20)
            pico.repl.finish()
            pico.run(120)  # pushes that follow faster are one
            told = pico.repl.run("print(b.pressed(), b.pressed())")
            assert told == "True False\n", (code, after_ms)
