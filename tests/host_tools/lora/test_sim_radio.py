"""The simulated radio: it opens its windows as late and as wrong as was asked for."""

import asyncio
import time

import pytest
import vtime
import world

from host_tools.lora.air import Air, airtime_us
from host_tools.lora.sim_radio import SimRadio

CHANNEL = (868_100_000, 9, 125_000)
FRAME = bytes(20)
START_TICKS_MS = (1 << 30) // 1000 - 500  # ticks_us is about to wrap


def play(story):
    """Runs story(air, radio, gateway) in virtual time."""
    here = world.World(start_ticks_ms=START_TICKS_MS)
    air = Air(4, fade_db=0)
    radio = SimRadio(air, air.node(100))
    try:
        return vtime.run(story(air, radio, air.node()), here)
    finally:
        world.clear()


def answer(air, gateway, sent, after_us=1_000_000):
    return air.transmit(gateway, sent.end_us + after_us, b"answer", *CHANNEL, 14, True)


def test_the_end_of_a_transmission_is_told_to_the_microsecond():
    async def story(air, radio, gateway):
        began = time.ticks_us()
        end = await radio.transmit(FRAME, *CHANNEL, 14)
        assert time.ticks_diff(end, began) == airtime_us(9, 125_000, 20)
        assert radio.sent[0].start_us == 0 and radio.sent[0].dbm == 14
        assert 0 <= time.ticks_diff(time.ticks_us(), end) < 1000

    play(story)


def test_a_processor_that_is_late_sees_the_end_late():
    async def story(air, radio, gateway):
        radio.node.latency_us = 5000
        late = []
        for _ in range(200):
            end = await radio.transmit(FRAME, *CHANNEL, 14)
            seen_us = world.current().now_us() + time.ticks_diff(end, time.ticks_us())
            late.append(seen_us - radio.sent[-1].end_us)
        assert min(late) >= 0 and max(late) <= 5000
        assert min(late) < 300 and max(late) > 4700

    play(story)


@pytest.mark.parametrize("ppm", [0, 10_000, -10_000])
def test_a_window_opens_as_wrong_as_the_clock_is(ppm):
    async def story(air, radio, gateway):
        radio.node.ppm = ppm
        end = await radio.transmit(FRAME, *CHANNEL, 14)
        assert await radio.receive(time.ticks_add(end, 1_000_000), 8, *CHANNEL) is None
        opened_us, closed_us, *channel, caught = radio.windows[0]
        # A clock that is too quick is there too early.
        assert opened_us == radio.sent[0].end_us + 1_000_000 - ppm
        assert closed_us - opened_us == 8 * 4096
        assert tuple(channel) == CHANNEL and not caught

    play(story)


def test_a_late_processor_opens_late_and_a_window_of_the_past_opens_now():
    async def story(air, radio, gateway):
        radio.node.latency_us = 5000
        late = []
        for _ in range(100):
            wished_us = world.current().now_us() + 20_000
            await radio.receive(time.ticks_add(time.ticks_us(), 20_000), 5, *CHANNEL)
            late.append(radio.windows[-1][0] - wished_us)
        assert 0 <= min(late) < 500 and 4500 < max(late) <= 5000
        radio.node.latency_us = 0
        now_us = world.current().now_us()
        await radio.receive(time.ticks_add(time.ticks_us(), -70_000), 5, *CHANNEL)
        assert radio.windows[-1][0] == now_us

    play(story)


@pytest.mark.parametrize(
    ("early_us", "symbols", "hears"),
    [(0, 5, True), (0, 4, False), (-15_000, 8, False), (8_000, 8, True), (20_000, 8, False)],
)
def test_a_window_hears_what_has_five_chirps_of_its_preamble_in_it(early_us, symbols, hears):
    async def story(air, radio, gateway):
        end = await radio.transmit(FRAME, *CHANNEL, 14)
        sent = answer(air, gateway, radio.sent[0])
        got = await radio.receive(time.ticks_add(end, 1_000_000 - early_us), symbols, *CHANNEL)
        assert got == ((b"answer", -92, 14) if hears else None)
        assert radio.windows[0][-1] == hears
        if hears:
            assert 0 <= world.current().now_us() - sent.end_us < 1000

    play(story)


def test_who_listens_hears_all_that_comes_and_nothing_of_before_or_after():
    async def story(air, radio, gateway):
        air.transmit(gateway, 0, b"before", *CHANNEL, 14, True)
        for i in range(5):
            air.transmit(gateway, 1_000_000 + i * 300_000, b"%d" % i, *CHANNEL, 14, True)
        air.transmit(gateway, 5_000_000, b"after", *CHANNEL, 14, True)
        await asyncio.sleep(0.1)
        radio.listen(*CHANNEL)
        got = []
        for _ in range(40):
            await asyncio.sleep(0.1)
            packet = radio.heard()
            if packet:
                got.append(packet[0])
        radio.standby()
        await asyncio.sleep(3)
        assert radio.heard() is None
        assert got == [b"0", b"1", b"2", b"3", b"4"]

    play(story)


def test_frames_that_wait_come_one_by_one_and_one_under_way_not_yet():
    async def story(air, radio, gateway):
        radio.listen(*CHANNEL)
        first = air.transmit(gateway, 10_000, b"1", *CHANNEL, 14, True)
        second = air.transmit(gateway, first.end_us + 1, b"2", *CHANNEL, 14, True)
        third = air.transmit(gateway, second.end_us + 1, b"3", *CHANNEL, 14, True)
        await asyncio.sleep((third.end_us - 5_000) / 1e6)
        assert [radio.heard()[0], radio.heard()[0], radio.heard()] == [b"1", b"2", None]
        await asyncio.sleep(0.1)
        assert radio.heard()[0] == b"3"

    play(story)


def test_a_transmission_ends_the_listening():
    async def story(air, radio, gateway):
        radio.listen(*CHANNEL)
        await radio.transmit(FRAME, *CHANNEL, 14)
        answer(air, gateway, radio.sent[0], 1000)
        await asyncio.sleep(2)
        assert radio.heard() is None

    play(story)


def test_the_level_of_a_channel_is_measured_over_that_time():
    async def story(air, radio, gateway):
        air.jam(3_000, 4_000, CHANNEL[0], 125_000, -60)
        assert await radio.rssi_dbm(CHANNEL[0], 2_000) == -117
        assert await radio.rssi_dbm(CHANNEL[0], 5_000) == -60
        assert await radio.rssi_dbm(CHANNEL[0], 5_000) == -117

    play(story)


def test_a_radio_that_fails_says_so_and_recovers():
    async def story(air, radio, gateway):
        radio.failing = "no answer"
        assert await radio.transmit(FRAME, *CHANNEL, 14) is None
        assert radio.fault == "no answer" and not radio.sent
        assert await radio.receive(time.ticks_us(), 8, *CHANNEL) is None
        assert await radio.rssi_dbm(CHANNEL[0], 5000) is None
        radio.listen(*CHANNEL)
        assert radio.heard() is None and radio.fault == "no answer"
        radio.failing = None
        assert await radio.transmit(FRAME, *CHANNEL, 14) is not None
        assert radio.fault is None
        radio.sleep()
        assert radio.asleep

    play(story)
