"""The watcher of a region's rules sees each breach, and none where there is none."""

import pytest

from host_tools.lora.air import Air, airtime_us
from host_tools.lora.rules import Rules

SECOND_US = 1_000_000
HOUR_US = 3600 * SECOND_US
JOIN = bytes(23)


def watched(region):
    air = Air(1, fade_db=0)
    return air, air.node(100), Rules(air, region)


def send(air, node, start_us, hz, sf=7, dbm=10, frame=b"\x40frame", bw_hz=125_000):
    return air.transmit(node, start_us, frame, hz, sf, bw_hz, dbm)


@pytest.mark.parametrize(
    ("region", "hz", "word"),
    [
        ("EU868", 868_100_000, None),
        ("EU868", 868_600_000, "outside"),
        ("EU868", 868_650_000, "outside"),
        ("EU868", 862_950_000, "outside"),
        ("EU868", 869_525_000, None),
        ("KR920", 922_100_000, None),
        ("KR920", 920_700_000, "outside"),
        ("AS923", 923_200_000, None),
        ("AS923", 914_000_000, "outside"),
        ("US915", 914_900_000, None),
        ("US915", 928_000_000, "outside"),
        ("IN865", 865_062_500, None),
        ("IN865", 867_000_000, "outside"),
    ],
)
def test_a_frame_outside_of_the_bands_is_seen(region, hz, word):
    air, node, rules = watched(region)
    send(air, node, SECOND_US, hz)
    assert [word in it for it in rules.errors] == ([True] if word else [])


@pytest.mark.parametrize(
    ("region", "hz", "bw_hz", "most_dbm"),
    [
        ("EU868", 868_100_000, 125_000, 16),
        ("KR920", 922_100_000, 125_000, 14),
        ("KR920", 921_900_000, 125_000, 10),
        ("US915", 903_000_000, 500_000, 26),
        ("US915", 902_300_000, 125_000, 30),
    ],
)
def test_too_much_power_is_seen(region, hz, bw_hz, most_dbm):
    air, node, rules = watched(region)
    send(air, node, SECOND_US, hz, 8, most_dbm, bw_hz=bw_hz)
    assert not rules.errors
    send(air, node, 9 * SECOND_US, hz, 8, most_dbm + 1, bw_hz=bw_hz)
    assert len(rules.errors) == 1 and "dBm" in rules.errors[0]


def test_more_than_the_share_of_any_hour_is_seen():
    air, node, rules = watched("EU868")
    us = airtime_us(12, 125_000, 6)
    times = 36 * SECOND_US // us
    for i in range(times):
        send(air, node, HOUR_US // 2 + i * 10 * SECOND_US, 868_100_000, 12)
    assert not rules.errors
    assert max(rules.most_ms.values()) == times * us / 1000
    # Another sub-band and another device have hours of their own.
    send(air, node, HOUR_US, 867_100_000, 12)
    send(air, air.node(), HOUR_US, 868_300_000, 12)
    assert not rules.errors
    send(air, node, HOUR_US // 2 * 3 - 2 * SECOND_US, 868_300_000, 12)
    assert len(rules.errors) == 1 and "in an hour" in rules.errors[0]
    send(air, node, HOUR_US // 2 * 3 + 20 * SECOND_US, 868_300_000, 12)
    assert len(rules.errors) == 1


def test_a_frame_that_is_too_long_is_seen_where_there_is_such_a_rule():
    for region, hz in (("AS923", 923_200_000), ("US915", 902_300_000), ("EU868", 868_100_000)):
        air, node, rules = watched(region)
        send(air, node, SECOND_US, hz, 10)
        send(air, node, 9 * SECOND_US, hz, 12)
        assert len(rules.errors) == (region != "EU868")


def test_a_frame_into_somebody_else_s_is_seen_in_korea():
    air, node, rules = watched("KR920")
    other = air.node(110)
    first = send(air, other, SECOND_US, 922_100_000, 12)
    send(air, node, SECOND_US + 6_000, 922_300_000)
    assert not rules.errors
    air.link(node, other, 60)
    first.levels.clear()
    send(air, node, first.end_us + 10_000, 922_100_000)
    assert not rules.errors
    first = send(air, other, 5 * SECOND_US, 922_100_000, 12)
    send(air, node, 5 * SECOND_US + 6_000, 922_100_000)
    assert len(rules.errors) == 1 and "into -50 dBm" in rules.errors[0]


def test_two_frames_at_once_of_one_radio_are_seen():
    air, node, rules = watched("EU868")
    sent = send(air, node, SECOND_US, 868_100_000)
    send(air, air.node(), SECOND_US, 868_300_000)
    send(air, node, sent.end_us, 868_300_000)
    assert not rules.errors
    send(air, node, sent.end_us + 1, 868_500_000)
    assert len(rules.errors) == 1


def test_too_many_joins_are_seen_by_period():
    air, node, rules = watched("IN865")
    us = airtime_us(12, 125_000, 23)
    periods = [(0, 36), (HOUR_US, 36), (11 * HOUR_US, 8.7), (35 * HOUR_US, 8.7)]
    for start_us, most_s in periods:
        for i in range(int(most_s * SECOND_US // us)):
            send(air, node, start_us + i * 10 * SECOND_US, 865_062_500, 12, frame=JOIN)
        assert not rules.errors
        send(air, node, start_us + HOUR_US // 2, 865_062_500, 12, frame=JOIN)
        assert len(rules.errors) == 1 and "joins" in rules.errors.pop()
