import random
import time

import board
import world
from kerb.drivers.lamp import arc_level
from support.dali_bus import Bus, Gear, street


def test_every_level_arrives_at_the_gear_within_the_limits_of_the_standard():
    gear = Gear()
    w, bus, lamp = street(gear)
    for arc in range(255):
        lamp._arc = arc
        lamp._put_level()
        w.advance_ms(30)
        assert gear.light == arc
    assert bus.faults == []
    assert len(bus.frames) == 255


def test_bits_are_833_us_within_a_hundredth_of_the_tolerance():
    w, bus, lamp = street(Gear())
    lamp.set_permille(1000)
    w.advance_ms(30)
    # Start bit and address 0xFE, data 254: the edges in the middle of the bits, 17 of them.
    assert bus.faults == []
    begin = bus.edges[0][0]
    for us, _ in bus.edges:
        halves = (us - begin) / 416.667
        assert abs(halves - round(halves)) * 416.667 <= 1.01, us - begin


def test_a_level_is_a_direct_arc_power_frame_to_the_address_or_to_all():
    for address, first in ((None, 0xFE), (0, 0x00), (5, 0x0A), (63, 0x7E)):
        w, bus, lamp = street(Gear(address), address=address)
        lamp.set_permille(500)
        w.advance_ms(30)
        assert bus.frames[0][1] == first << 8 | 229, address


def test_frames_keep_the_settling_time_of_13_ms_and_a_half():
    w, bus, lamp = street(Gear())
    rng = random.getrandbits
    level = 0
    for _ in range(400):
        level = (level + 37) % 1001
        lamp.set_permille(level)
        if not rng(3):
            lamp.poll()
        w.advance_ms(1 + rng(5))
    assert bus.faults == []
    assert len(bus.frames) > 100


def test_the_last_level_wins_when_the_bus_is_busy():
    gear = Gear()
    w, bus, lamp = street(gear)
    for level in (100, 300, 500, 700):
        lamp.set_permille(level)
    assert abs(lamp.permille - 700) < 10
    w.advance_ms(1000)
    lamp.poll()
    w.advance_ms(30)
    assert gear.light == arc_level(700)
    assert len(bus.frames) == 2


def test_safe_is_full_light_on_the_wire_before_it_returns():
    for busy_ms in (0, 1, 14, 29, 100):
        gear = Gear()
        w, bus, lamp = street(gear)
        lamp.set_permille(100)
        w.advance_ms(busy_ms)
        before = w.now_ms()
        lamp.safe()
        assert w.now_ms() - before < 100
        w.advance_ms(30)
        assert gear.light == 254 and lamp.permille == 1000
        assert bus.faults == []
        assert [frame for _, frame in bus.frames[-2:]] == [0xFEFE, 0xFEFE]


def test_safe_again_and_again_keeps_looking_after_the_gear():
    gear = Gear()
    w, bus, lamp = street(gear)
    lamp.set_permille(0)
    w.advance_ms(100)
    for _ in range(20):
        lamp.safe()
        w.advance_ms(1000)
    gear.light = 3
    for _ in range(20):
        lamp.safe()
        w.advance_ms(1000)
    assert gear.light == 254


def test_the_least_level_holds_on_dali_too():
    gear = Gear()
    w, bus, lamp = street(gear, min_permille=100)
    for level in (1, 50, 99, 100):
        lamp.set_permille(level)
        w.advance_ms(30)
        assert gear.light == 170 and lamp.permille == 101
    lamp.set_permille(0)
    w.advance_ms(30)
    assert gear.light == 0


def test_the_output_of_the_config_is_a_dali_lamp():
    from kerb.drivers import lamps
    from kerb.system.schema import validate

    w = world.World()
    gear = Gear(9)
    Bus(w, gear)
    cfg = validate(lamps.SCHEMA, {"output": "dali", "dali_address": 9})[0]
    lamp = lamps.make(board, cfg, level_permille=400)
    time.sleep_ms(30)
    assert gear.light == arc_level(400) and gear.heard == [0x1200 | arc_level(400)]
    assert lamp.gear.fault is None
