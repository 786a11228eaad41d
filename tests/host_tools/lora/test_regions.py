"""The network's knowledge of the regions and the firmware's, written apart, are the same."""

from types import SimpleNamespace

import pytest

from host_tools.lora.device import Device
from host_tools.lora.regions import REGIONS
from kerb.uplink.lorawan import region as firmware
from kerb.uplink.lorawan.plan import Plan

NAMES = sorted(REGIONS)


def both(name):
    """The firmware's plan and the network's region and device, after the same join."""
    region = REGIONS[name]
    device = Device(b"", b"", b"", region)
    device.channels = region.channels()
    plan = Plan(firmware.load(name))
    plan.joined(region.rx2[1], 1, region.cf_list or None)
    return plan, region, device


def test_there_are_the_same_regions():
    assert NAMES == sorted(firmware.NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_every_data_rate_is_the_same_modulation_and_takes_as_many_bytes(name):
    plan, region, _ = both(name)
    plan.dwell_up = False
    for dr in range(16):
        assert plan.modulation(dr) == region.rates.get(dr), dr
        ours = region.max_payload.get(dr, 0) if dr <= max(4, region.top_dr) + 1 else 0
        assert plan.max_payload(dr) == ours, dr


@pytest.mark.parametrize("name", NAMES)
def test_rx2_and_the_power_are_the_same(name):
    plan, region, device = both(name)
    assert plan.rx2 == region.rx2
    assert plan.eirp_dbm == region.eirp_dbm
    for power in range(15):
        status = plan.link_adr(15, power, region.masks(device), 1)
        assert status == (7 if power <= region.last_power else 3)


@pytest.mark.parametrize("name", NAMES)
def test_a_join_goes_to_channels_and_data_rates_that_a_network_knows(name):
    plan, region, device = both(name)
    plan = Plan(firmware.load(name))
    seen = set()
    for attempt in range(400):
        index, dr = plan.join_channel(attempt, lambda n, at=attempt: at * 7919 % n)
        hz = plan.hz[index]
        seen.add(hz)
        assert region.uplink_dr(*plan.modulation(dr)) == dr
        device.channels = dict(enumerate(region.join_hz))
        assert region.channel(hz, device) == index
    assert seen == {*region.join_hz, *getattr(region, "wide_hz", ())}


@pytest.mark.parametrize("name", NAMES)
def test_a_cf_list_gives_the_same_channels(name):
    plan, region, device = both(name)
    found = {}
    for dr in range(16):
        for index in plan.channels(dr):
            found[index] = plan.hz[index]
    assert found == device.channels


@pytest.mark.parametrize("name", NAMES)
def test_rx1_is_at_the_same_frequency_and_data_rate(name):
    plan, region, device = both(name)
    plan.dwell_up = False
    compared = 0
    for offset in range(8):
        allowed = plan.rx_param(offset, region.rx2[1], region.rx2[0]) == 7
        assert allowed == (offset < region.offsets)
        if not allowed:
            continue
        device.rx1_offset = offset
        for dwell in (False, True) if name == "AS923" else (False,):
            plan.dwell_down = device.down_dwell = dwell
            for dr in range(16):
                for index in plan.channels(dr):
                    hz = region.rx1_hz(plan.hz[index], device)
                    assert plan.rx1(index, dr) == (hz, region.rx1_dr(dr, device)), (offset, dr)
                    compared += 1
    assert compared > 100


@pytest.mark.parametrize("name", ["EU868", "IN865", "AS923"])
def test_rx1_of_a_channel_with_its_own_downlink_frequency(name):
    plan, region, device = both(name)
    hz = plan.hz[1]
    down_hz = region.join_hz[0] + 100_000
    assert plan.dl_channel(1, down_hz) == 3
    device.rx1_hz[hz] = down_hz
    assert plan.rx1(1, 3) == (region.rx1_hz(hz, device), 3) == (down_hz, 3)
    assert plan.rx1(0, 3)[0] == region.rx1_hz(plan.hz[0], device) == plan.hz[0]


def test_a_modulation_that_is_none_has_no_data_rate():
    assert REGIONS["EU868"].uplink_dr(7, 500_000) is None
    assert REGIONS["US915"].uplink_dr(12, 500_000) is None
    device = SimpleNamespace(channels={}, rx1_hz={}, rx1_offset=0, down_dwell=False)
    assert REGIONS["EU868"].channel(868_100_000, device) is None
