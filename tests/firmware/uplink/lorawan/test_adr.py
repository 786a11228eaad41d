"""ADR's back-off against table 9 of TS001-1.0.4 4.3.1.1, played frame by frame."""

import random

from kerb.uplink.lorawan import as923, eu868, in865, kr920, us915
from kerb.uplink.lorawan.adr import back_off
from kerb.uplink.lorawan.plan import Plan

REGIONS = (as923, eu868, in865, kr920, us915)


def _plan(dr=5, power=4, nb_trans=3, region=eu868):
    plan = Plan(region.TABLE)
    assert plan.link_adr(dr, power, [(0, 0x3 if region is as923 else 0x7)], nb_trans) == 7
    return plan


def _silence(plan, frames, count=0):
    for _ in range(frames):
        count += 1
        back_off(plan, count)


def test_table_9_of_the_specification_from_dr1():
    plan = _plan(dr=1, power=4)
    assert plan.new_channel(3, 867100000, 0, 5) == 3
    assert plan.link_adr(1, 4, [(0, 0b1100)], 3) == 7  # two of the three defaults are off
    seen = []
    for count in range(200):
        back_off(plan, count)
        state = (plan.dr, plan.power, plan.nb_trans, bytes(plan.channels(plan.dr)))
        if not seen or seen[-1][1] != state:
            seen.append((count, state))
    assert seen == [
        (0, (1, 4, 3, b"\x02\x03")),
        (96, (1, 0, 3, b"\x02\x03")),
        (128, (0, 0, 3, b"\x02\x03")),
        (160, (0, 0, 1, b"\x00\x01\x02\x03")),
    ]


def test_every_step_of_the_data_rate_takes_32_frames():
    plan = _plan(dr=5)
    seen = []
    for count in range(400):
        back_off(plan, count)
        seen.append(plan.dr)
    assert seen[127] == 5
    assert [seen[at] for at in (128, 160, 192, 224, 256, 399)] == [4, 3, 2, 1, 0, 0]
    assert plan.nb_trans == 1


def test_a_device_on_the_lowest_data_rate_goes_on_to_its_default_channels():
    plan = _plan(dr=0, power=0, nb_trans=2)
    assert plan.link_adr(0, 0, [(0, 1)], 2) == 7
    _silence(plan, 127)
    assert bytes(plan.channels(0)) == b"\x00" and plan.nb_trans == 2
    _silence(plan, 1, 127)
    assert bytes(plan.channels(0)) == b"\x00\x01\x02" and plan.nb_trans == 1


def test_the_first_95_frames_change_nothing():
    plan = _plan(dr=5)
    before = plan.pack()
    _silence(plan, 95)
    assert plan.pack() == before


def test_a_downlink_begins_it_anew_and_what_was_changed_stays():
    plan = _plan(dr=5)
    _silence(plan, 130)
    _silence(plan, 127)
    assert (plan.dr, plan.power) == (4, 0)
    _silence(plan, 1, 127)
    assert plan.dr == 3


def test_a_data_rate_that_no_enabled_channel_has_brings_the_default_channels_back_at_once():
    # TS001-1.0.4 4.3.1.1: an invalid combination on the way.
    plan = _plan(dr=5)
    assert plan.new_channel(5, 867500000, 5, 5) == 3
    assert plan.link_adr(5, 2, [(0, 0x20)], 2) == 7  # only that one
    _silence(plan, 128)
    assert plan.dr == 4 and bytes(plan.channels(4)) == b"\x00\x01\x02"


def test_us915_comes_back_from_its_eight_channels_to_all_72():
    plan = Plan(us915.TABLE)
    assert plan.link_adr(3, 5, [(7, 0), (0, 0xFF00)], 2) == 7
    _silence(plan, 128 + 3 * 32)
    assert (plan.dr, plan.power, plan.nb_trans) == (0, 0, 1)
    assert len(plan.channels(0)) == 64 and len(plan.channels(4)) == 8


def test_us915_comes_down_from_the_500_khz_channels_alone():
    plan = Plan(us915.TABLE)
    assert plan.link_adr(4, 0, [(7, 0x02)], 1) == 7
    _silence(plan, 128)
    assert plan.dr == 3 and len(plan.channels(3)) == 64


def test_as923_under_dwell_time_stops_at_the_lowest_data_rate_it_may_use():
    plan = _plan(dr=5, region=as923)
    assert plan.dwell_up
    _silence(plan, 1000)
    assert plan.dr == 2 and plan.channels(2)
    assert plan.nb_trans == 1


def test_silence_from_anywhere_ends_at_the_farthest_reach_in_every_region():
    random.seed(8)
    for region in REGIONS:
        table = region.TABLE
        for _ in range(4):
            plan = Plan(table)
            for _ in range(20):
                masks = [(random.randrange(8), random.randrange(65536))]
                plan.link_adr(
                    random.randrange(8), random.randrange(8), masks, random.randrange(16)
                )
            last = plan.dr
            for count in range(128 + 8 * 32):
                back_off(plan, count)
                assert last - 1 <= plan.dr <= last
                last = plan.dr
                assert plan.channels(plan.dr)
            assert plan.power == 0 and plan.nb_trans == 1
            assert not plan.max_payload(plan.dr - 1)
            fresh = Plan(table)
            usable = list(plan.channels(plan.dr))
            for channel in fresh.channels(plan.dr):
                assert channel in usable
