"""An end-device in a simulated air: joining, sending, receiving, in virtual time."""

import vtime  # noqa: F401  what CPython lacks
from kerb.uplink.lorawan.mac import ACKED, NOT_JOINED, SENT
from support.lora_mac import Street


async def test_a_device_joins_sends_and_is_understood():
    s = Street()
    assert not s.mac.joined
    assert await s.send() == NOT_JOINED
    await s.joined()
    assert await s.send(b"\x01\x02", 3) == SENT
    up = s.network.uplinks[-1]
    assert (up.port, up.payload, up.fcnt, up.confirmed) == (3, b"\x01\x02", 0, False)
    assert not s.network.errors


async def test_a_confirmed_frame_is_acknowledged_in_either_window():
    for window in (1, 2):
        s = await Street(seed=window).joined()
        s.network.window = window
        assert await s.send(confirmed=True) == ACKED
        assert s.network.uplinks[-1].confirmed
        assert s.mac.rssi_dbm < 0
        assert not s.network.errors


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
    assert not s.network.errors
