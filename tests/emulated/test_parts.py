"""Parts on an emulated Pico's pins, driven by MicroPython's own machine module."""

import pytest

SOUND_M_S = 343.2  # at 20 degrees Celsius


@pytest.mark.parametrize("distance_mm", [20, 500, 1953, 4000])
def test_an_echo_is_measured_to_some_microseconds(bare, distance_mm):
    bare.add("sonar", "hc_sr04", trigger_pin=2, echo_pin=3, distance_mm=distance_mm)
    code = """
import time
from machine import Pin, time_pulse_us
trigger, echo = Pin(2, Pin.OUT, value=0), Pin(3, Pin.IN)
trigger(1)
time.sleep_us(12)
trigger(0)
print(time_pulse_us(echo, 1, 60000))
"""
    wanted_us = bare.ask("sonar", "echo_ns") / 1e3
    assert abs(wanted_us - 2 * distance_mm / SOUND_M_S * 1000) < 2
    assert abs(int(bare.repl.run(code)) - wanted_us) < 5


def test_noise_is_the_same_for_the_same_seed_and_another_for_another(make_pico):
    def echoes(seed):
        pico = make_pico(name="bare", seed=seed)
        pico.add("sonar", "hc_sr04", noise_mm=4)
        return [pico.ask("sonar", "echo_ns") for _ in range(5)]

    assert echoes(1) == echoes(1) != echoes(2)


def test_a_trigger_that_is_too_short_starts_nothing(bare):
    bare.add("sonar", "hc_sr04", trigger_pin=2, echo_pin=3, distance_mm=500)
    for us, measured in ((5, 0), (12, 1)):
        bare.drive(2, 1)
        bare.run(us / 1000)
        bare.drive(2, 0)
        bare.run(50)
        assert len(bare.ask("sonar", "echoes")) == measured


def test_a_serial_sensor_is_heard_and_at_another_rate_it_is_not(bare):
    frame = bytes((0xFF, 0x07, 0xA1, 0xA7))
    bare.add("sensor", "stream", uart=1, hex=frame.hex(), form={"baud": 9600})
    code = """
import time
from machine import Pin, UART
u = UART(1, {}, tx=Pin(8), rx=Pin(9))
u.read()
time.sleep_ms(450)
print((u.read() or b"").hex())
"""
    assert bytes.fromhex(bare.repl.run(code.format(9600))) == frame * 4
    assert frame not in bytes.fromhex(bare.repl.run(code.format(4800)))


def test_a_button_bounces_and_comes_to_rest(bare):
    bare.add("button", "button", pin=4)
    code = """
from machine import Pin
edges = [0]
def count(pin):
    edges[0] += 1
b = Pin(4, Pin.IN, Pin.PULL_UP)
b.irq(count, Pin.IRQ_FALLING | Pin.IRQ_RISING)
"""
    bare.repl.run(code)
    bare.tell("button", "press", ms=50)
    bare.run(20)
    assert bare.repl.run("print(b())") == "0\n"
    bare.run(100)
    assert bare.repl.run("print(b())") == "1\n"
    assert int(bare.repl.run("print(edges[0])")) >= 2


def test_an_accelerometer_answers_on_i2c_and_silence_raises(bare):
    bare.add("tilt", "lis3dh", bus=0, address=0x19)
    bare.tell("tilt", "set", x=0.5, y=-1, z=0)
    code = """
import struct
from machine import I2C, Pin
i2c = I2C(0, scl=Pin(5), sda=Pin(4), freq=400000)
print(i2c.readfrom_mem(0x19, 0x0f, 1)[0])
i2c.writeto_mem(0x19, 0x20, b"\\x57")
print(i2c.readfrom_mem(0x19, 0x20, 1)[0])
print(struct.unpack("<hhh", i2c.readfrom_mem(0x19, 0x28 | 0x80, 6)))
"""
    assert bare.repl.run(code) == "51\n87\n(8192, -16384, 0)\n"
    bare.tell("tilt", "set", absent=True)
    said = bare.repl.run("try:\n i2c.readfrom_mem(0x19, 0x0f, 1)\nexcept OSError as e:\n print(e)")
    assert "ETIMEDOUT" in said or "EIO" in said
