"""An end-device in a simulated air: sending, receiving and what the network says, in class A."""

import asyncio
import sys

import vtime  # noqa: F401  what CPython lacks
from host_tools.lora import commands, packets
from kerb.system import calendar
from kerb.system.log import ERROR
from kerb.uplink.lorawan import mac
from kerb.uplink.lorawan.mac import ACKED, FAULT, LATER, NOT_JOINED, SENT, TOO_LONG, UNACKED
from support.lora_mac import ABP, Street
from support.tasks import ended

LEAP_S = 18


async def test_a_device_joins_sends_and_is_understood():
    s = Street()
    assert not s.mac.joined
    assert await s.send() == NOT_JOINED
    await s.joined()
    assert await s.send(b"\x01\x02", 3) == SENT
    up = s.network.uplinks[-1]
    assert (up.port, up.payload, up.fcnt, up.confirmed) == (3, b"\x01\x02", 0, False)
    assert s.fine()


async def test_what_a_join_needs_is_not_in_memory_once_there_is_a_session():
    s = await Street().joined()
    await s.send()
    assert s.mac.joins is None
    package = "kerb.uplink.lorawan"
    here = [name for name in sys.modules if name.startswith(package + ".")]
    for name in ("budget", "join", "join_frames", "region", "start", "adr", "gps"):
        assert package + "." + name not in here
        assert not hasattr(sys.modules[package], name)


async def test_a_confirmed_frame_is_acknowledged_in_either_window():
    for window in (1, 2):
        s = await Street(seed=window).joined()
        s.network.window = window
        before = len(s.radio.windows)
        assert await s.send(confirmed=True) == ACKED
        assert s.network.uplinks[-1].confirmed
        assert s.mac.rssi_dbm < 0
        assert len(s.radio.windows) - before == window
        assert s.fine()


async def test_a_downlink_reaches_the_app_and_is_acknowledged_if_it_wants_that():
    s = await Street().joined()
    s.down(10, b"dim", confirmed=True)
    assert await s.send() == SENT
    assert s.got == [(10, b"dim")]
    assert s.mac.due
    assert await s.send(b"", None) == SENT
    assert s.network.uplinks[-1].ack
    assert not s.mac.due
    await s.send()
    assert not s.network.uplinks[-1].ack
    assert s.fine()


async def test_a_frame_without_an_answer_is_repeated_as_often_as_the_network_wants():
    s = await Street().joined()
    s.down(commands=commands.link_adr(5, 0, 0xFF, 0, 3))
    await s.send()
    s.network.silent = True
    for confirmed, outcome in ((False, SENT), (True, UNACKED)):
        before = len(s.radio.sent)
        assert await s.send(confirmed=confirmed) == outcome
        three = s.radio.sent[before:]
        assert len(three) == 3
        assert len({sent.frame for sent in three}) == 1, "one number, the same bytes"
        assert len({sent.freq_hz for sent in s.radio.sent}) > 1
        for i in range(2):
            gap_us = three[i + 1].start_us - three[i].end_us
            assert gap_us > (3_000_000 if confirmed else 2_000_000), gap_us
            assert gap_us < 6_000_000, gap_us
    s.network.silent = False
    before = len(s.radio.sent)
    assert await s.send(confirmed=True) == ACKED
    assert len(s.radio.sent) == before + 1
    assert s.fine()


async def test_an_answer_after_a_repetition_ends_them():
    s = await Street().joined()
    s.down(commands=commands.link_adr(5, 0, 0xFF, 0, 15))
    await s.send()
    lost = []
    s.air.drop = lambda sent, node: not sent.down and len(lost) < 2 and not lost.append(sent)
    before = len(s.radio.sent)
    assert await s.send(confirmed=True) == ACKED
    assert len(s.radio.sent) == before + 3
    assert s.fine()


