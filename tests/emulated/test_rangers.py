"""Rangers and the air's thermometer on the chip: PIO times the echo, the parts are at the pins."""

import pytest
from emulated.conftest import light

# A reading by the common package `hcsr04` takes so long beside the echo.
COST_US = 126
OWN = """
import board, gc, time
from kerb.drivers import rangers
def measure(ranger, ms=5):
    ranger.begin()
    while not ranger.poll(time.ticks_ms()):
        time.sleep_ms(ms)
    return ranger.distance_mm, ranger.fault, ranger.alive
"""


@pytest.fixture
def pico(make_pico):
    """A Pico at its prompt, with measure()."""
    pico = make_pico(light())
    pico.repl.enter()
    pico.repl.run(OWN)
    return pico


def said(pico, code):
    """What an expression is on the board."""
    return eval(pico.repl.run(f"print(repr(({code})))"), {})


def test_distances_are_right_to_9_mm_from_a_quarter_of_a_metre_to_four_and_in_all_weather(pico):
    pico.add("sonar", "hc_sr04")
    pico.repl.run("r = rangers.make(board, {'ranger': 'hc_sr04'})")
    worst = 0
    for celsius in (-20, -5, 10, 25, 40):
        for mm in (250, 600, 1000, 1700, 2500, 3300, 3998):
            pico.tell("sonar", "set", distance_mm=mm, celsius=celsius)
            pico.repl.run(f"r.temperature_cdeg = {celsius * 100}")
            found, fault, _ = said(pico, "measure(r)")
            assert fault is None
            worst = max(worst, abs(found - mm))
    # The budget is the thermometer's: this part of the chain has hardly an error.
    assert worst <= 2
    assert all(ns >= 10000 for ns in pico.ask("sonar", "triggers"))


def test_nothing_that_the_processor_does_meanwhile_moves_the_echo(pico):
    pico.add("sonar", "hc_sr04", distance_mm=3000)
    pico.repl.run(
        "import machine\nr = rangers.make(board, {'ranger': 'hc_sr04'})\n"
        "r.temperature_cdeg = 2000\n"
        "def stalled():\n"
        "    r.begin()\n"
        "    state = machine.disable_irq()\n"
        "    for _ in range(40):\n"
        "        gc.collect()\n"
        "    machine.enable_irq(state)\n"
        "    time.sleep_ms(60)\n"
        "    r.poll(time.ticks_ms())\n"
        "    return r.distance_mm\n"
    )
    assert said(pico, "[stalled() for _ in range(5)]") == [3000] * 5


def test_what_is_no_distance_is_a_fault(pico):
    pico.add("sonar", "hc_sr04", distance_mm=None)
    pico.repl.run("r = rangers.make(board, {'ranger': 'hc_sr04'})")
    assert said(pico, "measure(r)") == (None, "no_answer", True)
    # A copy whose pulse is longer than the time between two measurements.
    pico.tell("sonar", "set", give_up_ms=190)
    assert said(pico, "[measure(r) for _ in range(2)]") == [(None, "no_answer", True)] * 2
    pico.tell("sonar", "set", distance_mm=15)
    assert said(pico, "measure(r)") == (None, "out_of_range", True)
    pico.tell("sonar", "set", dead=True)
    assert said(pico, "measure(r)") == (None, "no_answer", False)
    pico.tell("sonar", "set", dead=False, distance_mm=1000)
    assert said(pico, "measure(r)")[1:] == (None, True)
    pico.drive(3, 1)
    assert said(pico, "measure(r)") == (None, "stuck", False)
    # Begun anew while ECHO is still high, it is the echo after that one that counts.
    pico.drive(3, 0)
    code = "r.begin()\ntime.sleep_ms(3)\nstart = time.ticks_ms()\nprint(measure(r)[1:])"
    pico.tell("sonar", "set", distance_mm=3000)
    assert pico.repl.run(code) == "(None, True)\n"
    assert said(pico, "time.ticks_diff(time.ticks_ms(), start) > 14 + 17")


