"""A satellite receiver on the emulated chip's UART: fixes, sleep, and its rate found."""

import pytest

CODE = """
import gc, time
from kerb.drivers.gnss import BAUD, RX_BYTES, SCHEMA, Gnss
from kerb.hal.serial import Serial
from kerb.system import schema
port = Serial(1, BAUD, tx=8, rx=9, rx_bytes=RX_BYTES)
def make(kind):
    global g
    g = Gnss(port, schema.validate(SCHEMA, {"receiver": kind})[0])
def go(ms, until=None):
    start = time.ticks_ms()
    while time.ticks_diff(time.ticks_ms(), start) < ms:
        g.poll(time.ticks_ms())
        if until and until():
            break
        time.sleep_ms(100)
    return time.ticks_diff(time.ticks_ms(), start)
def has_fix():
    return g.fix is not None
def begin(kind):
    make(kind)
    g.wake(time.ticks_ms())
"""


@pytest.fixture
def pico(make_pico):
    """A Pico at its prompt, with the driver and what the tests say to it."""
    from .conftest import light

    pico = make_pico(light())
    pico.repl.enter()
    pico.repl.run(CODE)
    return pico


def said(pico, code, ms=200_000):
    """What an expression is on the board."""
    return eval(pico.repl.run(f"print(repr(({code})))", ms), {})


def test_a_hot_receiver_gives_a_fix_within_seconds_and_the_time(pico):
    pico.add("sky", "gnss", uart=1)
    pico.repl.run("begin('ublox')")
    assert said(pico, "go(10000, has_fix)") < 6000
    lat_e7, lon_e7, day, _, speed, _, _, hdop, satellites, fix_type, accuracy_mm, _ = said(
        pico, "tuple(g.fix)"
    )
    # What it says has five decimals of a minute.
    assert abs(lat_e7 - 351802057) <= 1 and abs(lon_e7 - 1290802057) <= 1
    assert (speed, hdop, satellites, fix_type, accuracy_mm) == (0, 110, 8, 3, 5500)
    assert day == 9644 and said(pico, "g.utc()")[0] == 9644
    assert said(pico, "(g.nmea.bad_sums, g.nmea.cut <= 1)") == (0, True)


def test_its_rate_is_found_on_the_wire(pico):
    pico.add("sky", "gnss", uart=1, baud=38400)
    pico.repl.run("begin('ublox')")
    assert said(pico, "go(30000, has_fix)") < 15000
    assert said(pico, "(g.baud, g.fault, g.alive)") == (38400, None, True)


@pytest.mark.parametrize("kind", ["ublox", "casic", "mtk"])
def test_it_sleeps_by_command_and_a_byte_wakes_it_hot(pico, kind):
    pico.add("sky", "gnss", uart=1)
    pico.repl.run(f"begin('{kind}')")
    said(pico, "go(10000, has_fix)")
    pico.repl.run("g.sleep(time.ticks_ms())")
    said(pico, "go(2000)")
    assert pico.ask("sky", "asleep") is True
    before = pico.ask("sky", "awake_s")
    assert said(pico, "(go(20000) > 0, g.fix, g.fault, g.reason)") == (True, None, None, "asleep")
    assert pico.ask("sky", "awake_s") == before
    pico.repl.run("g.wake(time.ticks_ms())")
    assert said(pico, "go(10000, has_fix)") < 7000


def test_a_cold_start_takes_as_long_as_it_takes(pico):
    pico.add("sky", "gnss", uart=1)
    pico.repl.run("begin('ublox')\ngo(3000)\ng.start('cold')")
    said(pico, "go(2000)")
    assert pico.ask("sky", "starts") == ["cold"]
    assert said(pico, "g.reason") == "no_fix"
    assert 35000 < said(pico, "go(60000, has_fix)") < 50000


def test_faults_of_the_receiver_and_its_line_are_told(pico):
    pico.add("sky", "gnss", uart=1)
    pico.repl.run("begin('ublox')")
    said(pico, "go(10000, has_fix)")
    pico.tell("sky", "set", cut=20)
    assert said(pico, "(go(5000) > 0, g.alive, g.nmea.cut + g.nmea.bad_sums > 3)") == (True,) * 3
    pico.tell("sky", "set", cut=0, repeats=True)
    assert said(pico, "(go(5000) > 0, g.fix, g.reason)") == (True, None, "stale")
    pico.tell("sky", "set", repeats=False, satellites=3)
    assert said(pico, "(go(3000) > 0, g.fix, g.reason)") == (True, None, "satellites")
    pico.tell("sky", "set", satellites=8, dead=True)
    assert said(pico, "(go(25000) > 0, g.fix, g.fault)") == (True, None, "no_answer")


def test_in_steady_use_the_driver_takes_no_memory_but_for_its_fixes(pico):
    pico.add("sky", "gnss", uart=1, north_mm_s=1400)
    pico.repl.run("begin('ublox')")
    said(pico, "go(10000, has_fix)")
    code = """
gc.collect()
before = gc.mem_alloc()
last = g.nmea.sentences
for _ in range(100):
    g.poll(time.ticks_ms())
    time.sleep_ms(100)
gc.collect()
kept = gc.mem_alloc() - before
print(g.nmea.sentences - last, kept)
"""
    sentences, kept = map(int, pico.repl.run(code).split())
    assert sentences >= 27 and kept <= 128