async def test_more_to_come_makes_an_uplink_due():
    s = await Street().joined()
    for i in range(3):
        s.down(10, bytes([i]))
    await s.send()
    dues = [s.mac.due]
    while s.mac.due:
        assert await s.send(b"", None) == SENT
        dues.append(s.mac.due)
    assert dues == [True, True, False]
    assert [payload for _, payload in s.got] == [b"\0", b"\1", b"\2"]
    assert s.fine()


async def test_answers_that_can_wait_ride_on_the_next_uplink():
    s = await Street().joined()
    for asked in (commands.dev_status(), commands.link_adr(15, 15, 0, 0, 1)):
        s.down(commands=asked)
        await s.send()
        assert not s.mac.due
        await s.send()
        assert len(s.network.uplinks[-1].answers) == 1
    assert s.fine()


async def test_a_network_that_always_wants_something_gets_three_frames_for_each_of_the_owner():
    for asked, pending in ((commands.rx_timing(1), False), (b"", True)):
        s = await Street().joined()

        def on_uplink(up, s=s, asked=asked, pending=pending):
            s.down(None if asked else 10, b"" if asked else b"x", commands=asked)
            if pending:
                s.down(10, b"more")

        s.network.on_uplink = on_uplink
        for _ in range(3):
            await s.sent(b"mine")
            frames = 0
            while s.mac.due and frames < 9:
                assert await s.sent(b"", None) == SENT
                frames += 1
            assert frames == 3
        # But what it wants acknowledged it gets acknowledged.
        s.network.on_uplink = None
        s.known.queue.clear()
        s.down(10, b"x", confirmed=True)
        await s.sent(b"", None)
        assert s.mac.due
        await s.sent(b"", None)
        assert s.network.uplinks[-1].ack
        assert s.fine()


async def test_a_downlink_that_flash_does_not_keep_is_not_taken():
    s = await Street().joined()
    await s.send()
    store = s.mac.session.store
    put = store.put

    def refuse(sent):
        if not sent.down:
            store.put = lambda name, data: False

    s.air.watchers.append(refuse)
    s.down(10, b"dim")
    await s.send()
    assert s.network.device(s.known.dev_eui).queue == []
    assert s.got == []
    s.air.watchers.remove(refuse)
    store.put = put
    s.down(10, b"full")
    await s.send()
    assert s.got == [(10, b"full")]
    assert s.fine()


async def test_commands_for_which_there_is_no_memory_are_not_begun_and_come_again():
    s = await Street().joined()
    await s.send()
    down = s.mac.session.down
    real = mac.gc

    class NoMemory:
        def collect():
            raise MemoryError

    mac.gc = NoMemory
    try:
        s.down(commands=commands.rx_timing(3) + commands.rx_param(1, 3, 869_525_000))
        await s.send()
    finally:
        mac.gc = real
    assert s.mac.session.down == down
    assert s.mac.plan.rx1_delay_s == 1
    assert s.mac.commands.answers(15) == b""
    s.down(commands=commands.rx_timing(3) + commands.rx_param(1, 3, 869_525_000))
    await s.send()
    assert s.mac.plan.rx1_delay_s == 3
    assert s.fine()


async def test_a_downlink_of_before_is_refused_also_after_a_reset():
    s = await Street().joined()
    first = s.down(10, b"full")
    await s.send()
    replay = packets.data(
        s.known.keys, s.known.dev_addr, first.fcnt, packets.UNCONFIRMED_DOWN, 0, b"", 10, b"full"
    )
    for _ in range(2):
        s.down(raw=replay)
        await s.send()
        assert len(s.got) == 1
        s.boot()
    s.down(10, b"half")
    await s.send()
    assert s.got[1:] == [(10, b"half")]
    assert s.fine()


async def test_commands_are_done_answered_and_said_again_until_a_downlink_is_heard():
    s = await Street().joined()
    s.down(commands=commands.rx_timing(3) + commands.rx_param(1, 3, 869_525_000))
    await s.send()
    assert s.mac.due
    for _ in range(3):
        await s.send()
        assert [cid for cid, _ in s.network.uplinks[-1].answers] == [8, 5]
    s.network.window = 2
    s.down(10, b"x")
    await s.send()
    assert s.got == [(10, b"x")], "with the delay and the data rate that the network now uses"
    await s.send()
    assert s.network.uplinks[-1].answers == []
    assert s.fine()


