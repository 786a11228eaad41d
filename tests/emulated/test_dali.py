"""A DALI lamp on the chip: PIO sends, PIO and DMA hear, and the control gear is a part."""

import pytest
from emulated.conftest import light

NIGHT_MV = 60
DAY_MV = 2900
# A lamp of its own, for a chip whose application was stopped.
OWN = """
import board, gc, time
from kerb.drivers import dali
lamp = dali.DaliLamp(dali.bus_of(board), {})
def polls(count):
    for _ in range(count):
        start = time.ticks_ms()
        while time.ticks_diff(time.ticks_ms(), start) < 1000:
            time.sleep_ms(50)
            gc.collect()
        lamp.poll()
    print(lamp.gear.lamp_failure, lamp.gear.fault)
"""


@pytest.fixture
def dali(make_pico):
    """dali(address, section of the config): a Pico with gear on its bus, at night."""

    def make(address=None, **section):
        pico = make_pico(light(output="dali", ramp_s=2, **section))
        pico.adc(pico.SENSOR, NIGHT_MV)
        pico.add("bus", "dali", address=address)
        return pico

    return make


@pytest.fixture
def prompt(dali):
    """prompt(address): such a Pico at its prompt, with `lamp` and `polls` of OWN."""

    def make(address=None):
        pico = dali(address)
        lit(pico, 254, ms=4000)
        pico.repl.type("\x03")
        pico.wait(">>> ", ms=3000)
        pico.repl.run(OWN.format(address))
        return pico

    return make


def lit(pico, level, ms):
    """Run until the gear is at an arc power level, at most for ms."""
    start = pico.ms
    while pico.ask("bus", "level") != level:
        assert pico.ms - start < ms, (pico.ask("bus", "level"), pico.serial)
        pico.run(50)


def kept_to_the_standard(pico):
    """No frame was out of the limits of IEC 62386-101, and no edge 2 us from its place."""
    return pico.ask("bus", "faults") == [] and pico.ask("bus", "worst_ns") < 2000


def test_the_gear_follows_the_light_by_frames_that_keep_to_the_standard(dali):
    pico = dali()
    pico.tell("bus", "set", level=3)
    lit(pico, 254, ms=4000)
    pico.adc(pico.SENSOR, DAY_MV)
    lit(pico, 0, ms=400_000)
    pico.run(20_000)
    frames = pico.ask("bus", "frames")
    levels = [frame & 0xFF for frame in frames if frame >> 8 == 0xFE]
    # Down it goes softly: a frame each 50 ms for 2 s, none of them upward.
    assert len(levels) > 20 and levels == sorted(levels, reverse=True)
    assert {frame for frame in frames if frame >> 8 == 0xFF} == {0xFF90, 0xFFA0}
    assert kept_to_the_standard(pico)
    assert pico.ended == []


def test_ctrl_c_leaves_the_gear_at_full(dali):
    pico = dali()
    lit(pico, 254, ms=4000)
    pico.adc(pico.SENSOR, DAY_MV)
    lit(pico, 0, ms=400_000)
    pico.repl.type("\x03")
    pico.wait(">>> ", ms=3000)
    assert pico.ask("bus", "level") == 254
    assert kept_to_the_standard(pico)


def test_garbage_collections_move_no_edge(prompt):
    pico = prompt(5)
    code = """
for level in range(0, 1001, 20):
    lamp.set_permille(level)
    start = time.ticks_ms()
    while time.ticks_diff(time.ticks_ms(), start) < 60:
        gc.collect()
        lamp.poll()
print(lamp.gear.lamp_failure, lamp.gear.fault)
"""
    assert pico.repl.run(code) == "False None\n"
    assert pico.ask("bus", "level") == 254
    assert kept_to_the_standard(pico)


def test_what_the_gear_says_is_understood_and_its_silence_too(prompt):
    pico = prompt(63)
    assert pico.repl.run("polls(3)") == "False None\n"
    pico.tell("bus", "set", lamp_failure=True)
    assert pico.repl.run("polls(11)") == "True None\n"
    pico.tell("bus", "set", lamp_failure=False, dead=True)
    assert pico.repl.run("polls(12)") == "None no_answer\n"
    pico.tell("bus", "set", dead=False)
    assert pico.repl.run("polls(12)") == "False None\n"
    pico.tell("bus", "hold", low=True)
    assert pico.repl.run("polls(12)") == "None bus_low\n"
    pico.tell("bus", "hold", low=False)
    assert pico.repl.run("polls(12)") == "False None\n"
