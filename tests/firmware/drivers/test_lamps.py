import time

import board
import micropython
import world
from kerb.drivers import lamps
from kerb.drivers.lamp_analog import AnalogLamp
from kerb.drivers.lamp_relay import RelayLamp
from kerb.system.schema import validate


def config(**keys):
    clean, errors = validate(lamps.SCHEMA, keys)
    assert not errors, errors
    return clean


def light(w):
    """What a driver behind the pins of the virtual board gives, in per mille: PWM and relay."""
    pwm = w.pwm(15)
    return 0 if w.level(14) else 1000 if pwm is None else (pwm[1] * 1000 + 32767) // 65535


def test_every_output_goes_to_off_to_full_and_to_safe():
    for output in ("pwm", "analog", "relay"):
        w = world.World()
        lamp = lamps.make(board, config(output=output))
        for level in (0, 1000, 0, 400, 0):
            lamp.set_permille(level)
            assert (light(w) > 0) == (level > 0), (output, level)
            assert abs(light(w) - lamp.permille) <= 1
        lamp.safe()
        assert light(w) == 1000, output


def test_the_light_goes_at_the_frequency_of_the_config():
    for output in ("pwm", "analog"):
        w = world.World()
        lamp = lamps.make(board, config(output=output, pwm_freq_hz=250))
        lamp.set_permille(500)
        assert w.pwm(15)[0] == 250


def test_a_lamp_begins_with_the_level_of_before_the_reset_and_never_with_full():
    for output, level in (("pwm", 300), ("analog", 300), ("relay", 1000)):
        w = world.World()
        seen = []
        w.observe(lambda *what: seen.append(light(w)))
        lamp = lamps.make(board, config(output=output), level_permille=level)
        assert abs(light(w) - level) < 5
        if output == "pwm":
            assert max(seen) < 310
        assert abs(lamp.permille - level) < 5


def test_a_relay_lamp_is_lit_until_somebody_decides_otherwise():
    w = world.World()
    lamp = lamps.make(board, config(output="relay"))
    assert light(w) == 1000
    lamp.set_permille(0)
    assert light(w) == 0


def test_a_level_that_stays_costs_no_memory():
    for output in ("pwm", "analog", "relay", "dali"):
        world.World()
        lamp = lamps.make(board, config(output=output))
        for level in (0, 333, 1000):
            lamp.set_permille(level)
            lamp.set_permille(level)
            time.sleep_ms(100)
            lamp.set_permille(level)
            micropython.heap_lock()
            try:
                lamp.set_permille(level)
            finally:
                micropython.heap_unlock()


class Relay:
    def __init__(self):
        self.cut = []

    def set(self, active):
        self.cut.append(active)


class Steps:
    steps = 10000

    def __init__(self):
        self.written = []

    def set_steps(self, high):
        self.written.append(high)


def test_a_relay_moves_only_when_it_has_to():
    relay = Relay()
    lamp = RelayLamp(relay)
    for level in (300, 1000, 700, 0, 0, 1):
        lamp.set_permille(level)
    assert relay.cut == [False, True, False]
    relay = Relay()
    lamp = AnalogLamp(Steps(), relay)
    for level in (300, 1000, 700, 0, 0, 1):
        lamp.set_permille(level)
    assert relay.cut == [False, True, False]


def test_an_analogue_lamp_gets_ten_volts_for_full_and_never_less_than_one():
    pwm = Steps()
    lamp = AnalogLamp(pwm, Relay())
    for level, volts_mv in ((1000, 10000), (500, 5000), (101, 1010), (100, 1000), (3, 1000)):
        lamp.set_permille(level)
        assert pwm.written[-1] == volts_mv
    lamp = AnalogLamp(pwm, Relay(), min_permille=250)
    lamp.set_permille(20)
    assert pwm.written[-1] == 2500 and lamp.permille == 250


def test_an_analogue_lamp_comes_on_at_its_least_voltage():
    pwm, relay = Steps(), Relay()
    lamp = AnalogLamp(pwm, relay)
    lamp.set_permille(800)
    lamp.set_permille(0)
    assert pwm.written[-1] == 1000 and relay.cut[-1] is True


def test_a_config_that_no_output_can_follow_is_refused():
    for key, value in (
        ("output", "laser"),
        ("pwm_freq_hz", 5),
        ("pwm_freq_hz", 10**6),
        ("min_level_permille", 501),
        ("dali_address", 64),
        ("dali_address", -1),
    ):
        clean, errors = validate(lamps.SCHEMA, {key: value})
        assert clean is None and errors[0].startswith(key), key
