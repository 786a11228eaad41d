"""The firmware's Mac and a network that commands it at random, sense and nonsense, stay in step.

A command that was acknowledged without being applied, or applied without being acknowledged, is
found by this: the network's next answer would miss the window, or the two would differ at the end.
"""

import pytest
import vtime
from support.lora_mac import Street

from host_tools.lora import commands as ask
from host_tools.lora.air import Random
from host_tools.lora.regions import REGIONS
from host_tools.lora.rules import Rules
from kerb.uplink.lorawan.mac import LATER

TURNS = 40
TRIES = 40


def request(random, device):
    """One MAC command: half of them a network could mean."""
    region = device.region
    hz = region.join_hz[random(len(region.join_hz))] + 200_000 * random(8)
    if random(6) == 0:
        hz = random(1 << 24) * 100
    kind = random(10)
    if kind == 0:
        return ask.link_adr(random(6), random(8), 0xFF, 0, 1 + random(3))
    if kind == 1:
        return ask.link_adr(random(16), random(16), random(65536), random(8), random(16))
    if kind == 2:
        return ask.duty_cycle(random(3))
    if kind == 3:
        return ask.rx_param(random(8), random(9), hz)
    if kind == 4:
        return ask.dev_status()
    if kind == 5:
        # Of two channels at one frequency nobody could tell which an uplink used.
        while hz in device.channels.values() or hz in device.offered:
            hz += 100_000
        device.offered.append(hz)
        return ask.new_channel(random(18), hz if random(4) else 0, random(3), 3 + random(3))
    if kind == 6:
        return ask.rx_timing(random(16))
    if kind == 7:
        return ask.tx_param(random(2), random(2), 5)
    if kind == 8:
        return ask.dl_channel(random(10), hz)
    return bytes(random(256) for _ in range(random(12)))


async def storm(street, random):
    """Random downlinks, each with commands; gives how many were sent."""
    network, device = street.network, street.known
    network.window = (1, 2, None)[random(3)]
    network.rx_delay_s = random(8)
    network.with_cf_list = bool(random(2))
    network.rx1_offset = random(min(6, network.region.offsets))
    await street.joined(60)
    count = 0
    for turn in range(TURNS):
        orders = b"".join(request(random, device) for _ in range(1 + random(3)))[:15]
        meant = 1 + random(223), bytes([turn])
        down = street.down(*meant, bool(random(2)), orders)
        for _ in range(TRIES):
            payload = bytes(min(street.mac.room(), random(10)))
            if await street.send(payload, confirmed=bool(random(2))) == LATER:
                await street.rest(street.mac.wait_ms)
            if down.sent_us is not None:
                break
        if down.sent_us is None:
            continue  # US915: all channels that the gateway hears are off
        count += 1
        assert street.got[-1:] == [meant], (turn, orders)
    return count


def same_view(street):
    """Whether device and network mean the same, once the last answers are through."""
    plan, device = street.mac.plan, street.known
    assert plan.rx1_delay_s == device.rx1_delay_s
    assert plan.rx1_offset == device.rx1_offset
    assert plan.rx2 == (device.rx2_hz, device.rx2_dr)
    assert plan.dwell_down == device.down_dwell
    assert device.battery in (None, street.mac.battery)
    if device.dr is not None:
        assert plan.nb_trans == device.nb_trans


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("name", sorted(REGIONS))
def test_device_and_network_stay_in_step(name, seed, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    random = Random(seed + 77)
    told = []

    async def play():
        street = Street(
            name,
            seed=seed,
            distance_m=300 + random(300),
            ppm=random(61) - 30,
            latency_us=random(5000),
        )
        rules = Rules(street.air, name)
        rules.longest_us = None if name == "AS923" else rules.longest_us
        told.append(await storm(street, random))
        street.network.down(street.known.dev_eui, 1, b"")
        for _ in range(TRIES):
            if not street.known.queue and not street.known.asked:
                break
            await street.sent(b"")
        if name != "US915":
            assert not street.known.queue
            same_view(street)
        assert not rules.errors and not street.network.errors

    vtime.run(play())
    assert told[0] == TURNS or (name == "US915" and told[0] > 3)
