"""The meter's frames: read right, and nothing else believed."""

import random
from binascii import unhexlify

from kerb.drivers.hlw8032 import Hlw8032
from kerb.drivers.meter import POWER, SCHEMA, VOLTAGE
from kerb.system import schema
from support.meter_frames import frame
from support.port import Port

CFG = schema.validate(SCHEMA, {"meter": "hlw8032"})[0]
WRAP = 1 << 30


def meter(cfg=CFG):
    port = Port()
    return port, Hlw8032(port, cfg)


def read(*frames):
    """The reading after these frames, which come at once."""
    port, chip = meter()
    for data in frames:
        port.put(data)
    return chip.poll(0), chip


def near(found, wanted, off=1):
    return found is not None and abs(found - wanted) <= off


def test_frames_of_real_chips_are_read():
    # As printed by Tasmota's driver: a CSE7766 with a divider of 1000 and 1 mOhm.
    data = unhexlify("555A02F7600003AB00401002605D51A65803E9EF710B7A36")
    port, chip = meter(dict(CFG, meter_divider=1000))
    port.put(data + data)
    got = chip.poll(0)
    assert near(got.voltage_mv, 207029)
    assert near(got.current_ma, 105, 1)
    assert near(got.power_mw, 20874, 20)
    assert near(got.power_factor_permille, 957, 5)
    # As printed in Electrodragon's wiki: an HLW8032 with nothing at its inputs.
    data = unhexlify("FA5A02EEC8FEFF01003F66000000512188FEFF0101000054")
    got, chip = read(data, data)
    assert (got.voltage_mv, got.current_ma, got.power_mw) == (None, None, 0)
    assert got.overflow == VOLTAGE | POWER
    assert chip.fault is None


def test_values_over_the_whole_range_come_out_within_their_resolution():
    for divider, shunt in ((1880, 1000), (1000, 500), (2390, 2000)):
        cfg = dict(CFG, meter_divider=divider, meter_shunt_uohm=shunt)
        for volt in (90, 207, 230, 253, 400):
            for ampere, factor in ((0.06, 0.5), (0.261, 0.98), (2.0, 1.0)):
                watt = volt * ampere * factor
                port, chip = meter(cfg)
                port.put(
                    frame(volt, ampere, watt, divider=divider, shunt_uohm=shunt)
                    + frame(volt, ampere, watt, divider=divider, shunt_uohm=shunt)
                )
                got = chip.poll(0)
                assert near(got.voltage_mv, volt * 1000, volt * 2)
                assert near(got.current_ma, ampere * 1000, 1)
                assert near(got.power_mw, watt * 1000, watt * 2)
                assert near(got.power_factor_permille, factor * 1000, 12)


