"""The air's thermometers on the virtual board."""

import random
from binascii import unhexlify

import board
import world
from kerb.drivers import rangers
from kerb.drivers.ds18b20 import crc8
from support.thermometer import Ds18b20Part, scratchpad

CFG = {"thermometer": "ds18b20", "thermometer_offset_cdeg": 0}


def measure(w, air):
    air.begin()
    for _ in range(200):
        if air.poll(w.now_ms()):
            return air.temperature_cdeg
        w.advance_ms(5)
    raise AssertionError("no end")


def wired(cfg=CFG):
    w = world.World()
    return w, Ds18b20Part(w), rangers.thermometer(board, cfg)


def test_the_check_sum_is_maxims():
    assert crc8(unhexlify("021CB801000000A2")) == 0  # of the application note
    assert crc8(unhexlify("021CB801000000A3")) != 0
    assert crc8(scratchpad(0x0191)) == 0


def test_the_temperatures_of_the_data_sheets_table_are_read_from_the_wire():
    w, part, air = wired()
    table = ((2000, 12500), (0x0191, 2506), (162, 1012), (8, 50), (0, 0), (-8, -50), (-162, -1013))
    for sixteenths, cdeg in table + ((-401, -2507), (-880, -5500)):
        part.sixteenths = sixteenths
        assert measure(w, air) == cdeg
        assert air.fault is None
    assert part.conversions == 9
    assert w.floating_reads == 0


def test_an_offset_is_added():
    w, part, air = wired({"thermometer": "ds18b20", "thermometer_offset_cdeg": -150})
    assert measure(w, air) == 2000 - 150


def test_beginning_and_reading_take_milliseconds_and_the_rest_nothing():
    w, part, air = wired()
    begun = w.now_us()
    air.begin()
    assert w.now_us() - begun < 3000
    w.advance_ms(770)
    begun = w.now_us()
    assert air.poll(w.now_ms())
    assert w.now_us() - begun < 8000


def test_silence_keeps_the_last_temperature_for_two_measurements_and_no_longer():
    w, part, air = wired()
    assert measure(w, air) == 2000
    part.dead = True
    for expected in (2000, 2000, None, None):
        assert measure(w, air) == expected
        assert air.fault == "no_answer"
    part.dead = False
    assert measure(w, air) == 2000 and air.fault is None
    # What counts is how many in a row.
    for part.dead in (True, True, False, True, True):
        assert measure(w, air) == 2000


def test_a_part_that_goes_in_mid_measurement_is_no_answer():
    w, part, air = wired()
    air.begin()
    w.advance_ms(100)
    part.dead = True
    assert not air.poll(w.now_ms())
    w.advance_ms(700)
    assert air.poll(w.now_ms())
    assert (air.temperature_cdeg, air.fault) == (None, "no_answer")


def test_a_wire_held_low_or_cut_is_no_part():
    w, part, air = wired()
    part.dead = True
    for level in (0, 1):
        w.drive(6, level)
        assert measure(w, air) is None
        assert air.fault == "no_answer"


def test_damaged_bytes_are_no_temperature():
    for seed in range(3):
        random.seed(seed)
        w, part, air = wired()
        for _ in range(20):

            def mangle(data):
                data[random.randrange(9)] ^= 1 << random.randrange(8)
                return data

            part.mangle = mangle
            assert measure(w, air) is None
            assert air.fault == "garbled"
    # All zeros have the right sum.
    part.mangle = lambda data: bytes(9)
    assert measure(w, air) is None and air.fault == "garbled"


def test_the_85_degrees_of_a_part_that_lost_its_supply_are_none():
    w, part, air = wired()
    air.begin()
    w.advance_ms(760)
    part.forget()
    assert air.poll(w.now_ms())
    assert air.temperature_cdeg is None and air.fault == "garbled"


def test_a_value_that_the_part_can_not_have_is_none():
    w, part, air = wired()
    part.sixteenths = 126 * 16
    assert measure(w, air) is None and air.fault == "out_of_range"


def test_the_chips_own_thermometer_reads_its_formula():
    for celsius in (-20, 0, 27, 60):
        w = world.World()
        w.set_adc_mv(29, 706 - 1.721 * (celsius - 27))
        air = rangers.thermometer(board, {"thermometer": "board", "thermometer_offset_cdeg": -300})
        assert abs(measure(w, air) - celsius * 100 + 300) <= 50
    w.set_adc_mv(29, 0)
    assert measure(w, air) is None and air.fault == "out_of_range"


def test_none_is_none():
    assert rangers.thermometer(board, {"thermometer": "none"}) is None
