"""SX1262 and SX1276 at their pins: what the drivers do otherwise than LoRaWAN needs it.

The chips are simulated from their datasheets, the driver beneath is the one of `lora`: a stand-in
here, micropython-lib's own with `make test-lora-driver`.
"""

import asyncio
import time

from support.lora_rig import BOTH, HZ, SX1262, SX1276, Rig

# The lowest and the highest of each region's frequencies, and those off the kHz.
FREQUENCIES = (863_100_000, 869_525_000, 865_062_500, 865_402_500, 866_550_000, 920_900_000)
FREQUENCIES += (923_200_000, 902_300_000, 927_500_000, 869_999_900)


def run_on(kinds, test, **options):
    """Runs test(rig) for each chip in a world of its own; none may have been treated badly."""
    import vtime
    import world

    for kind in kinds:
        w = world.World(start_ticks_ms=(1 << 30) // 1000 - 500)
        rig = Rig(kind, **options)
        vtime.run(test(rig), w)
        assert not rig.chip.complaints, (kind, rig.chip.complaints)


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


async def _window(rig, begin_us, symbols, sf, bw_hz, frame=None, after_us=0):
    """Opens a window in begin_us, has a frame begin after_us later; what came, and its length."""
    open_ticks = time.ticks_add(time.ticks_us(), begin_us)
    opens_us = rig.world.now_us() + begin_us
    if frame is not None:
        rig.send(begin_us + after_us, frame, sf=sf, bw_hz=bw_hz)
    packet = await rig.radio.receive(open_ticks, symbols, HZ, sf, bw_hz)
    assert rig.radio.fault is None
    assert abs(rig.chip.opened[-1][0] - opens_us) < 3000
    return packet, rig.world.now_us() - rig.chip.opened[-1][0]


def test_a_downlink_is_heard_at_every_data_rate():
    async def test(rig):
        for sf, bw_hz in ((7, 125_000), (9, 125_000), (12, 125_000), (7, 250_000), (7, 500_000)):
            for size in (12, 51, 222):
                frame = bytes(255 - i for i in range(size))
                packet, _ = await _window(rig, 200_000, 12, sf, bw_hz, frame)
                assert packet == rig.air.outcome(rig.air._sent[-1], rig.chip.node)
                assert packet[0] == frame

    run_on(BOTH, test)


def test_what_begins_at_the_very_end_of_a_window_is_heard_and_what_is_later_not():
    async def test(rig):
        for sf in (7, 10, 12):
            symbol = (1 << sf) * 8
            for symbols in (8, 20, 100):
                # Five chirps are what the receiver needs; it opens up to 3 ms early or late.
                packet, _ = await _window(
                    rig, 100_000, symbols, sf, 125_000, b"late" * 9, (symbols - 6) * symbol - 3000
                )
                assert packet is not None, (sf, symbols)
                await asyncio.sleep_ms(5000)
                packet, _ = await _window(
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


def test_a_window_that_hears_nothing_closes_after_its_symbols_and_the_chip_sleeps():
    async def test(rig):
        for sf, symbols in ((7, 6), (7, 63), (7, 64), (9, 200), (12, 8), (10, 248)):
            packet, open_us = await _window(rig, 100_000, symbols, sf, 125_000)
            symbol = (1 << sf) * 8
            assert packet is None
            assert symbols * symbol <= open_us <= (symbols * 103 // 100 + 3) * symbol + 10_000
            if rig.kind == SX1262:
                assert rig.chip.asleep
            else:
                assert rig.chip._mode() == 0

    run_on(BOTH, test)


def test_a_window_longer_than_the_chip_counts_is_as_good():
    async def test(rig):
        for after in (0, 100, 290):
            packet, _ = await _window(rig, 100_000, 300, 7, 125_000, b"abc", after * 1024)
            assert packet[0] == b"abc"
        packet, open_us = await _window(rig, 100_000, 300, 7, 125_000)
        assert packet is None and open_us < 350 * 1024

    run_on(BOTH, test)


def test_a_header_that_cannot_be_read_ends_the_window():
    async def test(rig):
        for ignores in (False, True):
            # Whether an SX1276 would go on for ever is not known: Semtech's driver has no remedy.
            rig.chip.ignores_headers = ignores and rig.kind == SX1262
            rig.air.drop = lambda sent, node: True
            packet, _ = await _window(rig, 100_000, 12, 7, 125_000, b"spoilt")
            assert packet is None and rig.radio.fault is None
            rig.air.drop = None
            packet, _ = await _window(rig, 100_000, 12, 7, 125_000, b"whole")
            assert packet[0] == b"whole"

    run_on(BOTH, test)


def test_windows_open_exactly_once_the_start_has_been_measured():
    async def test(rig):
        late = []
        for _ in range(6):
            begin = rig.world.now_us() + 300_000
            await _window(rig, 300_000, 8, 7, 125_000)
            late.append(rig.chip.opened[-1][0] - begin)
        assert all(abs(us) <= 700 for us in late[1:]), late

    run_on(BOTH, test, call_us=250)


def test_interrupts_that_are_lost_cost_no_frame_and_little_time():
    async def test(rig):
        rig.chip.mute_interrupts = 1 << 20
        end_us = await rig.radio.transmit(b"hello", HZ, 9, 125_000, 16)
        ended_us = rig.air._sent[-1].end_us - rig.world.now_us()
        assert abs(time.ticks_diff(end_us, time.ticks_us()) - ended_us) < 1000
        assert ended_us > -6000
        packet, _ = await _window(rig, 100_000, 12, 9, 125_000, b"there")
        assert packet[0] == b"there"
        rig.radio.listen(HZ, 9, 125_000)
        rig.send(50_000, b"again", sf=9)
        assert await _next(rig, 1000) == b"again"

    run_on(BOTH, test)


def test_an_interrupt_that_is_served_late_moves_no_window():
    async def test(rig):
        late_ms = 0

        def late():
            rig.world.advance_ms(late_ms)
            real()

        await rig.radio.transmit(b"hello", HZ, 7, 125_000, 16)
        modem = rig.radio._modem
        real = modem._interrupted
        modem.set_irq_callback(late)
        for late_ms in (0, 1, 10, 45):
            end_us = await rig.radio.transmit(b"hello", HZ, 7, 125_000, 16)
            ended_us = rig.air._sent[-1].end_us - rig.world.now_us()
            assert abs(time.ticks_diff(end_us, time.ticks_us()) - ended_us) < 1000, late_ms
            late_ms = 0

    run_on(BOTH, test)


async def _next(rig, ms):
    for _ in range(ms // 20):
        await asyncio.sleep_ms(20)
        packet = rig.radio.heard()
        if packet:
            return packet[0]
    return None


def test_class_c_hears_one_frame_after_the_other_also_after_some_that_were_spoilt():
    async def test(rig):
        rig.radio.listen(HZ, 9, 125_000)
        for number in range(40):
            frame = b"number %d, %s" % (number, b"x" * (number % 50))
            rig.air.drop = (lambda sent, node: True) if number % 7 == 3 else None
            rig.send(30_000, frame, sf=9)
            heard = await _next(rig, 800)
            assert heard == (None if number % 7 == 3 else frame), number
        assert rig.made == 1 and rig.radio.fault is None

    run_on(BOTH, test)


def test_class_c_goes_on_after_frames_whose_checksum_is_wrong():
    async def test(rig):
        rig.radio.listen(HZ, 9, 125_000)
        for number in range(8):
            rig.chip.bad_crcs = number % 3
            for _ in range(rig.chip.bad_crcs):
                rig.send(30_000, b"spoilt" * 4, sf=9)
                assert await _next(rig, 800) is None
            rig.send(30_000, b"good%d" % number, sf=9)
            assert await _next(rig, 800) == b"good%d" % number
        assert rig.made == 1 and rig.radio.fault is None

    run_on(BOTH, test)


def test_class_c_asks_the_chip_nothing_while_nothing_comes():
    async def test(rig):
        rig.radio.listen(HZ, 9, 125_000)
        await asyncio.sleep_ms(1000)
        rig.radio.heard()
        w = rig.world
        before = w.now_us()
        for _ in range(100):
            rig.radio.heard()
        assert w.now_us() == before  # SPI takes time

    run_on(BOTH, test)


def test_a_chip_that_lost_its_supply_for_a_moment_is_set_up_again():
    async def test(rig):
        await rig.radio.transmit(b"one", HZ, 7, 125_000, 16)
        rig.chip.power_cycle()
        assert await rig.radio.transmit(b"two", HZ, 7, 125_000, 16) is None
        assert rig.radio.fault == "no answer"
        assert await rig.radio.transmit(b"two", HZ, 7, 125_000, 16) is not None
        assert rig.radio.fault is None and len(rig.chip.sent) == 2
        rig.radio.listen(HZ, 9, 125_000)
        rig.chip.power_cycle()
        rig.send(100_000, b"unheard", sf=9)
        assert await _next(rig, 1000) is None
        assert rig.radio.fault
        await asyncio.sleep_ms(5000)
        rig.radio.listen(HZ, 9, 125_000)
        rig.send(100_000, b"heard", sf=9)
        assert await _next(rig, 1000) == b"heard"

    run_on(BOTH, test)


def test_a_dead_chip_is_a_fault_until_it_answers_again():
    async def test(rig):
        radio = rig.radio
        rig.chip.dead = True
        for _ in range(3):
            assert await radio.transmit(b"x", HZ, 7, 125_000, 16) is None
            assert radio.fault == "no answer"
            assert await radio.receive(time.ticks_us(), 8, HZ, 7, 125_000) is None
            assert await radio.rssi_dbm(HZ, 5000) is None
            assert radio.fault == "no answer"
            radio.sleep()
            assert radio.heard() is None
        rig.chip.dead = False
        assert await radio.transmit(b"x", HZ, 7, 125_000, 16) is not None
        assert radio.fault is None
        rig.chip.dead = True
        assert await radio.receive(time.ticks_us(), 8, HZ, 7, 125_000) is None
        # An SX1262 is busy while it sleeps.
        assert radio.fault == ("busy" if rig.kind == SX1262 else "no answer")

    run_on(BOTH, test)


def test_a_dead_chip_that_shall_listen_is_reset_every_five_seconds_at_most():
    async def test(rig):
        rig.chip.dead = True
        for _ in range(500):
            rig.radio.listen(HZ, 9, 125_000)
            assert rig.radio.heard() is None
            await asyncio.sleep_ms(40)
        assert 4 <= rig.made <= 5
        rig.chip.dead = False
        for _ in range(130):
            rig.radio.listen(HZ, 9, 125_000)
            await asyncio.sleep_ms(40)
        assert rig.radio.fault is None

    run_on(BOTH, test)


def test_a_chip_that_stays_busy_is_a_fault():
    async def test(rig):
        await rig.radio.transmit(b"x", HZ, 7, 125_000, 16)
        rig.chip.stuck = True
        assert await rig.radio.transmit(b"x", HZ, 7, 125_000, 16) is None
        assert rig.radio.fault == "busy"
        rig.chip.stuck = False
        rig.chip.power_cycle()
        assert await rig.radio.transmit(b"x", HZ, 7, 125_000, 16) is not None

    run_on((SX1262,), test)


def test_a_transmission_without_end_is_a_fault_and_does_not_last():
    async def test(rig):
        rig.chip.deaf_tx = True
        began = rig.world.now_ms()
        assert await rig.radio.transmit(b"x", HZ, 7, 125_000, 16) is None
        assert rig.radio.fault == "transmit"
        assert rig.world.now_ms() - began < 500
        rig.chip.deaf_tx = False
        assert await rig.radio.transmit(b"x", HZ, 7, 125_000, 16) is not None

    run_on(BOTH, test)


def test_a_reception_without_end_is_a_fault_and_does_not_last():
    async def test(rig):
        rig.chip.stop_receiver()
        rig.chip.start_receiver = lambda *args: None
        began = rig.world.now_ms()
        assert await rig.radio.receive(time.ticks_us(), 8, HZ, 7, 125_000) is None
        assert rig.radio.fault == "timeout"
        assert rig.world.now_ms() - began < 700

    run_on(BOTH, test)


def test_a_call_that_is_broken_off_leaves_a_radio_that_works():
    async def test(rig):
        for start in (
            lambda: rig.radio.transmit(b"long" * 20, HZ, 12, 125_000, 16),
            lambda: rig.radio.receive(time.ticks_us(), 200, HZ, 10, 125_000),
        ):
            task = asyncio.create_task(start())
            await asyncio.sleep_ms(100)
            task.cancel()
            try:
                await task
            except asyncio.CancelledError:
                pass
            assert await rig.radio.transmit(b"next", HZ, 7, 125_000, 16) is not None
            packet, _ = await _window(rig, 100_000, 12, 7, 125_000, b"answer")
            assert packet[0] == b"answer"
        assert rig.made == 1

    run_on(BOTH, test)


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
        packet, _ = await _window(rig, 200_000, 12, 12, 125_000, b"weak")
        assert packet == (b"weak", -130, -13)

    run_on((SX1276,), test)


def test_a_driver_that_is_not_there_is_a_fault():
    import vtime

    from kerb.uplink.lorawan.radio import Radio

    def make():
        raise ImportError("no module named 'lora'")

    radio = Radio(make)
    assert vtime.run(radio.transmit(b"x", HZ, 7, 125_000, 16)) is None
    assert radio.fault == "driver"
