"""A LoRa chip that listens for long, and all that can be wrong with it: see test_lora.py."""

import asyncio
import time

from support.lora_rig import BOTH, HZ, SX1262, heard_next, run_on, window


def test_a_window_that_hears_nothing_closes_after_its_symbols_and_the_chip_sleeps():
    async def test(rig):
        for sf, symbols in ((7, 6), (7, 63), (7, 64), (9, 200), (12, 8), (10, 248)):
            packet, open_us = await window(rig, 100_000, symbols, sf, 125_000)
            symbol = (1 << sf) * 8
            assert packet is None
            assert symbols * symbol <= open_us <= (symbols * 103 // 100 + 3) * symbol + 10_000
            if rig.kind == SX1262:
                assert rig.chip.asleep
            else:
                assert rig.chip._mode() == 0

    run_on(BOTH, test)


def test_interrupts_that_are_lost_cost_no_frame_and_little_time():
    async def test(rig):
        rig.chip.mute_interrupts = 1 << 20
        end_us = await rig.radio.transmit(b"hello", HZ, 9, 125_000, 16)
        ended_us = rig.air._sent[-1].end_us - rig.world.now_us()
        assert abs(time.ticks_diff(end_us, time.ticks_us()) - ended_us) < 1000
        assert ended_us > -6000
        packet, _ = await window(rig, 100_000, 12, 9, 125_000, b"there")
        assert packet[0] == b"there"
        rig.radio.listen(HZ, 9, 125_000)
        rig.send(50_000, b"again", sf=9)
        assert await heard_next(rig, 1000) == b"again"

    run_on(BOTH, test)


def test_an_interrupt_that_is_served_late_moves_nowindow():
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


def test_class_c_hears_one_frame_after_the_other_also_after_some_that_were_spoilt():
    async def test(rig):
        rig.radio.listen(HZ, 9, 125_000)
        for number in range(40):
            frame = b"number %d, %s" % (number, b"x" * (number % 50))
            rig.air.drop = (lambda sent, node: True) if number % 7 == 3 else None
            rig.send(30_000, frame, sf=9)
            heard = await heard_next(rig, 800)
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
                assert await heard_next(rig, 800) is None
            rig.send(30_000, b"good%d" % number, sf=9)
            assert await heard_next(rig, 800) == b"good%d" % number
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
        assert await heard_next(rig, 1000) is None
        assert rig.radio.fault
        await asyncio.sleep_ms(5000)
        rig.radio.listen(HZ, 9, 125_000)
        rig.send(100_000, b"heard", sf=9)
        assert await heard_next(rig, 1000) == b"heard"

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


def test_at_the_slowest_data_rate_a_reception_without_end_lasts_no_longer_than_a_task_may():
    async def test(rig):
        rig.chip.stop_receiver()
        rig.chip.start_receiver = lambda *args: None
        began = rig.world.now_ms()
        assert await rig.radio.receive(time.ticks_us(), 15, HZ, 12, 125_000) is None
        assert rig.radio.fault == "timeout"
        lasted_ms = rig.world.now_ms() - began
        assert 3000 < lasted_ms < 3900, lasted_ms

    run_on(BOTH, test)


def test_the_longest_downlink_there_is_comes_whole_and_a_longer_frame_is_not_waited_for():
    async def test(rig):
        packet, _ = await window(rig, 100_000, 8, 12, 125_000, bytes(64), 50_000)
        assert packet[0] == bytes(64)
        began = rig.world.now_ms()
        open_us = time.ticks_add(time.ticks_us(), 300_000)
        rig.send(300_000, bytes(255), sf=12)
        assert await rig.radio.receive(open_us, 15, HZ, 12, 125_000) is None
        assert rig.radio.fault == "timeout"
        assert rig.world.now_ms() - began < 4000
        if rig.kind == SX1262:
            assert rig.chip.asleep
        else:
            assert rig.chip._mode() == 0
        await asyncio.sleep_ms(8000)
        packet, _ = await window(rig, 100_000, 8, 7, 125_000, b"next")
        assert packet[0] == b"next"

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
            packet, _ = await window(rig, 100_000, 12, 7, 125_000, b"answer")
            assert packet[0] == b"answer"
        assert rig.made == 1

    run_on(BOTH, test)


def test_a_driver_that_is_not_there_is_a_fault():
    import vtime

    from kerb.uplink.lorawan.radio import Radio

    def make():
        raise ImportError("no module named 'lora'")

    radio = Radio(make)
    assert vtime.run(radio.transmit(b"x", HZ, 7, 125_000, 16)) is None
    assert radio.fault == "driver"
