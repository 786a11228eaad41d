"""Joining, and joining again: networks that are silent, slow, false, and back after a week."""

import asyncio

import vtime  # noqa: F401  what CPython lacks
from host_tools.lora import commands, packets
from kerb.uplink.lorawan.mac import ACKED, FAULT, LATER, NOT_JOINED, SENT
from kerb.uplink.lorawan.start import end
from support.lora_mac import APP_KEY, Street
from support.tasks import ended

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS


async def tried(s, ms):
    """Try to join as an owner does, for so long at least; gives what it slept."""
    passed_ms = 0
    while passed_ms < ms and not s.mac.joined:
        if await s.mac.join(s.check_in) != SENT:
            wait_ms = min(max(s.mac.wait_ms, 1000), HOUR_MS // 2)
            passed_ms += wait_ms
            await s.rest(wait_ms)
    return passed_ms


async def tried_once(s):
    """The outcome of the next try, when it is time for it."""
    while True:
        outcome = await s.mac.join(s.check_in)
        if outcome != LATER:
            return outcome
        await s.rest(s.mac.wait_ms)


async def test_a_joined_device_has_what_the_join_accept_says():
    s = Street(distance_m=100)
    s.network.rx_delay_s = 3
    s.network.rx1_offset = 2
    s.network.rx2_dr = 3
    await s.joined()
    plan = s.mac.plan
    assert (plan.rx1_delay_s, plan.rx1_offset, plan.rx2[1]) == (3, 2, 3)
    assert len(plan.channels(plan.dr)) == 8
    for window in (1, 2):
        s.network.window = window
        s.down(10, b"x")
        await s.send()
    assert len(s.got) == 2
    assert s.fine()


async def test_every_region_is_joined_and_spoken_in():
    for name in ("EU868", "KR920", "AS923", "US915", "IN865"):
        s = await Street(name, distance_m=200).joined(tries=40)
        for window in (1, 2):
            s.network.window = window
            s.down(10, b"x")
            # US915's gateways hear eight channels of 72, which the join-accept tells.
            assert await s.sent(b"hello") == SENT
            assert s.got[-1:] == [(10, b"x")], name
            s.got.clear()
        s.boot()
        assert s.mac.joined
        assert await s.sent(b"hello") == SENT
        assert s.fine()


async def test_a_network_in_reach_is_joined_within_minutes():
    for name in ("EU868", "KR920", "AS923", "US915", "IN865"):
        for seed in range(4):
            s = Street(name, seed=seed, distance_m=400)
            await s.joined(tries=60)
            assert s.air.now_us < 600_000_000, (name, seed, s.air.now_us)


async def test_the_windows_of_a_join_are_found_in_either():
    for window in (1, 2):
        s = Street(seed=window, drift_ppm=50, latency_us=10_000)
        s.network.window = window
        assert await tried_once(s) == SENT
        assert s.fine()


async def test_tries_to_join_keep_to_the_air_time_that_joins_have_over_resets_too():
    s = Street()
    s.network.silent = True
    for _ in range(60):
        await tried(s, HOUR_MS)
        s.boot()
    assert len(s.known.nonces) > 50
    assert s.known.nonces == sorted(set(s.known.nonces))
    assert s.fine()
    s.network.silent = False
    await tried(s, 2 * DAY_MS)
    assert s.mac.joined
    assert await s.sent() == SENT
    assert s.fine()


async def test_a_device_that_never_gets_through_uses_few_nonces_and_never_gives_up():
    s = Street()
    s.network.silent = True
    await tried(s, 10 * DAY_MS)
    first_day = len([sent for sent in s.radio.sent if sent.start_us < DAY_MS * 1000])
    assert 20 < first_day < 200, first_day
    a_day = (len(s.known.nonces) - first_day) / 9
    assert 2 < a_day < 24, a_day
    last = s.radio.sent[-1].end_us
    assert s.air.now_us - last < 6 * HOUR_MS * 1000
    assert s.fine()


async def test_a_lamp_that_has_power_at_night_only_is_not_kept_out_for_ever():
    s = Street()
    s.network.silent = True
    await tried(s, 30 * HOUR_MS)
    counts = []
    for _ in range(6):
        before = len(s.known.nonces)
        s.boot()
        await tried(s, 10 * HOUR_MS)
        counts.append(len(s.known.nonces) - before)
    assert sum(counts[:3]) > 0
    assert sum(counts[3:]) > 0
    assert s.fine()


async def test_a_join_accept_of_before_is_not_taken():
    s = await Street().joined()
    accepts = []
    s.air.watchers.append(lambda sent: sent.down and accepts.append(sent.frame))
    s.mac.joined = False
    end(s.mac.session)
    await s.joined()
    old = accepts[0]
    s.mac.joined = False
    end(s.mac.session)
    s.network.silent = True
    tries = len(s.radio.sent)

    def replay(sent):
        if not sent.down:
            dr = s.network.region.uplink_dr(sent.sf, sent.bw_hz)
            s.network._transmit(
                s.network.gateways[0], sent.end_us + 5_000_000, old, sent.freq_hz, dr, False
            )

    s.air.listeners.append(replay)
    await tried(s, HOUR_MS)
    assert len(s.radio.sent) > tries
    assert not s.mac.joined
    s.air.listeners.remove(replay)
    s.network.silent = False
    await s.joined()
    assert await s.sent() == SENT


async def test_a_join_accept_for_somebody_else_or_forged_is_not_taken():
    for key in (bytes(16), None):
        s = Street()
        s.network.silent = True

        def answer(sent, s=s, key=key):
            if sent.down:
                return
            frame = packets.join_accept(
                key or APP_KEY, 5, b"\x01\0\0", b"\x01\x02\x03\x04", 0, 1, b""
            )
            if key is None:
                frame = frame[:-1] + bytes([frame[-1] ^ 1])
            dr = s.network.region.uplink_dr(sent.sf, sent.bw_hz)
            s.network._transmit(
                s.network.gateways[0], sent.end_us + 5_000_000, frame, sent.freq_hz, dr, False
            )

        s.air.listeners.append(answer)
        await tried(s, HOUR_MS)
        assert not s.mac.joined
        assert s.mac.session.keys is None


async def test_without_flash_or_radio_no_join_is_tried_and_then_it_goes_on():
    s = Street()
    put = s.mac.session.store.put
    s.mac.session.store.put = lambda name, data: False
    assert await tried_once(s) == FAULT
    assert s.mac.fault == "flash"
    assert s.mac.wait_ms > 0
    assert s.radio.sent == []
    s.mac.session.store.put = put
    s.radio.failing = "busy"
    assert await tried_once(s) == FAULT
    assert s.mac.fault == "busy"
    s.radio.failing = None
    await s.joined()
    assert s.fine()


async def test_a_flash_that_refuses_the_session_leaves_none_and_the_join_is_tried_again():
    s = Street()
    store = s.mac.session.store
    put = store.put
    store.put = lambda name, data: name != "lora_session" and put(name, data)
    assert await tried_once(s) == FAULT
    assert not s.mac.joined
    assert await s.send() == NOT_JOINED
    store.put = put
    await s.joined()
    assert await s.sent() == SENT
    assert s.fine()


async def test_when_all_nonces_are_used_up_the_device_says_so():
    s = Street()
    s.network.silent = True
    assert await tried_once(s) == NOT_JOINED
    joins = s.mac.joins
    joins.nonce = 65535
    assert joins.keep()
    assert await tried_once(s) == NOT_JOINED
    assert await tried_once(s) == FAULT
    assert s.mac.fault == "nonce"
    assert s.known.nonces == [0, 65535]


async def test_a_network_silent_for_a_week_is_asked_then_joined_again():
    s = await Street().joined()
    await s.sent()
    s.network.silent = True
    for _ in range(8 * 24):
        await s.sent()
        await s.rest(HOUR_MS)
    asked = [up for up in s.network.uplinks if any(cid == 2 for cid, _ in up.answers)]
    assert len(asked) > 100
    assert s.known.nonces[1:], "it tries to join"
    assert len(s.known.nonces) < 40
    assert s.mac.joined
    s.network.silent = False
    for _ in range(24):
        await s.sent()
        await s.rest(HOUR_MS)
    assert s.mac.silent < 24, "by its old session, or by a new one"
    before = len(s.network.uplinks)
    assert await s.sent() == SENT
    assert len(s.network.uplinks) == before + 1
    joins = len(s.known.nonces)
    for _ in range(48):
        await s.sent()
        await s.rest(HOUR_MS)
    assert len(s.known.nonces) == joins, "and no more"
    assert s.fine()


async def test_a_network_that_lost_the_session_gets_a_join_and_one_that_is_back_none():
    s = await Street().joined()
    await s.sent()
    s.network.silent = True
    for _ in range(5 * 24):
        await s.sent()
        await s.rest(HOUR_MS)
    s.network.silent = False
    await s.sent()
    assert s.known.joins == 1
    s.known.keys = (bytes(16), bytes(16))
    s.known.dev_addr = b"\0\0\0\0"
    joins = 0
    for _ in range(10 * 24):
        await s.sent()
        await s.rest(HOUR_MS)
        joins = s.known.joins
        if joins > 1:
            break
    assert joins == 2
    assert s.mac.session.dev_addr == s.known.dev_addr
    assert s.late_ms <= 4000
    assert not s.rules.errors


async def test_a_try_to_join_that_fails_leaves_the_session_as_it_was():
    s = await Street().joined()
    await s.commanded(commands.rx_timing(4) + commands.rx_param(2, 3, 868_700_000))
    await s.sent(confirmed=True)
    plan = s.mac.plan.pack()
    s.mac.silent = 320
    s.network.silent = True
    fcnt = s.mac.session.up
    tries = len(s.known.nonces)
    keys = s.known.keys
    await s.sent()
    assert len(s.known.nonces) == tries + 1
    assert s.known.keys == keys
    assert s.mac.plan.pack() == plan
    assert s.mac.session.up == fcnt + 1
    s.network.silent = False
    assert await s.send() in (SENT, LATER)
    assert s.mac.joined
    assert s.fine()


async def test_a_long_frame_of_somebody_else_keeps_no_task_from_checking_in():
    s = await Street(drift_ppm=10_000, ppm=10_000, jitter_us=20_000, latency_us=10_000).joined()
    s.network.silent = True
    gateway = s.network.gateways[0]

    def watch(sent):
        if not sent.down:
            # The join's windows are 5 s and 6 s after it, RX1 is of the uplink's data rate.
            after_us = 5_000_000 if sent.frame[0] == 0 else 1_000_000
            for hz, sf, us in ((sent.freq_hz, sent.sf, 0), (869_525_000, 12, 1_000_000)):
                begin_us = sent.end_us + after_us + us
                s.air.transmit(gateway, begin_us, bytes(255), hz, sf, 125_000, 27, True)

    s.air.watchers.append(watch)
    for dr in (5, 0):
        s.mac.plan.dr = dr
        s.check_in()
        s.late_ms = 0
        assert await s.sent() == SENT
        assert any(it[-1] for it in s.radio.windows[-2:]), "it heard the beginning"
        assert s.late_ms <= 4000, s.late_ms
        await s.rest(30_000)
    s.mac.joined = False
    end(s.mac.session)
    outcome = LATER
    while outcome == LATER:
        s.check_in()
        s.late_ms = 0
        outcome = await s.mac.join(s.check_in)
        assert s.late_ms <= 4000, s.late_ms
        await s.rest(s.mac.wait_ms)
    assert outcome == NOT_JOINED
    s.air.watchers.remove(watch)
    s.network.silent = False
    await s.joined()
    assert await s.sent() == SENT
    assert s.fine()


async def _rejoining(s):
    """A task of a device that tries to join again by itself: the request is on air."""
    s.network.rx_delay_s = 5
    await s.joined()
    await s.commanded(commands.rx_param(2, 3, 868_700_000))
    await s.sent()
    s.mac.silent = 320
    s.network.silent = True
    while True:
        sent = len(s.radio.sent)
        task = asyncio.create_task(s.send())
        while not task.done():
            await asyncio.sleep_ms(10)
            if len(s.radio.sent) > sent and s.radio.sent[-1].frame[0] == 0:
                return task
        await s.rest(10_000)


async def test_a_try_to_join_that_is_broken_off_leaves_the_session_as_it_was():
    for ms in (0, 3000, 5200):
        s = Street()
        task = await _rejoining(s)
        await asyncio.sleep_ms(ms)
        s.mac.save()  # as one who stops everything does, without a word to the tasks
        state = s.mac.session.kept
        await ended(task)
        assert s.mac.plan.pack() == state[-len(s.mac.plan.pack()) :]
        assert s.mac.joined
        assert s.mac.plan.rx1_delay_s == 5
        await s.rest(10_000)
        s.mac.silent = 0
        assert await s.sent() == SENT
        s.network.silent = False
        for _ in range(2):
            s.mac.silent = 0
            assert await s.sent(confirmed=True) == ACKED, ms
            s.boot()
        assert s.fine()


async def test_a_try_to_join_without_memory_left_leaves_the_session_as_it_was():
    s = Street()
    receive = s.radio.receive

    async def bad(*args):
        raise MemoryError

    task = await _rejoining(s)
    s.radio.receive = bad
    try:
        await task
        raise AssertionError
    except MemoryError:
        pass
    s.radio.receive = receive
    s.network.silent = False
    s.mac.silent = 0
    assert s.mac.plan.rx1_delay_s == 5
    assert await s.sent(confirmed=True) == ACKED
    assert s.fine()
