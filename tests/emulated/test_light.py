"""The street light, from the frozen image, at its pins."""

import itertools

from emulated.conftest import image, light

DAY_MV = 2900
NIGHT_MV = 60


def test_the_lamp_is_full_before_anything_is_known(make_pico):
    pico = make_pico(light())
    pico.adc(pico.SENSOR, NIGHT_MV)
    assert pico.become(1000, ms=3000) < 1500
    assert pico.level(pico.RELAY) in (0, None)
    pico.run(20_000)
    assert pico.lamp() == 1000
    assert pico.ended == []  # the watchdog is fed


def test_the_lamp_follows_its_sensor_while_there_is_no_clock(make_pico):
    pico = make_pico(light())
    pico.adc(pico.SENSOR, NIGHT_MV)
    pico.become(1000, ms=3000)
    pico.adc(pico.SENSOR, DAY_MV)
    pico.become(0, ms=400_000)
    pico.adc(pico.SENSOR, NIGHT_MV)
    pico.become(1000, ms=400_000)


def test_ctrl_c_leaves_the_lamp_at_full_and_gives_a_prompt(make_pico):
    pico = make_pico(light())
    pico.adc(pico.SENSOR, DAY_MV)
    pico.become(0, ms=400_000)
    pico.run(3000)
    pico.repl.type("\x03")
    pico.wait(">>> ", ms=3000)
    assert pico.lamp() == 1000
    # Who works at the prompt is not bitten by the watchdog.
    pico.run(60_000)
    assert pico.ended == []
    assert pico.repl.run("print(6 * 7)") == "42\n"


def test_a_technician_who_walks_away_is_followed_by_work_in_a_quarter_of_an_hour(make_pico):
    pico = make_pico(light())
    pico.adc(pico.SENSOR, DAY_MV)
    pico.become(0, ms=400_000)
    pico.run(3000)
    pico.repl.type("\x03")
    pico.wait("in 15 min", ms=3000)
    assert pico.wait_reset(ms=1000_000) in ("watchdog", "forced")
    pico.become(0, ms=400_000)


def test_a_hang_is_ended_by_the_watchdog_and_told_as_such(make_pico):
    pico = make_pico(light())
    pico.adc(pico.SENSOR, NIGHT_MV)
    pico.become(1000, ms=3000)
    pico.run(2000)
    pico.repl.enter()
    pico.repl.start("import machine\nmachine.disable_irq()\nwhile True:\n pass")
    start = pico.ms
    assert pico.wait_reset(ms=20_000) == "watchdog"
    assert 6900 < pico.ms - start < 8400
    pico.become(1000, ms=3000)
    pico.run(2000)
    pico.repl.enter()
    cause = pico.repl.run("from kerb.hal import chip\nprint(chip.reset_cause())")
    assert cause == "watchdog\n"


def test_power_on_and_a_commanded_reset_are_told_apart_as_far_as_the_chip_can(make_pico):
    pico = make_pico(light())
    told = "from kerb.hal import chip\nprint(chip.reset_cause())"
    pico.repl.enter()
    assert pico.repl.run(told) == "power_on\n"
    pico.repl.start("import machine\nmachine.reset()")
    assert pico.wait_reset(ms=2000) == "forced"
    pico.repl.enter()
    # The RP2040 resets itself by its watchdog: MicroPython can't tell the two apart.
    assert pico.repl.run(told) == "watchdog\n"


def test_power_cuts_at_every_flash_operation_of_the_first_start_leave_a_lamp_that_burns(make_pico):
    pico = make_pico(light())
    for cuts in itertools.count():
        pico.load(image("rpi_pico"), light())  # with a flash that was never started from
        pico.adc(pico.SENSOR, NIGHT_MV)
        pico.cut_power_after(cuts)
        pico.run(4000)
        if not pico.ended:
            break
        assert pico.ended == ["power_cut"]
        pico.power(True)
        pico.become(1000, ms=4000)
        pico.run(4000)
        assert pico.lamp() == 1000 and pico.ended == ["power_cut"]
        assert {"config.json", "data/boots.0"} <= set(pico.files())
    done = pico.stats()
    assert cuts == done["erases"] + done["programs"] >= 6
