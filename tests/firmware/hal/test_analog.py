import time

import machine
import world
from kerb.hal import adc, pwm
from kerb.hal.adc import AnalogIn
from kerb.hal.pwm import Pwm
from support.raised import raised


def test_a_pwm_is_low_from_the_start_and_when_off():
    w = world.World()
    levels = []
    w.watch(15, lambda level, us: levels.append(level), pwm_edges=True)
    lamp = Pwm(15, 1000)
    time.sleep_ms(5)
    assert levels == []
    assert w.pwm(15) == (1000, 0)
    lamp.duty_u16(65535)
    time.sleep_ms(5)
    assert w.level(15) == 1
    lamp.off()
    time.sleep_ms(5)
    assert w.level(15) == 0 and not w.is_floating(15)
    assert levels == [1, 0]


class EspPwm:
    """As the ESP32's: half the duty when nothing else is said."""

    def __init__(self, pin, freq, duty_u16=32768):
        self.began_with = duty_u16

    def duty_u16(self, duty):
        self.duty = duty


def test_a_pwm_is_low_from_the_start_on_a_port_that_begins_with_half():
    world.World()
    real = pwm.PWM
    pwm.PWM = EspPwm
    try:
        assert Pwm(15, 1000)._pwm.began_with == 0
    finally:
        pwm.PWM = real


def test_pwm_duty_reaches_the_pin():
    w = world.World()
    lamp = Pwm(15, 1000)
    for duty in (1, 600, 32768, 65534):
        lamp.duty_u16(duty)
        assert abs(w.pwm(15)[1] - duty) <= 1


def test_a_pwm_frequency_that_the_chip_can_not_do_is_refused():
    world.World()
    raised(ValueError, Pwm, 15, 1)


def test_an_analogue_input_reads_millivolts_to_one_step_of_twelve_bits():
    w = world.World()
    sensor = AnalogIn(26)
    for mv in (0, 1, 5, 824, 1650, 3299, 3300):
        w.set_adc_mv(26, mv)
        assert abs(sensor.read_mv() - mv) <= 1, mv


def test_an_analogue_input_behind_a_divider_counts_it_in():
    w = world.World()
    battery = AnalogIn(27, full_scale_mv=6600)
    w.set_adc_mv(27, 2050)
    assert abs(battery.read_mv() - 4100) <= 2


def test_noise_is_averaged():
    w = world.World()
    noise = [-9, 7, 3, -8, 9, -2, 6, -6]

    def noisy():
        noise.append(noise.pop(0))
        return 1000 + noise[-1]

    w.set_adc_mv(26, noisy)
    assert abs(AnalogIn(26).read_mv() - 1000) <= 1


class PicoAdc:
    """As the RP2040's: no read_uv, no attenuation."""

    def __init__(self, pin):
        self._adc = machine.ADC(pin)

    def read_u16(self):
        return self._adc.read_u16()


class EspAdc(PicoAdc):
    """As the ESP32's: what is above 1.1 V is cut off unless it is attenuated."""

    ATTN_0DB = 0
    ATTN_11DB = 3

    def __init__(self, pin, atten=ATTN_0DB):
        super().__init__(pin)
        self._atten = atten

    def read_uv(self):
        return min(self._adc.read_uv(), 1_100_000 if self._atten == 0 else 3_300_000)


def test_every_port_gives_the_same_millivolts():
    w = world.World()
    real = adc.ADC
    try:
        for kind in (real, PicoAdc, EspAdc):
            adc.ADC = kind
            sensor = AnalogIn(26)
            for mv in range(0, 3301, 7):
                w.set_adc_mv(26, mv)
                assert sensor.read_mv() == mv, (kind, mv)
    finally:
        adc.ADC = real


def test_a_pwm_gives_exactly_the_steps_it_is_told_at_every_frequency():
    for freq_hz in (100, 250, 1000, 5000, 20000):
        w = world.World()
        lamp = Pwm(15, freq_hz)
        assert lamp.steps == w.pwm_slice(15).top + 1, freq_hz
        channel = w.pin(15).pwm
        for high in range(0, lamp.steps + 1, max(1, lamp.steps // 777)):
            lamp.set_steps(high)
            assert channel.cc == high, (freq_hz, high)
        lamp.set_steps(lamp.steps)
        assert w.level(15) == 1 and w.pwm(15)[1] == 65535


def test_a_pwm_of_an_esp32_has_whole_bits_of_its_clock_and_gives_each_step():
    world.World()
    real = pwm.sys, pwm.PWM
    pwm.sys = type("Sys", (), {"platform": "esp32"})
    pwm.PWM = EspPwm
    try:
        for freq_hz, bits in ((100, 16), (1000, 16), (1300, 15), (5000, 13), (20000, 11)):
            lamp = Pwm(15, freq_hz)
            assert lamp.steps == 1 << bits
            assert freq_hz << bits <= 80_000_000
            for high in range(0, lamp.steps, max(1, lamp.steps // 777)):
                lamp.set_steps(high)
                # Its timer takes the upper bits of a duty.
                assert lamp._pwm.duty >> 16 - bits == high, (freq_hz, high)
            lamp.set_steps(lamp.steps)
            assert lamp._pwm.duty == 65535
    finally:
        pwm.sys, pwm.PWM = real