async def test_answers_that_the_network_must_hear_are_said_after_a_reset_too():
    s = await Street().joined()
    s.down(commands=commands.rx_timing(3) + commands.rx_param(1, 3, 869_525_000))
    await s.send()
    for _ in range(3):
        s.boot()
        assert s.mac.due
        s.air.loss_permille = 1000
        await s.send()
    s.boot()
    s.air.loss_permille = 0
    await s.send()
    assert [cid for cid, _ in s.network.uplinks[-1].answers] == [8, 5]
    s.down(10, b"x")
    await s.send()
    assert s.got == [(10, b"x")]
    s.boot()
    await s.send()
    assert s.network.uplinks[-1].answers == []
    assert s.fine()


async def test_answers_too_many_for_a_frame_go_without_a_payload():
    s = await Street().joined()
    s.mac.battery = 200
    s.down(commands=commands.dev_status() * 7)
    await s.send()
    assert s.mac.room() == 242 - 15
    assert await s.send(b"", None) == SENT
    up = s.network.uplinks[-1]
    assert up.port == 0
    assert len(up.answers) == 7
    assert s.known.battery == 200
    assert not s.mac.due
    assert s.mac.room() == 242
    assert s.fine()


async def test_a_payload_that_fits_goes_where_answers_have_no_room_beside_it():
    s = await Street("US915").joined()
    s.mac.plan.dr = 0
    s.down(commands=commands.dev_status() * 2 + commands.rx_timing(2))
    await s.send(b"")
    assert s.mac.room() == 11 - 7
    assert await s.send(bytes(12)) == TOO_LONG
    assert await s.send(bytes(11)) == SENT
    assert s.network.uplinks[-1].answers == []
    assert await s.send(bytes(5)) == SENT
    assert s.network.uplinks[-1].answers == [(8, b"")], "others the network asks for again"
    assert s.fine()


async def test_the_time_of_the_network_is_that_of_the_end_of_the_uplink():
    s = await Street(drift_ppm=40, latency_us=5000).joined()
    for _ in range(20):
        s.network.window = 0
        s.mac.ask_time()
        s.mac.ask_time()
        await s.send()
        day, second = s.told[-1]
        gps_s = s.network.gps_s + s.air.now_us // 1_000_000
        days = calendar.days(2000, 1, 1) - calendar.days(1980, 1, 6)
        true_s = gps_s - LEAP_S - days * 86400
        assert -1 <= day * 86400 + second - true_s <= 1
        await s.rest(60_000 + s.random(1000))
    assert len(s.told) == 20
    assert len([cid for up in s.network.uplinks for cid, _ in up.answers if cid == 13]) == 20
    assert s.fine()


async def test_the_link_check_tells_how_well_the_device_is_heard():
    s = await Street().joined()
    s.mac.commands.ask(2)
    await s.send()
    margin_db, gateways = s.mac.commands.link
    assert gateways == 1
    assert 0 < margin_db < 40
    assert s.fine()


async def test_the_duty_cycle_holds_whatever_is_asked_and_ends():
    s = await Street().joined()
    s.mac.plan.dr = 0
    outcomes = []
    for _ in range(200):
        outcomes.append(await s.send(bytes(40)))
        if outcomes[-1] == LATER:
            assert 0 < s.mac.wait_ms <= 3_600_000
            await s.rest(min(s.mac.wait_ms, 600_000))
        elif outcomes.count(SENT) % 7 == 6:
            s.boot()
    assert outcomes.count(SENT) > 20
    assert outcomes.count(LATER) > 20
    assert s.fine()


