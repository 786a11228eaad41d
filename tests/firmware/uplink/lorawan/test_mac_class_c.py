"""A device that always listens: class C, alone and as one of a multicast group."""

import vtime  # noqa: F401  what CPython lacks
from host_tools.lora import commands, packets
from kerb.uplink.lorawan.mac import ACKED, SENT
from support.lora_mac import GROUP, Street


async def listening(**more):
    s = await Street(cls="C", **more).joined()
    await s.rest(1000)
    return s


async def test_a_downlink_is_there_as_soon_as_it_is_sent():
    s = await listening()
    for i in range(20):
        down = s.down(10, bytes([i]))
        assert await s.rest(10_000)
        assert s.got[-1] == (10, bytes([i]))
        assert s.air.now_us - down.sent_us < 1_700_000, "its air time at DR0, and a look"
        await s.rest(s.random(3000))
    assert not s.mac.due
    assert s.fine()


async def test_a_confirmed_downlink_is_acknowledged_within_8_seconds_or_never():
    s = await listening()
    s.down(10, b"x", confirmed=True)
    assert await s.rest(5000)
    assert s.mac.due
    await s.send(b"", None)
    assert s.network.uplinks[-1].ack
    s.down(10, b"y", confirmed=True)
    assert await s.rest(5000)
    await s.rest(9000)
    await s.send(b"", None)
    assert not s.network.uplinks[-1].ack
    assert s.fine()


async def test_downlinks_come_while_a_frame_waits_for_its_windows():
    s = await listening()
    for window in (1, 2):
        s.network.window = window
        for i in range(10):
            end_us = s.air.now_us + 62_000
            s.down(10, b"early", at_us=end_us + 50_000 * i)
            assert await s.send(confirmed=True) == ACKED
            await s.rest(4000)
            s.down(10, b"late", at_us=s.air.now_us + 500_000)
            assert await s.rest(10_000)
    assert s.got.count((10, b"late")) == 20
    assert s.fine()


async def test_short_downlinks_before_the_first_window_are_heard():
    s = await listening()
    await s.commanded(commands.rx_param(0, 5, 869_525_000))
    s.down(10, b"x")
    await s.rest(3000)
    assert s.got == [(10, b"x")], "with the data rate that the network now uses"
    for i in range(10):
        s.down(10, b"early", at_us=s.air.now_us + 100_000 + 50_000 * i)
        assert await s.send(confirmed=True) == ACKED
    assert s.got.count((10, b"early")) == 10
    assert s.fine()


async def test_one_downlink_reaches_a_group_once_and_is_not_answered():
    s = await listening(group=GROUP)
    group = s.network.group(*GROUP)
    for i in range(5):
        s.network.multicast(group, 10, bytes([i]))
        assert not await s.rest(3000), "it wants nothing"
        assert s.got[-1] == (10, bytes([i]), True)
    assert not s.mac.due
    s.down(10, b"me")
    assert await s.rest(3000)
    assert s.got[-1] == (10, b"me")
    s.boot()
    group.fcnt -= 1
    s.network.multicast(group, 10, b"again")
    await s.rest(3000)
    s.network.multicast(group, 10, b"new")
    await s.rest(3000)
    assert [got[1] for got in s.got[6:]] == [b"new"]
    assert s.fine()


async def test_what_no_frame_of_a_group_may_be_is_not_taken():
    s = await listening(group=GROUP)
    group = s.network.group(*GROUP)

    def send(mtype=packets.UNCONFIRMED_DOWN, flags=0, fopts=b"", port=10, payload=b"x"):
        frame = packets.data(GROUP[1:], GROUP[0], group.fcnt, mtype, flags, fopts, port, payload)
        group.fcnt += 1
        s.down(raw=frame)

    for frame in (
        {"mtype": packets.CONFIRMED_DOWN},
        {"flags": packets.ACK},
        {"fopts": commands.rx_timing(5)},
        {"port": 0, "payload": commands.duty_cycle(10)},
    ):
        send(**frame)
        await s.rest(3000)
    assert s.got == []
    assert not s.mac.due
    assert (s.mac.plan.rx1_delay_s, s.mac.plan.max_duty) == (1, 0)
    send()
    await s.rest(3000)
    assert len(s.got) == 1
    assert await s.send() == SENT
    assert s.network.uplinks[-1].answers == []


async def test_commands_outside_of_class_a_windows_are_not_taken():
    s = await listening()
    frame = packets.data(
        s.known.keys,
        s.known.dev_addr,
        s.known.fcnt_down,
        packets.UNCONFIRMED_DOWN,
        0,
        commands.rx_timing(5),
        10,
        b"x",
    )
    s.down(raw=frame)
    await s.rest(3000)
    assert s.got == []
    assert s.mac.plan.rx1_delay_s == 1
    s.known.asked = []
    s.network.window = 2
    s.known.class_c = False
    s.down(10, b"x", commands=commands.rx_timing(5))
    await s.send()
    assert s.got == [(10, b"x")]
    assert s.mac.plan.rx1_delay_s == 5
    assert s.mac.due
    assert s.fine()


async def test_a_receiver_that_went_deaf_is_set_up_again():
    s = await listening()
    for _ in range(3):
        s.radio.standby()
        s.down(10, b"x")
        assert not await s.rest(3000)
        await s.rest(700_000)
        s.down(10, b"y")
        assert await s.rest(3000)
    s.radio.failing = "no answer"
    await s.rest(5000)
    s.radio.failing = None
    await s.rest(1000)
    s.down(10, b"z")
    assert await s.rest(3000)
    assert s.fine()


async def test_after_a_reset_it_listens_where_the_network_wants_it():
    s = await listening()
    await s.commanded(commands.rx_param(0, 3, 868_700_000))
    assert s.mac.plan.rx2 == (868_700_000, 3)
    s.boot()
    await s.rest(1000)
    s.down(10, b"x")
    assert await s.rest(3000)
    assert s.got == [(10, b"x")]
    assert s.fine()
