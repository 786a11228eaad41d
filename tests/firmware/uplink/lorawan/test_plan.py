"""What a network can do to the plan, and what it can't, in every region."""

import sys

from kerb.uplink.lorawan import as923, eu868, in865, kr920, us915
from kerb.uplink.lorawan.plan import Plan

CF_LIST = bytes((0x18, 0x4F, 0x84, 0xE8, 0x56, 0x84, 0xB8, 0x5E, 0x84, 0x88, 0x66, 0x84)) + bytes(
    (0x58, 0x6E, 0x84, 0)
)
SEEDS = 2 if sys.platform == "rp2" else 6
REGIONS = {"AS923": as923, "EU868": eu868, "IN865": in865, "KR920": kr920, "US915": us915}
# Where uplinks may be in each region, Hz, said once more.
UPLINKS = {
    "EU868": (
        (863000000, 868600000),
        (868700000, 869200000),
        (869400000, 869650000),
        (869700000, 870000000),
    ),
    "KR920": ((920800000, 923400000),),
    "IN865": ((865000000, 867000000),),
    "AS923": ((915000000, 928000000),),
    "US915": ((902000000, 915000000),),
}
DOWNLINKS = {
    "EU868": (863000000, 870000000),
    "KR920": (920900000, 923300000),
    "IN865": (865000000, 867000000),
    "AS923": (915000000, 928000000),
    "US915": (923300000, 927500000),
}
EIRP_DBM = {"EU868": 16, "KR920": 14, "IN865": 30, "AS923": 16, "US915": 30}


class Dice:
    """The same numbers on each runtime."""

    def __init__(self, seed):
        self._x = (seed * 7919 + 12345) % 65536 + 1

    def __call__(self, n):
        self._x = self._x * 75 % 65537
        return self._x * n // 65537


def plan(name):
    return Plan(REGIONS[name].TABLE)


def assert_within_the_rules(name, p):
    usable = p.channels(p.dr)
    assert usable, p.dr
    for dr in range(16):
        for i in p.channels(dr):
            sf, bw_hz = p.modulation(dr)
            low, high = p.hz[i] - bw_hz // 2, p.hz[i] + bw_hz // 2
            assert any(lo <= low and high <= hi for lo, hi in UPLINKS[name]), (i, low, high)
            assert p.band(p.hz[i]) is not None
            assert 7 <= sf <= 12 and p.max_payload(dr) > 0
            hz, rx1_dr = p.rx1(i, dr)
            assert DOWNLINKS[name][0] <= hz <= DOWNLINKS[name][1]
            assert p.modulation(rx1_dr) is not None
            assert p.power_dbm(i) <= EIRP_DBM[name] - 2 * p.power
            if p.dwell_up:
                assert dr >= 2
            if name == "KR920":
                assert p.power_dbm(i) <= (10 if p.hz[i] < 922000000 else 14)
    hz, dr = p.rx2
    assert DOWNLINKS[name][0] <= hz <= DOWNLINKS[name][1]
    assert p.modulation(dr) is not None
    assert 1 <= p.nb_trans <= 15 and 1 <= p.rx1_delay_s <= 15 and 0 <= p.max_duty <= 15