async def test_where_others_are_talking_nothing_is_sent_until_they_are_silent():
    s = await Street("KR920").joined()
    now_us = s.air.now_us
    s.air.jam(now_us, now_us + 60_000_000, 922_100_000, 125_000, -60)
    for i in range(12):
        await s.sent()
        assert s.radio.sent[-1].freq_hz != 922_100_000, i
    for hz in range(922_100_000, 924_000_000, 200_000):
        s.air.jam(s.air.now_us, s.air.now_us + 60_000_000, hz, 125_000, -60)
    fcnt = s.mac.session.up
    assert await s.send() == LATER
    assert 0 < s.mac.wait_ms < 3000
    assert s.mac.session.up == fcnt
    assert await s.sent() == SENT
    assert s.network.uplinks[-1].fcnt == fcnt
    assert s.fine()


async def test_a_radio_that_can_not_listen_before_it_talks_is_told():
    s = Street("KR920")
    s.radio.failing = "no answer"
    for _ in range(30):
        await s.rest(s.mac.wait_ms)
        outcome = await s.mac.join(s.check_in)
        if outcome != LATER:
            break
    assert (outcome, s.mac.fault) == (FAULT, "no answer")
    assert s.mac.wait_ms > 0
    s.radio.failing = None
    await s.joined()
    await s.sent()
    fcnt = s.mac.session.up
    s.radio.failing = "no answer"
    for _ in range(3):
        assert await s.send() == FAULT
        assert s.mac.fault == "no answer"
    s.radio.failing = None
    assert await s.sent() == SENT
    assert s.mac.fault is None
    assert s.network.uplinks[-1].fcnt == fcnt
    assert s.fine()


async def test_a_radio_that_fails_is_told_and_nothing_is_used_twice():
    s = await Street().joined()
    await s.send()
    s.radio.failing = "timeout"
    for _ in range(3):
        assert await s.send() == FAULT
        assert s.mac.fault == "timeout"
    s.radio.failing = None
    assert await s.send() == SENT
    assert s.mac.fault is None
    assert s.fine()


async def test_a_stop_while_a_frame_is_on_air_uses_no_number_twice():
    for ms in (0, 10, 40, 500, 1500):
        s = await Street().joined()
        await s.sent()
        task = asyncio.create_task(s.send(b"on air"))
        await asyncio.sleep_ms(ms)
        s.mac.save()
        await ended(task)
        await asyncio.sleep_ms(3000)
        s.boot()
        for _ in range(3):
            await s.sent(b"others")
        numbers = {sent.frame[6:8] for sent in s.radio.sent if sent.frame[0] != 0}
        assert len(numbers) == 3
        assert s.network.uplinks[-1].fcnt == 4
        assert s.fine()


async def test_flash_that_refuses_is_told_and_nothing_is_sent():
    s = await Street().joined()
    await s.send()
    put = s.mac.session.store.put
    s.mac.session.store.put = lambda name, data: False
    for _ in range(65):
        outcome = await s.send()
    assert outcome == FAULT
    assert s.mac.fault == "flash"
    sent = len(s.radio.sent)
    assert await s.send() == FAULT
    assert len(s.radio.sent) == sent <= 65
    s.mac.session.store.put = put
    assert await s.send() == SENT
    assert s.fine()


async def test_a_day_of_uplinks_costs_few_writes():
    for dr, most in ((5, 20), (0, 70)):
        s = await Street(adr=False, dr=dr).joined()
        puts = []
        put = s.mac.session.store.put
        s.mac.session.store.put = lambda name, data, puts=puts, put=put: (
            puts.append((name, len(data))) or put(name, data)
        )
        for i in range(144):
            if i % 14 == 0:
                s.down(10, b"x")
            await s.sent(bytes(11))
            await s.rest(597_000)
        assert len(puts) <= most, (dr, len(puts))
        assert max([size for name, size in puts if name == "lora_counts"]) <= 28
        assert s.fine()


