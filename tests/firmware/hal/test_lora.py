"""SX1262 and SX1276 at their pins: what the drivers do otherwise than LoRaWAN needs it.

The chips are simulated from their datasheets, the driver beneath is the one of `lora`: a stand-in
here, micropython-lib's own with `make test-lora-driver`.
"""

import asyncio
import time

from support.lora_rig import BOTH, HZ, SX1262, SX1276, run_on, window

# The lowest and the highest of each region's frequencies, and those off the kHz.
FREQUENCIES = (863_100_000, 869_525_000, 865_062_500, 865_402_500, 866_550_000, 920_900_000)
FREQUENCIES += (923_200_000, 902_300_000, 927_500_000, 869_999_900)


def test_an_uplink_is_sent_as_lorawan_wants_it_and_its_end_told_exactly():
    async def test(rig):
        for sf, bw_hz, size in (
            (7, 125_000, 11),
            (12, 125_000, 64),
            (7, 250_000, 235),
            (8, 500_000, 1),
        ):
            frame = bytes(range(size))
            end_us = await rig.radio.transmit(frame, HZ, sf, bw_hz, 16)
            assert rig.radio.fault is None
            sent = rig.air._sent[-1]
            assert (sent.frame, sent.freq_hz, sent.sf, sent.bw_hz) == (frame, HZ, sf, bw_hz)
            now_us, now_ticks = rig.world.now_us(), time.ticks_us()
            assert time.ticks_diff(now_ticks, end_us) == now_us - sent.end_us

    run_on(BOTH, test)
    run_on((SX1262,), test, tcxo=True)
    run_on(BOTH, test, call_us=300)


def test_the_frequency_is_right_to_a_tenth_of_a_crystals_error():
    for hz in FREQUENCIES:

        async def test(rig):
            await rig.radio.transmit(b"x", hz, 7, 125_000, 16)
            assert abs(rig.chip.sent[-1][1] - hz) <= 64, hz

        run_on(BOTH, test)


def test_the_power_is_the_eirp_less_the_antenna_or_the_most_below_it():
    async def test(rig):
        rig.radio.antenna_gain_db = 3
        least, most = (-9, 22) if rig.kind == SX1262 else (2, 17)
        for eirp_dbm in (16, 14, 0, 2, 30, 23, 22, 21, 20, 17, 25, 17, 16):
            await rig.radio.transmit(b"x", HZ, 7, 125_000, eirp_dbm)
            assert rig.chip.sent[-1][4] == max(least, min(most, eirp_dbm - 3)), eirp_dbm

    run_on(BOTH, test)


def test_a_reception_between_does_not_change_the_power():
    async def test(rig):
        for _ in range(3):
            await rig.radio.transmit(b"x", HZ, 7, 125_000, 16)
            await rig.radio.receive(time.ticks_add(time.ticks_us(), 50_000), 8, HZ, 7, 125_000)
            rig.radio.listen(HZ, 12, 125_000)
        assert {sent[4] for sent in rig.chip.sent} == {14}

    run_on(BOTH, test)


def test_a_downlink_is_heard_at_every_data_rate():
    async def test(rig):
        for sf, bw_hz in ((7, 125_000), (9, 125_000), (12, 125_000), (7, 250_000), (7, 500_000)):
            for size in (12, 51, 222 if sf < 10 else 64):
                frame = bytes(255 - i for i in range(size))
                packet, _ = await window(rig, 200_000, 12, sf, bw_hz, frame)
                assert packet == rig.air.outcome(rig.air._sent[-1], rig.chip.node)
                assert packet[0] == frame

    run_on(BOTH, test)


def test_what_begins_at_the_very_end_of_a_window_is_heard_and_what_is_later_not():
    async def test(rig):
        for sf in (7, 10, 12):
            symbol = (1 << sf) * 8
            for symbols in (8, 20, 100):
                # Five chirps are what the receiver needs; it opens up to 3 ms early or late.
                packet, _ = await window(
                    rig, 100_000, symbols, sf, 125_000, b"late" * 9, (symbols - 6) * symbol - 3000
                )
                assert packet is not None, (sf, symbols)
                await asyncio.sleep_ms(5000)
                packet, _ = await window(
                    rig,
                    100_000,
                    symbols,
                    sf,
                    125_000,
                    b"late" * 9,
                    (symbols * 26 // 25 - 3) * symbol + 3000,
                )
                assert packet is None
                await asyncio.sleep_ms(5000)

    run_on(BOTH, test)


def test_a_window_longer_than_the_chip_counts_is_as_good():
    async def test(rig):
        for after in (0, 100, 290):
            packet, _ = await window(rig, 100_000, 300, 7, 125_000, b"abc", after * 1024)
            assert packet[0] == b"abc"
        packet, open_us = await window(rig, 100_000, 300, 7, 125_000)
        assert packet is None and open_us < 350 * 1024

    run_on(BOTH, test)


def test_a_header_that_cannot_be_read_ends_thewindow():
    async def test(rig):
        for ignores in (False, True):
            # Whether an SX1276 would go on for ever is not known: Semtech's driver has no remedy.
            rig.chip.ignores_headers = ignores and rig.kind == SX1262
            rig.air.drop = lambda sent, node: True
            packet, _ = await window(rig, 100_000, 12, 7, 125_000, b"spoilt")
            assert packet is None and rig.radio.fault is None
            rig.air.drop = None
            packet, _ = await window(rig, 100_000, 12, 7, 125_000, b"whole")
            assert packet[0] == b"whole"

    run_on(BOTH, test)


def test_windows_open_exactly_once_the_start_has_been_measured():
    async def test(rig):
        late = []
        for _ in range(6):
            begin = rig.world.now_us() + 300_000
            await window(rig, 300_000, 8, 7, 125_000)
            late.append(rig.chip.opened[-1][0] - begin)
        assert all(abs(us) <= 700 for us in late[1:]), late

    run_on(BOTH, test, call_us=250)


def test_listen_before_talk_hears_the_loudest_of_its_time():
    async def test(rig):
        now = rig.world.now_us
        assert await rig.radio.rssi_dbm(HZ, 5000) < -110
        for dbm in (-60, -85, -100):
            rig.air.jam(now(), now() + 60_000, HZ + 200_000, 125_000, -40)
            rig.air.jam(now() + 25_000, now() + 26_000, HZ, 125_000, dbm)
            assert await rig.radio.rssi_dbm(HZ, 40_000) == dbm
            await asyncio.sleep_ms(100)
        assert await rig.radio.rssi_dbm(HZ, 5000) < -110

    run_on(BOTH, test)


def test_a_weak_downlink_is_told_with_its_own_strength_and_not_the_noises():
    async def test(rig):
        rig.air.fade_db = 0
        rig.air.link(rig.gateway, rig.chip.node, 14 + 130)
        packet, _ = await window(rig, 200_000, 12, 12, 125_000, b"weak")
        assert packet == (b"weak", -130, -13)

    run_on((SX1276,), test)