def hz_of(name, dice):
    """Now and then a frequency that may be used, else any that has 24 bits."""
    if dice(5):
        low, high = DOWNLINKS[name]
        return low + dice((high - low) // 100000 + 2) * 100000
    return (dice(1 << 12) << 12 | dice(1 << 12)) * 100


def do_something(name, p, dice):
    """One command with random arguments; True unless nothing of the plan may have changed."""
    what = dice(8)
    if what < 3:
        masks = [
            (dice(8) if dice(3) else 0, dice(1 << 16) >> dice(16)) for _ in range(1 + dice(3))
        ]
        some = [dice(7) if dice(8) else 8 + dice(8) for _ in range(2)]
        return p.link_adr(*some, masks, dice(16)) == 7
    if what == 3:
        return p.rx_param(dice(8), dice(8) + 8 * dice(2), hz_of(name, dice)) == 7
    if what < 6:
        hz = hz_of(name, dice) if dice(4) else 0
        return p.new_channel(dice(17), hz, dice(4), 3 + dice(5)) == 3
    if what == 6:
        return p.dl_channel(dice(256) >> dice(8), hz_of(name, dice)) == 3
    if dice(4):
        return p.tx_param(dice(256))
    if dice(4):
        p.default_channels()
        return True
    cf_list = bytes(dice(256) for _ in range(15)) + bytes((dice(3),)) if dice(3) else None
    p.dr = dice(16)
    p.joined(dice(256), dice(256), cf_list)
    return True


def state(p):
    """All of a plan that can be seen."""
    found = [p.dr, p.power, p.nb_trans, p.rx1_delay_s, p.max_duty, p.eirp_dbm, p.dwell_up]
    found += [p.dwell_down, p.rx1_offset, p.rx2, p.pack()]
    for dr in range(8):
        found += [(p.hz[i], p.rx1(i, dr)) for i in p.channels(dr)]
    return found


def test_a_join_accept_sets_windows_delay_and_channels():
    p = plan("EU868")
    p.dr = 3
    p.power = 4
    p.joined(0x13, 5, CF_LIST)
    assert (p.dr, p.power, p.rx1_delay_s, p.rx1_offset, p.rx2) == (3, 0, 5, 1, (869525000, 3))
    found = [p.hz[i] for i in p.channels(5)]
    assert found == [868100000, 868300000, 868500000] + [867100000 + 200000 * i for i in range(5)]
    assert len(p.channels(0)) == 8 and not p.channels(6)
    p.joined(0, 0, None)
    assert len(p.channels(3)) == 3 and p.rx1_delay_s == 1 and p.rx1_offset == 0


def test_a_join_accept_of_a_fixed_plan_sets_the_mask():
    p = plan("US915")
    p.dr = 0
    p.joined(0x08, 1, bytes((0, 0xFF, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 1)))
    assert list(p.channels(0)) == list(range(8, 16)) and list(p.channels(4)) == [65]
    p.dr = 4
    p.joined(0x08, 1, bytes((0, 0xFF)) + bytes(13) + b"\x01")
    assert p.dr == 3 and list(p.channels(3)) == list(range(8, 16))
    p.joined(0x08, 1, bytes(15) + b"\x01")
    assert len(p.channels(0)) == 64


def test_what_a_join_accept_has_wrong_is_left_out():
    for name in sorted(REGIONS):
        for dl_settings in range(0, 256, 5):
            p = plan(name)
            p.joined(dl_settings, dl_settings, bytes(range(15)) + bytes((dl_settings & 3,)))
            assert_within_the_rules(name, p)
    p = plan("EU868")
    p.joined(0x70, 1, CF_LIST[:-1] + b"\x01")
    assert p.rx1_offset == 0 and len(p.channels(0)) == 3


def test_link_adr_is_all_or_nothing_and_says_what_is_wrong():
    p = plan("EU868")
    assert p.link_adr(5, 3, ((0, 7),), 2) == 7
    assert (p.dr, p.power, p.nb_trans, list(p.channels(5))) == (5, 3, 2, [0, 1, 2])
    before = state(p)
    assert p.link_adr(5, 3, ((0, 8),), 1) == 6
    assert p.link_adr(5, 3, ((0, 0),), 1) == 6
    assert p.link_adr(5, 3, ((1, 1),), 1) == 6
    assert p.link_adr(6, 3, ((0, 7),), 1) == 5
    assert p.link_adr(7, 8, ((6, 0),), 1) == 1
    assert p.link_adr(14, 14, ((7, 0),), 1) == 0
    assert state(p) == before


def test_link_adr_keeps_what_is_15_and_takes_no_repetitions_for_one():
    p = plan("EU868")
    assert p.link_adr(4, 2, ((0, 1),), 3) == 7
    assert p.link_adr(15, 15, ((0, 2),), 0) == 7
    assert (p.dr, p.power, p.nb_trans, list(p.channels(4))) == (4, 2, 1, [1])


def test_link_adr_block_counts_as_one():
    p = plan("US915")
    assert p.link_adr(2, 5, ((7, 0), (0, 0xFF00)), 1) == 7
    assert list(p.channels(2)) == list(range(8, 16)) and not p.channels(4)
    assert p.link_adr(2, 5, ((0, 0), (1, 1), (4, 0x80)), 1) == 7
    assert list(p.channels(2)) == [16] and list(p.channels(4)) == [71]
    assert p.link_adr(4, 5, ((7, 0),), 1) == 6  # no channel
    assert p.link_adr(0, 5, ((7, 1),), 1) == 5  # none for DR0
    assert p.link_adr(0, 5, ((5, 0x81),), 1) == 7
    assert list(p.channels(0)) == list(range(8)) + list(range(56, 64))
    assert list(p.channels(4)) == [64, 71]
    assert p.link_adr(0, 5, ((6, 0x02),), 1) == 7
    assert len(p.channels(0)) == 64 and list(p.channels(4)) == [65]
    assert p.link_adr(0, 5, ((8, 1),), 1) == 6


def test_all_channels_on_means_all_that_there_are():
    p = plan("KR920")
    p.new_channel(7, 922900000, 0, 5)
    assert p.link_adr(15, 15, ((0, 1),), 1) == 7
    assert p.link_adr(15, 15, ((6, 0),), 1) == 7
    assert list(p.channels(0)) == [0, 1, 2, 7]


def test_second_window_is_set_only_whole():
    p = plan("EU868")
    assert p.rx_param(2, 3, 868300000) == 7
    assert (p.rx1_offset, p.rx2, p.rx1(0, 5)[1]) == (2, (868300000, 3), 3)
    assert p.rx_param(6, 3, 868300000) == 3
    assert p.rx_param(1, 7, 868300000) == 5
    assert p.rx_param(1, 3, 862900000) == 6
    assert p.rx_param(7, 15, 0) == 0
    assert (p.rx1_offset, p.rx2) == (2, (868300000, 3))
    p = plan("US915")
    assert p.rx_param(3, 13, 927500000) == 7
    assert p.rx_param(4, 4, 923400000) == 0


def test_new_channels_come_and_go_but_not_the_default_ones():
    p = plan("EU868")
    assert p.new_channel(3, 867100000, 0, 5) == 3
    assert list(p.channels(0)) == [0, 1, 2, 3]
    assert p.new_channel(3, 867300000, 3, 6) == 3
    assert 3 not in list(p.channels(2)) and list(p.channels(6)) == [3] and p.hz[3] == 867300000
    for index in (0, 1, 2, 16, 255):
        assert p.new_channel(index, 867100000, 0, 5) == 0
        assert p.new_channel(index, 0, 0, 5) == 0
    assert p.new_channel(4, 868000000, 0, 5) == 2  # half of it in another sub-band
    assert p.new_channel(4, 869300000, 0, 5) == 2  # for alarms
    assert p.new_channel(4, 867100000, 0, 7) == 1
    assert p.new_channel(4, 867100000, 5, 4) == 1
    assert p.new_channel(4, 1000000000, 6, 0) == 0
    assert p.new_channel(3, 0, 0, 0) == 3
    assert list(p.channels(3)) == [0, 1, 2] and not p.channels(6)


def test_a_channel_that_is_taken_away_leaves_no_device_without_one():
    p = plan("EU868")
    p.new_channel(5, 867100000, 6, 6)
    assert p.link_adr(6, 0, ((0, 0x20),), 1) == 7
    assert p.new_channel(5, 0, 0, 0) == 3
    assert (p.dr, list(p.channels(5))) == (5, [0, 1, 2])


def test_downlinks_of_a_channel_can_be_elsewhere():
    p = plan("AS923")
    assert p.dl_channel(0, 925000000) == 3
    assert p.rx1(0, 5) == (925000000, 5) and p.rx1(1, 5) == (923400000, 5)
    assert p.dl_channel(2, 925000000) == 1
    assert p.dl_channel(200, 925000000) == 1
    assert p.dl_channel(1, 914900000) == 2
    assert p.new_channel(2, 924000000, 0, 5) == 3
    assert p.dl_channel(2, 925000000) == 3
    assert p.new_channel(2, 924200000, 0, 5) == 3
    assert p.rx1(2, 5) == (924200000, 5)


def test_fixed_plans_have_no_commands_for_channels():
    p = plan("US915")
    before = state(p)
    assert p.new_channel(3, 923300000, 0, 3) is None
    assert p.dl_channel(3, 923300000) is None
    assert state(p) == before


def test_dwell_time_and_eirp_are_a_command_of_as923_only():
    for name in ("EU868", "KR920", "IN865", "US915"):
        p = plan(name)
        before = state(p)
        assert not p.tx_param(0x3F)
        assert state(p) == before
    p = plan("AS923")
    assert (p.dwell_up, p.dwell_down, p.eirp_dbm, p.dr) == (True, False, 16, 2)
    dbm = (8, 10, 12, 13, 14, 16) + 10 * (16,)  # not more than the region's, TS001 5.8
    for code, eirp_dbm in enumerate(dbm):
        assert p.tx_param(0x20 | code)
        assert (p.dwell_up, p.dwell_down, p.eirp_dbm) == (False, True, eirp_dbm)
    assert p.link_adr(0, 0, ((0, 3),), 1) == 7
    assert p.tx_param(0x15) and p.dr >= 2 and p.channels(p.dr)
    assert p.link_adr(0, 0, ((0, 3),), 1) == 5


def test_an_offset_that_leads_to_fsk_is_refused_and_so_is_such_a_data_rate():
    for name in ("AS923", "IN865"):
        p = plan(name)
        assert p.link_adr(5, 0, ((0, 3),), 1) == 7
        hz = p.rx2[0]
        assert p.rx_param(7, 2, hz) == 3
        assert p.link_adr(4, 0, ((0, 3),), 1) == 7
        assert p.rx_param(7, 2, hz) == 7
        assert p.link_adr(5, 0, ((0, 3),), 1) == 5


def test_default_channels_are_enabled_beside_the_others():
    p = plan("EU868")
    p.new_channel(9, 867100000, 0, 5)
    p.link_adr(5, 0, ((0, 0x200),), 1)
    p.default_channels()
    assert list(p.channels(5)) == [0, 1, 2, 9]
    p = plan("US915")
    p.link_adr(0, 0, ((7, 0), (1, 1)), 1)
    p.default_channels()
    assert len(p.channels(0)) == 64 and len(p.channels(4)) == 8


def test_whatever_the_network_says_the_plan_is_within_the_rules_of_the_region():
    for name in sorted(REGIONS):
        for seed in range(SEEDS):
            dice = Dice(seed * 99 + len(name))
            p = plan(name)
            done = 0
            for _ in range(60):
                before = state(p)
                if do_something(name, p, dice):
                    done += 1
                    assert_within_the_rules(name, p)
                else:
                    assert state(p) == before
            assert done > 2


def test_what_is_stored_comes_back_and_nothing_else_does():
    for name in sorted(REGIONS):
        dice = Dice(7 * len(name))
        p = plan(name)
        for _ in range(40):
            do_something(name, p, dice)
            p.max_duty = dice(16)
            p.rx1_delay_s = 1 + dice(15)
        data = p.pack()
        other = plan(name)
        assert other.unpack(data)
        assert state(other) == state(p)
        before = state(other)
        for wrong in (b"", data[:-1], data + b"\0", bytes(len(data)), b"\xff" * len(data)):
            assert not other.unpack(wrong)
        for wrong in sorted(REGIONS):
            if wrong != name:
                assert not other.unpack(plan(wrong).pack())
        for at in (2, 3):  # what link_adr() takes for "as it is"
            assert not other.unpack(data[:at] + b"\x0f" + data[at + 1 :])
        assert state(other) == before
        for at in range(0, len(data), 1 + len(data) // 40):
            bad = bytearray(data)
            bad[at] ^= 1 << dice(8)
            if other.unpack(bytes(bad)):
                assert_within_the_rules(name, other)
                assert other.unpack(data)
            assert state(other) == before


def test_reset_forgets_all_that_a_network_has_said():
    for name in sorted(REGIONS):
        p = plan(name)
        fresh = state(p)
        dice = Dice(3)
        for _ in range(40):
            do_something(name, p, dice)
        p.reset()
        assert state(p) == fresh
