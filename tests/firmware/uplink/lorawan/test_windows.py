"""Receive windows of the whole device: a clock wrong by a percent, interrupts 10 ms late.

What is measured is how many downlinks a device misses that is near its gateway: with the error
that airtime.opening()'s formula allows for none, whichever window, data rate and delay.
"""

import vtime  # noqa: F401  what CPython lacks
from host_tools.lora import commands as mac_commands
from kerb.uplink.lorawan.mac import ACKED, SENT
from support.lora_mac import ABP, OTAA, Street

HEAP = "4m"  # an air, a network, and all that was sent
TIMEOUT_S = 300
WORST_PPM = 10000  # of a board without a crystal for its clock: 1 %
LATE_US = 10000  # at the end of the transmission, and again at opening


def _street(name, seed, ppm, allowed_ppm=WORST_PPM, jitter_us=2 * LATE_US, ids=ABP, **more):
    s = Street(name, ids, seed, 100, ppm, LATE_US, **more)
    s.more["ppm"] = allowed_ppm
    s.more["jitter_us"] = jitter_us
    s.boot()
    return s


async def _missed(s, downlinks):
    """How many of so many downlinks, in either window by turns, did not arrive."""
    missed = 0
    for i in range(downlinks):
        s.network.window = 1 + i % 2
        got = len(s.got)
        s.down(10, bytes([i]))
        assert await s.sent(b"x") == SENT
        missed += len(s.got) == got
    return missed


async def _set_delay(s, delay_s):
    """Have the network move the windows, and the device agree to it."""
    s.network.window = 1
    s.down(commands=mac_commands.rx_timing(delay_s))
    for _ in range(2):
        await s.sent(b"")
    assert s.mac.plan.rx1_delay_s == s.known.rx1_delay_s == delay_s


async def _none_is_missed(name, seed):
    for ppm in (-WORST_PPM, WORST_PPM, -3000, 0):
        top = 3 if name == "US915" else 5
        lowest = 2 if name == "AS923" else 0
        for dr in range(lowest, top + 1):
            s = _street(name, seed + dr, ppm, adr=False, dr=dr)
            if name == "US915":
                # The gateway's eight channels.
                assert s.mac.plan.link_adr(15, 15, [(7, 0), (0, 0xFF00)], 1) == 7
            for delay_s in (1, 5, 15):
                await _set_delay(s, delay_s)
                assert await _missed(s, 4) == 0, (ppm, dr, delay_s)
            assert not s.network.errors


async def test_no_window_in_europe_misses_its_downlink_with_the_worst_clock():
    await _none_is_missed("EU868", 1)


async def test_no_window_in_korea_misses_its_downlink_with_the_worst_clock():
    await _none_is_missed("KR920", 2)


async def test_no_window_in_asia_misses_its_downlink_with_the_worst_clock():
    await _none_is_missed("AS923", 3)


async def test_no_window_in_america_misses_its_downlink_with_the_worst_clock():
    await _none_is_missed("US915", 4)


async def test_no_window_in_india_misses_its_downlink_with_the_worst_clock():
    await _none_is_missed("IN865", 5)


async def test_every_join_is_heard_with_the_worst_clock():
    for name in ("EU868", "KR920", "AS923", "IN865"):
        for ppm in (-WORST_PPM, WORST_PPM):
            for window in (1, 2):
                s = _street(name, window, ppm, ids=OTAA)
                s.network.window = window
                await s.joined()
                assert len(s.network.joins) == 1


async def test_the_worst_clock_hears_its_acknowledgements_at_once():
    for ppm in (-WORST_PPM, WORST_PPM):
        s = _street("EU868", 6, ppm, adr=False, dr=5)
        for i in range(10):
            s.network.window = 1 + i % 2
            assert await s.sent(b"x", confirmed=True) == ACKED
        assert not s.network.repeats


async def test_class_c_hears_in_its_windows_with_the_worst_clock():
    for ppm in (-WORST_PPM, WORST_PPM):
        s = _street("EU868", 7, ppm, cls="C", adr=False, dr=5)
        for i in range(10):
            s.network.window = 1 + i % 2
            assert await s.sent(b"x", confirmed=True) == ACKED


async def test_windows_for_a_good_clock_miss_with_a_bad_one():
    # So that the tests above are known to test something.
    # RX2 is of SF12, whose symbols are longer than any error here.
    s = _street("EU868", 8, -WORST_PPM, allowed_ppm=30, jitter_us=0, adr=False, dr=5)
    assert await _missed(s, 20) == 10


async def test_a_good_clock_has_short_windows():
    s = _street("EU868", 9, 20, allowed_ppm=30, jitter_us=2 * LATE_US, adr=False, dr=5)
    assert await _missed(s, 20) == 0
    rx1 = [it for it in s.radio.windows if it[3] == 7]
    assert len(rx1) == 20
    for opened_us, closed_us, _, _, _, _ in rx1:
        # 20 ms of latency, and 4 symbols of SF7.
        assert closed_us - opened_us <= 24 * 1024
