"""ADR's back-off against table 9 of TS001-1.0.4 4.3.1.1, played frame by frame."""

import random

from kerb.uplink.lorawan import region
from kerb.uplink.lorawan.adr import Adr
from kerb.uplink.lorawan.plan import Plan


def _plan(name="EU868", dr=5, power=4, nb_trans=3):
    plan = Plan(region.load(name))
    assert plan.link_adr(dr, power, [(0, 0x7 if name != "AS923" else 0x3)], nb_trans) == 7
    return plan


def _silence(adr, frames):
    for _ in range(frames):
        adr.sent()


def test_table_9_of_the_specification_from_dr1():
    plan = _plan(dr=1, power=4)
    assert plan.new_channel(3, 867100000, 0, 5) == 3
    assert plan.link_adr(1, 4, [(0, 0b1100)], 3) == 7  # two of the three defaults are off
    adr = Adr(plan)
    seen = []
    for count in range(200):
        assert adr.count == count
        state = (adr.ack_req, plan.dr, plan.power, plan.nb_trans, bytes(plan.channels(plan.dr)))
        if not seen or seen[-1][1] != state:
            seen.append((count, state))
        adr.sent()
    assert seen == [
        (0, (False, 1, 4, 3, b"\x02\x03")),
        (64, (True, 1, 4, 3, b"\x02\x03")),
        (96, (True, 1, 0, 3, b"\x02\x03")),
        (128, (True, 0, 0, 3, b"\x02\x03")),
        (160, (True, 0, 0, 1, b"\x00\x01\x02\x03")),
    ]


def test_every_step_of_the_data_rate_takes_32_frames():
    plan = _plan(dr=5)
    adr = Adr(plan)
    seen = []
    for _ in range(400):
        seen.append(plan.dr)
        adr.sent()
    assert seen[127] == 5
    assert [seen[at] for at in (128, 160, 192, 224, 256, 399)] == [4, 3, 2, 1, 0, 0]
    assert plan.nb_trans == 1


def test_a_device_on_the_lowest_data_rate_goes_on_to_its_default_channels():
    plan = _plan(dr=0, power=0, nb_trans=2)
    assert plan.link_adr(0, 0, [(0, 1)], 2) == 7
    adr = Adr(plan)
    _silence(adr, 127)
    assert bytes(plan.channels(0)) == b"\x00" and plan.nb_trans == 2
    _silence(adr, 1)
    assert bytes(plan.channels(0)) == b"\x00\x01\x02" and plan.nb_trans == 1


def test_one_downlink_ends_the_back_off_and_what_it_changed_stays():
    plan = _plan(dr=5)
    adr = Adr(plan)
    _silence(adr, 130)
    adr.heard()
    assert (adr.count, adr.ack_req, plan.dr, plan.power) == (0, False, 4, 0)
    _silence(adr, 63)
    assert not adr.ack_req
    _silence(adr, 1)
    assert adr.ack_req and plan.dr == 4


def test_with_adr_off_nothing_is_counted_asked_or_changed():
    plan = _plan(dr=5)
    before = plan.pack()
    adr = Adr(plan, on=False)
    _silence(adr, 500)
    assert (adr.count, adr.ack_req) == (0, False)
    assert plan.pack() == before


def test_adr_switched_off_no_longer_asks():
    adr = Adr(_plan())
    _silence(adr, 70)
    adr.on = False
    adr.sent()
    assert not adr.ack_req and adr.count == 0


def test_a_count_that_was_kept_over_a_reset_goes_on():
    plan = _plan(dr=3)
    adr = Adr(plan, count=95)
    assert adr.ack_req and plan.power == 4
    adr.sent()
    assert plan.power == 0 and plan.dr == 3
    assert not Adr(plan, count=63).ack_req


def test_a_data_rate_that_no_enabled_channel_has_brings_the_default_channels_back_at_once():
    # TS001-1.0.4 4.3.1.1: an invalid combination on the way.
    plan = _plan(dr=5)
    assert plan.new_channel(5, 867500000, 5, 5) == 3
    assert plan.link_adr(5, 2, [(0, 0x20)], 2) == 7  # only that one
    adr = Adr(plan)
    _silence(adr, 128)
    assert plan.dr == 4 and bytes(plan.channels(4)) == b"\x00\x01\x02"


def test_us915_comes_back_from_its_eight_channels_to_all_72():
    plan = Plan(region.load("US915"))
    assert plan.link_adr(3, 5, [(7, 0), (0, 0xFF00)], 2) == 7
    adr = Adr(plan)
    _silence(adr, 128 + 3 * 32)
    assert (plan.dr, plan.power, plan.nb_trans) == (0, 0, 1)
    assert len(plan.channels(0)) == 64 and len(plan.channels(4)) == 8


def test_us915_comes_down_from_the_500_khz_channels_alone():
    plan = Plan(region.load("US915"))
    assert plan.link_adr(4, 0, [(7, 0x02)], 1) == 7
    adr = Adr(plan)
    _silence(adr, 128)
    assert plan.dr == 3 and len(plan.channels(3)) == 64


def test_as923_under_dwell_time_stops_at_the_lowest_data_rate_it_may_use():
    plan = _plan("AS923", dr=5)
    assert plan.dwell_up
    adr = Adr(plan)
    _silence(adr, 1000)
    assert plan.dr == 2 and plan.channels(2)
    assert plan.nb_trans == 1


def test_silence_from_anywhere_ends_at_the_farthest_reach_in_every_region():
    random.seed(8)
    for name in region.NAMES:
        table = region.load(name)
        for _ in range(4):
            plan = Plan(table)
            for _ in range(20):
                masks = [(random.randrange(8), random.randrange(65536))]
                plan.link_adr(
                    random.randrange(8), random.randrange(8), masks, random.randrange(16)
                )
            adr = Adr(plan)
            last = plan.dr
            for _ in range(128 + 8 * 32):
                adr.sent()
                assert last - 1 <= plan.dr <= last
                last = plan.dr
                assert plan.channels(plan.dr)
            assert plan.power == 0 and plan.nb_trans == 1
            assert not plan.max_payload(plan.dr - 1)
            fresh = Plan(table)
            usable = list(plan.channels(plan.dr))
            for channel in fresh.channels(plan.dr):
                assert channel in usable
