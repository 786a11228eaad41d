"""The meter on its serial line and the thermometer on its pin, on the virtual board."""

import board
import world
from kerb.drivers.hlw8032 import BAUD, RX_BYTES, Hlw8032
from kerb.drivers.meter import SCHEMA
from kerb.drivers.thermistor import Thermistor
from kerb.hal.serial import Serial
from kerb.system import schema
from support.meter_frames import frame

CFG = schema.validate(SCHEMA, {"meter": "hlw8032"})[0]


def test_on_a_serial_line_with_parity_it_reads_once_a_second_and_loses_nothing():
    w = world.World()
    chip = Hlw8032(board.meter_serial(), CFG)
    far = w.uart(1)
    for n in range(200):
        w.at_ms(n * 105, far.send, frame(pulses=n), 4800, 0)
    for second in range(1, 21):
        w.advance_ms(1000)
        assert abs(chip.poll(w.now_ms()).power_mw - 60000) < 100
    assert far.lost == 0
    assert chip.frames >= 189
    # A port without parity hears the same and must not believe it.
    chip = Hlw8032(Serial(1, BAUD, tx=8, rx=9, rx_bytes=RX_BYTES), CFG)
    for n in range(30):
        w.after_ms(n * 105, far.send, frame(pulses=n), 4800, 0)
    for _ in range(3):
        w.advance_ms(1000)
        assert chip.poll(w.now_ms()) is None
    assert chip.fault == "garbled"


def test_the_board_has_a_thermometer():
    w = world.World()
    sensor = Thermistor(board.lamp_temperature())
    w.set_adc_mv(27, 1650)
    assert abs(sensor.read_cdeg() - 2500) <= 10
    w.set_adc_mv(27, 3300)
    assert sensor.read_cdeg() is None
