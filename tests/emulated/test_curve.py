"""The light's curve in the registers of the chip's PWM."""

from emulated.conftest import light

CODE = """
from machine import mem32
from kerb.hal.pwm import Pwm
from kerb.drivers.lamp import Lamp
SLICE = 0x40050000 + 7 * 0x14  # GP14 and GP15
for freq_hz in (100, 1000, 5000, 20000):
    pwm = Pwm(15, freq_hz)
    lamp = Lamp(pwm)
    counts = []
    for arc in range(255):
        lamp.set_arc(arc)
        counts.append(mem32[SLICE + 0x0C] >> 16 & 0xFFFF)
    print(freq_hz, pwm.steps, (mem32[SLICE + 0x10] & 0xFFFF) + 1, counts)
"""


def test_each_of_the_254_levels_is_the_nearest_count_that_the_chip_has(make_pico):
    pico = make_pico(light())
    pico.repl.enter()
    for line in pico.repl.run(CODE).splitlines():
        freq_hz, steps, size, counts = line.split(" ", 3)
        assert steps == size, freq_hz
        counts = [int(count) for count in counts.strip("[]").split(",")]
        assert counts[0] == 0 and counts[254] == int(size)
        for arc in range(1, 255):
            ideal = int(size) * 10 ** ((arc - 1) * 3 / 253 - 3)
            # A float of 24 bits may take the other one of two that are equally near.
            assert abs(counts[arc] - ideal) < 0.5 + ideal * 1e-6, (freq_hz, arc)