async def test_counters_pass_16_bits_both_ways():
    s = await Street().joined()
    await s.send()
    s.mac.session.up = 0xFFFE
    s.known.fcnt_down = s.mac.session.down = 0xFFFE
    for i in range(4):
        s.down(10, bytes([i]))
        await s.send()
    assert [up.fcnt for up in s.network.uplinks[1:]] == [0xFFFE, 0xFFFF, 0x10000, 0x10001]
    assert len(s.got) == 4
    assert s.mac.session.down == 0x10002
    s.boot()
    s.down(10, b"x")
    await s.send()
    assert len(s.got) == 5
    assert s.fine()


async def test_downlinks_lost_by_the_thousands_make_nobody_deaf():
    s = await Street().joined()
    s.known.fcnt_down += 40_000
    s.down(10, b"x")
    await s.send()
    assert s.got == [(10, b"x")]
    assert s.mac.session.down == 40_001


async def test_when_its_numbers_are_used_up_a_device_joins_again():
    s = await Street().joined()
    s.mac.session.up = 0xFFFFFFFE
    s.known.fcnt_up = 0xFFFFFFF0
    assert await s.send() == SENT
    assert await s.send() == NOT_JOINED
    assert not s.mac.joined
    assert s.mac.fault == "counter"
    s.boot()
    assert await s.send() == NOT_JOINED
    await s.joined()
    assert s.mac.session.up == 0
    assert await s.send() == SENT
    assert s.known.joins == 2
    assert s.fine()


async def test_a_session_by_hand_needs_no_join_and_goes_on_after_resets():
    s = Street(ids=ABP)
    for i in range(3):
        assert s.mac.joined
        assert await s.mac.join(s.check_in) == NOT_JOINED
        assert await s.send(confirmed=True) == ACKED
        s.down(10, bytes([i]))
        await s.send()
        assert s.got[-1] == (10, bytes([i]))
        s.boot()
    assert 192 <= s.mac.session.up < 200
    assert s.fine()


async def test_a_session_by_hand_that_gets_another_address_and_back_uses_no_counter_twice():
    s = Street(ids=ABP)
    for _ in range(3):
        await s.sent()
    up = s.mac.session.up
    s.ids = b"\x09\x09\x09\x01", ABP[1], ABP[2]
    for _ in range(2):
        s.boot()
        assert s.mac.session.dev_addr == s.ids[0]
        assert s.mac.joined
    s.ids = ABP
    s.boot()
    assert s.mac.session.up >= up
    assert await s.sent(confirmed=True) == ACKED
    assert s.fine()


async def test_a_session_by_hand_that_has_lost_its_counters_says_so_once():
    s = Street(ids=ABP)
    await s.sent()
    s.mac.session.store.put("lora_counts", b"")
    s.boot()
    for _ in range(3):
        assert await s.mac.join(s.check_in) == NOT_JOINED
    errors = [entry for entry in s.log.entries(ERROR) if "counter" in str(entry)]
    assert len(errors) == 1, errors


async def test_a_session_by_hand_ends_with_its_numbers_and_never_begins_anew():
    s = Street(ids=ABP)
    s.mac.session.up = 0xFFFFFFFE
    assert await s.send() == SENT
    for _ in range(2):
        assert await s.send() == NOT_JOINED
        s.boot()
    sent = len(s.radio.sent)
    assert await s.send() == NOT_JOINED
    assert len(s.radio.sent) == sent


async def test_a_device_without_adr_keeps_its_data_rate_over_joins_and_resets():
    for _ in range(2):
        s = await Street(adr=False, dr=3).joined()
        await s.send()
        assert (s.network.uplinks[-1].dr, s.network.uplinks[-1].adr) == (3, False)
        s.boot()
        await s.send()
        assert s.network.uplinks[-1].dr == 3
        assert s.fine()


async def test_windows_are_hit_by_a_clock_one_percent_off_and_a_late_processor():
    for ppm in (-10_000, 10_000):
        s = Street(drift_ppm=ppm, latency_us=10_000, ppm=10_000, jitter_us=20_000)
        await s.joined()
        for window in (1, 2):
            s.network.window = window
            for _ in range(10):
                assert await s.send(confirmed=True) == ACKED
        assert s.fine()