def test_chunks_of_any_size_give_the_same_readings():
    random.seed(4)
    frames = [frame(power_w=20 + n, pulses=n) for n in range(40)]
    stream = b"".join(frames)
    for size in (1, 2, 7, 23, 24, 25, 63, 64, 65, 200):
        port, chip = meter()
        got = None
        for at in range(0, len(stream), size):
            port.put(stream[at : at + size])
            got = chip.poll(at * 2)
        assert chip.frames == 40
        assert near(got.power_mw, 59000, 100), size
        # Counted from the newest frame of the first poll that had a usable one.
        first = max(1, size // 24 - 1)
        assert near(got.energy_mws, 9996 * (39 - first), 40), size


def test_it_finds_its_frames_again_after_any_lost_or_added_bytes():
    random.seed(8)
    port, chip = meter()
    lost = 0
    for n in range(400):
        data = frame(power_w=30, pulses=n)
        if n % 4 == 1:
            at = random.randrange(24)
            if random.random() < 0.5:
                data = data[:at] + data[at + 1 + random.randrange(3) :]
            else:
                junk = bytes([random.choice((0x55, 0x5A, 0xAA, 0xF2, 0)) for _ in range(5)])
                data = data[:at] + junk + data[at:]
            lost += 1
        port.put(data)
        chip.poll(n * 105)
    # The one that is damaged, and never one that follows.
    assert 400 - lost <= chip.frames <= 400
    assert chip.fault is None


def test_noise_and_flipped_bits_raise_nothing_and_make_no_reading_up():
    for seed in range(8):
        random.seed(seed)
        port, chip = meter()
        before = None
        for n in range(150):
            kind = random.randrange(3)
            if kind == 0:
                data = bytes([random.randrange(256) for _ in range(random.randrange(60))])
            elif kind == 1:  # what looks most like frames
                data = bytes([random.choice((0x55, 0x5A, 0xF0, 0x71)) for _ in range(48)])
            else:
                data = bytearray(frame(power_w=30, pulses=n))
                for _ in range(n % 5):
                    data[random.randrange(24)] ^= 1 << random.randrange(8)
            port.put(bytes(data))
            got = chip.poll(n * 105)
            # Two flips may make up for each other in a sum; one does not.
            if kind < 2 or n % 5 < 2:
                assert got is None or got is before or near(got.power_mw, 30000, 100), (seed, n)
            before = got


def test_frame_with_another_calibration_is_not_believed_until_it_comes_twice():
    other = frame(current_a=4.0, power_w=900, calibration=(192200, 16230, 9000000))
    port, chip = meter()
    port.put(frame() + frame())
    assert near(chip.poll(0).power_mw, 60000, 100)
    port.put(other)
    assert near(chip.poll(100).power_mw, 60000, 100)
    port.put(other)
    assert near(chip.poll(200).power_mw, 900000, 2000)


def test_values_that_can_not_be_make_no_reading():
    for wrong in (
        {"voltage_v": 900.0},
        {"current_a": 30.0},
        {"power_w": 3000.0, "current_a": 14.0},
        {"power_w": 200.0},  # more than voltage times current
    ):
        port, chip = meter()
        port.put(frame() + frame())
        assert chip.poll(0) is not None
        for second in range(1, 4):
            port.put(frame(**wrong) * 9)
            got = chip.poll(second * 1000)
        assert got is None
        assert chip.fault == "out_of_range"
        port.put(frame())
        assert chip.poll(4000) is not None
        assert chip.fault is None


def test_a_lost_calibration_is_a_fault():
    for state in (0xAA, 0xF1):
        port, chip = meter()
        for second in range(4):
            port.put(frame(state=state) * 9)
            assert chip.poll(second * 1000) is None
        assert chip.fault == "failed"


def test_a_stall_is_a_fault_within_two_seconds_and_says_what_comes_instead():
    port, chip = meter()
    port.put(frame() * 9)
    assert chip.poll(10000) is not None
    assert chip.poll(11000) is not None
    assert chip.poll(12000) is None
    assert chip.fault == "no_answer"
    for second in range(13, 16):
        port.put(b"\x55\x5a and so on, for ever and ever")
        assert chip.poll(second * 1000) is None
    assert chip.fault == "garbled"
    port.put(frame() * 9)
    assert chip.poll(16000) is not None
    assert chip.fault is None


def test_a_meter_that_was_never_there_is_a_fault_but_not_in_the_first_second():
    _, chip = meter()
    assert chip.poll(500) is None and chip.fault is None
    assert chip.poll(1500) is None and chip.fault is None
    assert chip.poll(2500) is None and chip.fault == "no_answer"


def test_a_stall_over_a_wrap_of_the_ticks_stays_a_fault():
    port, chip = meter()
    now_ms = WRAP - 1000
    port.put(frame() * 2)
    assert chip.poll(now_ms) is not None
    assert chip.poll((now_ms + 2000) % WRAP) is None
    for hours in range(0, 400, 5):
        assert chip.poll((now_ms + 4000 + hours * 3600000) % WRAP) is None
        assert chip.fault == "no_answer"


def test_energy_is_that_of_the_pulses_over_every_wrap_of_their_count():
    port, chip = meter()
    pulse_mws = 5317 * 1.88
    at = 65000
    first = None
    for second in range(900):
        at += 7 if second % 2 else 5
        port.put(frame(pulses=at & 0xFFFF) * 2)
        got = chip.poll(second * 1000)
        first = got.energy_mws if first is None else first
    assert at > 65536 + 4000
    assert near(got.energy_mws - first, (at - 65000 - 5) * pulse_mws, 20)


def test_pulses_that_can_not_be_are_not_counted():
    port, chip = meter()
    port.put(frame(pulses=40000) * 2)
    before = chip.poll(0).energy_mws
    port.put(frame(pulses=3))  # the chip began anew
    assert chip.poll(1000).energy_mws == before
    port.put(frame(pulses=9))
    assert near(chip.poll(2000).energy_mws - before, 6 * 9996, 5)
    port.put(frame(pulses=50))  # after a gap that is too long to know
    assert near(chip.poll(200000).energy_mws - before, 6 * 9996, 5)


def test_a_lamp_that_goes_off_reads_ever_less_and_then_nothing():
    port, chip = meter()
    port.put(frame(power_w=60.0) * 2)
    chip.poll(0)
    last = 60000
    # The chip waits for a pulse that never comes: its period grows, as its bits say.
    for second in range(1, 16):
        watt = 5.317 * 1.88 / second
        port.put(frame(power_w=watt, current_a=watt / 230, done=0x41))
        got = chip.poll(second * 1000)
        assert got.power_mw <= last
        assert got.power_mw <= watt * 1000 + 1
        last = got.power_mw
    port.put(frame(power_w=None, current_a=None, state=0xF2, done=0x41))
    assert chip.poll(17000).power_mw == 0


def test_no_power_is_said_before_the_chip_has_measured_one():
    got, _ = read(frame(done=0x01), frame(done=0x01))
    assert (got.voltage_mv, got.current_ma, got.power_mw) == (None, None, None)
    got, _ = read(frame(done=0x41), frame(done=0x41))
    assert near(got.voltage_mv, 230000, 500)
    assert (got.current_ma, got.power_mw, got.power_factor_permille) == (None, None, None)


def test_power_factor_is_not_made_of_noise():
    got, _ = read(*[frame(current_a=0.03, power_w=0.5)] * 2)
    assert got.power_factor_permille is None
    got, _ = read(*[frame(current_a=0.25, power_w=60.0)] * 2)
    assert got.power_factor_permille == 1000


def test_periods_of_zero_are_no_value():
    data = bytearray(frame())
    for at in (5, 11, 17):
        data[at : at + 3] = b"\0\0\0"
    data[23] = sum(data[2:23]) & 255
    got, _ = read(bytes(data), bytes(data))
    assert (got.voltage_mv, got.current_ma, got.power_mw) == (None, None, None)