def test_a_reading_takes_no_more_time_beside_the_echo_than_the_common_package_does(pico):
    pico.add("sonar", "hc_sr04", distance_mm=2500)
    pico.repl.run(
        "r = rangers.make(board, {'ranger': 'hc_sr04'})\n"
        "r.temperature_cdeg = 2000\nmeasure(r)\n"
        "def cost():\n"
        "    now = time.ticks_ms()\n"
        "    start = time.ticks_us()\n"
        "    r.begin()\n"
        "    spent = time.ticks_diff(time.ticks_us(), start)\n"
        "    time.sleep_ms(r.ready_ms)\n"
        "    start = time.ticks_us()\n"
        "    r.poll(now)\n"
        "    return spent + time.ticks_diff(time.ticks_us(), start), r.distance_mm\n"
    )
    readings = said(pico, "[(time.sleep_ms(60), cost())[1] for _ in range(20)]")
    assert {mm for _, mm in readings} == {2500}
    assert sum(us for us, _ in readings) / 20 <= COST_US


def test_a_measurement_allocates_nothing_but_its_distance(pico):
    pico.add("sonar", "hc_sr04", distance_mm=2500)
    pico.repl.run(
        "import micropython\nr = rangers.make(board, {'ranger': 'hc_sr04'})\nmeasure(r)\n"
        "def locked():\n"
        "    micropython.heap_lock()\n"
        "    r.begin()\n"
        "    time.sleep_ms(40)\n"
        "    r.poll(0)\n"
        "    micropython.heap_unlock()\n"
        "    return r.fault\n"
    )
    assert said(pico, "locked()") is None


def test_two_bays_and_the_airs_temperature(pico):
    pico.add("first", "hc_sr04", distance_mm=1000, celsius=-12)
    pico.add("second", "hc_sr04", trigger_pin=4, echo_pin=5, distance_mm=2000, celsius=-12)
    pico.add("air", "ds18b20", celsius=-12)
    pico.repl.run(
        "bays = [rangers.make(board, {'ranger': 'hc_sr04'}, i) for i in range(2)]\n"
        "air = rangers.thermometer(board, {'thermometer': 'ds18b20',"
        " 'thermometer_offset_cdeg': 0})\n"
        "air.begin()\n"
        "while not air.poll(time.ticks_ms()):\n"
        "    time.sleep_ms(10)\n"
        "for bay in bays:\n"
        "    bay.temperature_cdeg = air.temperature_cdeg\n"
    )
    assert said(pico, "air.temperature_cdeg, air.fault") == (-1200, None)
    pairs = zip((1000, 2000), said(pico, "[measure(bay)[0] for bay in bays]"))
    assert all(abs(mm - found) <= 1 for mm, found in pairs)


def test_the_chips_own_thermometer_is_read(pico):
    # The emulated chip is at 27 degrees.
    cfg = "{'thermometer': 'board', 'thermometer_offset_cdeg': 0}"
    pico.repl.run(f"air = rangers.thermometer(board, {cfg})\nair.begin()")
    assert abs(said(pico, "air.temperature_cdeg") - 2700) <= 50


def test_serial_rangers_are_read_on_the_chips_uarts(pico):
    pico.repl.run("r = rangers.make(board, {'ranger': 'a02yyuw', 'ranger_knows_air': None})")
    pico.repl.start("print(measure(r))")
    pico.uart_send(0, b"\xa1\xa7\xff\x07\xa1\xa7", baud=9600)
    assert pico.repl.finish(2000) == "(1953, None, True)\n"
    assert pico.repl.run("print(measure(r))") == "(None, 'no_answer', False)\n"
    pico.repl.run("r = rangers.make(board, {'ranger': 'mb7389'}, 1)")
    pico.repl.start("print(measure(r))")
    pico.uart_send(1, b"0\rR1234\r", baud=9600)
    assert pico.repl.finish(2000) == "(1234, None, True)\n"
