"""Hostile downlinks: whatever comes, the device lives and keeps to its region's rules."""

import vtime  # noqa: F401  what CPython lacks
from host_tools.lora import commands as mac_commands
from host_tools.lora import packets
from host_tools.lora.air import Random
from host_tools.lora.device import Downlink
from host_tools.lora.regions import REGIONS
from host_tools.lora.rules import Rules
from kerb.uplink.lorawan.mac import SENT
from support.lora_mac import ABP, ADDR, APP, GROUP, NWK, Street

HEAP = "4m"  # an air, a network, and all that was sent
TIMEOUT_S = 300
REGION_NAMES = ("EU868", "KR920", "AS923", "US915", "IN865")


def _street(*args, **more):
    s = Street(*args, **more)
    s.rules = Rules(s.air, s.name)
    if s.name == "AS923":
        s.rules.longest_us = None  # a network may lift it
    s.air.watchers.append(lambda sent: _watch(s, sent))
    return s


def _watch(s, sent):
    """What Rules can't know: what the plan of now allows."""
    if sent.node is not s.node:
        return
    plan = s.mac.plan
    errors = s.rules.errors
    if s.network.region.uplink_dr(sent.sf, sent.bw_hz) is None:
        errors.append("no data rate: SF%d, %d Hz" % (sent.sf, sent.bw_hz))
    if s.name == "AS923" and plan.dwell_up and sent.end_us - sent.start_us > 400_000:
        errors.append("longer than the dwell time")
    if s.name == "US915" and sent.bw_hz == 125_000 and sent.dbm > 21:
        if len(plan.channels(0)) < 50:
            errors.append("%d dBm on few channels" % sent.dbm)


def _bytes(random, n):
    return bytes([random(256) for _ in range(n)])


def _state(street):
    """All that a downlink may change."""
    mac = street.mac
    return (
        mac.plan.pack(),
        mac.session.down,
        mac.session.group_down,
        mac.session.dev_addr,
        mac.session.keys,
        mac.commands.answers(242),
        mac.joined,
        mac.rssi_dbm,
        len(street.got),
    )


async def _is_left(street, raw):
    """Whether a device that hears these bytes after an uplink is as it was before."""
    before = _state(street)
    street.down(raw=raw)
    assert await street.sent(b"x") == SENT
    return _state(street) == before


async def _listening(seed, frames, **more):
    """A street whose class C device has heard these frames, one after the other."""
    s = _street(ids=ABP, seed=seed, cls="C", **more)
    assert await s.send() == SENT
    before = _state(s)
    await _hears(s, frames)
    return s, before


async def _hears(s, frames):
    frames = list(frames)
    inner = s.radio.heard
    s.radio.heard = lambda: (frames.pop(0), -90, 3) if frames else None
    while frames:
        await s.rest(10000)
    s.radio.heard = inner


def _valid(street, down=None, **header):
    """The bytes of a right downlink; header: what is to be another than it should."""
    down = down or Downlink(10, b"\x01\x02", True, mac_commands.rx_timing(9), None)
    values = {
        "keys": street.known.keys,
        "dev_addr": street.known.dev_addr,
        "fcnt": street.known.fcnt_down,
        "mtype": packets.UNCONFIRMED_DOWN,
        "flags": 0,
        "fopts": down.commands,
        "port": down.port,
        "payload": down.payload,
    }
    values.update(header)
    return packets.data(*[values[key] for key in _FIELDS])


_FIELDS = ("keys", "dev_addr", "fcnt", "mtype", "flags", "fopts", "port", "payload")


_PLAIN = Downlink(10, b"\x01\x02", False, b"")


async def test_a_right_frame_made_the_same_way_is_taken():
    s = _street(ids=ABP)
    assert not await _is_left(s, _valid(s))
    assert s.got == [(10, b"\x01\x02")] and s.mac.plan.rx1_delay_s == 9


async def test_noise_of_every_length_changes_nothing():
    random = Random(1)
    frames = []
    for n in range(256):
        frames.append(_bytes(random, n))
        # A head that looks right, so that more than the first check is asked.
        frames.append((bytes([(0x60, 0xA0, 0x20)[n % 3]]) + ADDR + _bytes(random, n))[:255])
    s, before = await _listening(1, frames)
    assert _state(s) == before


async def test_a_right_frame_with_anything_wrong_changes_nothing():
    random = Random(2)
    s, before = await _listening(2, [])
    frame = _valid(s, _PLAIN)
    frames = []
    for at in range(len(frame)):
        for wrong in (1, 0x80, 0xFF, 1 + random(255)):
            spoiled = bytearray(frame)
            spoiled[at] ^= wrong
            frames.append(bytes(spoiled))
    for n in range(len(frame)):
        frames.append(frame[:n])
        frames.append(frame + bytes(n + 1))
    await _hears(s, frames)
    assert _state(s) == before
    await _hears(s, [frame])
    assert s.got == [(10, b"\x01\x02")]


async def test_commands_outside_of_the_windows_have_the_whole_frame_discarded():
    # TS001-1.0.4 chapter 17: class C's frames have none.
    s, before = await _listening(6, [])
    rx_timing = mac_commands.rx_timing(9)
    frames = [
        _valid(s),
        _valid(s, Downlink(None, b"", False, rx_timing)),
        _valid(s, Downlink(0, rx_timing, True, b"")),
        _valid(s, mtype=packets.CONFIRMED_DOWN),
    ]
    await _hears(s, frames)
    assert _state(s) == before
    await _hears(s, [_valid(s, _PLAIN)])
    assert s.got == [(10, b"\x01\x02")]


async def test_a_group_may_be_told_things_and_nothing_else():
    # Who has one device of a group has its keys: TS001-1.0.4 9.3 allows no commands in there.
    s, before = await _listening(7, [], group=GROUP)
    gateway = s.network.gateways[0]
    s.attack = None

    def in_rx2(sent):
        if sent.node is s.node and s.attack:
            frame, s.attack = s.attack, None
            at_us = sent.end_us + 2_000_000
            s.air.transmit(gateway, at_us, frame, 869_525_000, 12, 125_000, 27, True)

    s.air.watchers.append(in_rx2)
    rx_timing = mac_commands.rx_timing(9)
    group = {"keys": GROUP[1:], "dev_addr": GROUP[0], "fcnt": 0}
    frames = [
        _valid(s, Downlink(10, b"x", False, rx_timing), **group),
        _valid(s, Downlink(None, b"", False, rx_timing), **group),
        _valid(s, Downlink(0, rx_timing, False, b""), **group),
        _valid(s, _PLAIN, mtype=packets.CONFIRMED_DOWN, **group),
        _valid(s, _PLAIN, flags=packets.ACK, **group),
        # Its address with the device's keys, and the device's with its.
        _valid(s, _PLAIN, dev_addr=GROUP[0]),
        _valid(s, _PLAIN, keys=GROUP[1:]),
    ]
    await _hears(s, frames)
    assert _state(s) == before
    for frame in frames:
        # In RX2, where commands to the device itself would be right.
        s.attack = frame
        assert await s.sent(b"x") == SENT
    assert _state(s) == before
    last = _valid(s, _PLAIN, **group)
    await _hears(s, [last, last])
    assert s.got == [(10, b"\x01\x02", True)]
    assert not s.mac.due


async def test_frames_in_a_window_that_are_not_for_it_change_nothing():
    s = _street(ids=ABP, seed=3)
    other = (bytes(16), bytes(range(16)))
    for raw in (
        _valid(s, keys=other),
        _valid(s, keys=(APP, NWK)),
        _valid(s, dev_addr=bytes(4)),
        _valid(s, dev_addr=bytes(reversed(ADDR))),
        _valid(s, mtype=packets.UNCONFIRMED_UP),
        _valid(s, mtype=packets.CONFIRMED_UP),
        _valid(s, mtype=6),  # RFU
        _valid(s, mtype=7),  # proprietary
        _valid(s, port=0, payload=b"\x08\x05"),  # FOpts and port 0
        packets.join_accept(bytes(16), 1, b"\1\0\0", b"\4\3\2\1", 0, 1, b""),
        packets.join_accept(bytes(16), 1, b"\1\0\0", b"\4\3\2\1", 0, 1, bytes(16)),
        packets.data((GROUP[1], GROUP[2]), GROUP[0], 5, 3, 0, b"", 10, b"all"),
    ):
        assert await _is_left(s, raw), raw
    assert not s.rules.errors


async def test_an_old_frame_is_not_taken_again_nor_any_before_it():
    s = _street(ids=ABP, seed=4)
    frames = [_valid(s, _PLAIN, fcnt=fcnt) for fcnt in range(8)]
    assert not await _is_left(s, frames[5])
    for fcnt in (5, 4, 0, 3, 5):
        assert await _is_left(s, frames[fcnt])
    assert not await _is_left(s, frames[6])
    assert await _is_left(s, frames[6])
    s.boot()  # and not after a reset either
    for fcnt in range(7):
        assert await _is_left(s, frames[fcnt]), fcnt
    assert not await _is_left(s, frames[7])


async def test_a_join_accept_that_is_not_ours_joins_nothing():
    s = _street(seed=5)
    s.network.silent = True
    random = Random(5)

    def answer(sent):
        if sent.node is s.node:
            dice = random(4)
            frame = _bytes(random, 17 if dice < 2 else 33)
            if dice == 2:
                frame = packets.join_accept(bytes(16), 7, b"\1\0\0", ADDR, 0, 1, bytes(16))
            frame = b"\x20" + frame[1:]
            delay_us = 5_000_000 + 1_000_000 * random(2)
            for hz, sf in ((sent.freq_hz, sent.sf), (869_525_000, 12)):
                s.air.transmit(
                    s.network.gateways[0], sent.end_us + delay_us, frame, hz, sf, 125_000, 14, True
                )

    s.air.watchers.append(answer)
    for _ in range(12):
        await s.mac.join(s.check_in)
        assert not s.mac.joined and not s.mac.session.keys
        await s.rest(s.mac.wait_ms)
    assert s.rules.frames > 4 and not s.rules.errors
    s.air.watchers.remove(answer)
    s.network.silent = False
    await s.joined()
    assert not s.network.errors


def _hostile_commands(random, name, long):
    """MAC commands that no network should send: any values, many just out of reach."""
    region = REGIONS[name]
    data = b""
    for _ in range(1 + random(40 if long else 4)):
        kind = random(11)
        near_hz = region.join_hz[random(len(region.join_hz))] + (random(9) - 4) * 100_000
        if kind == 0:
            # 100 Hz beyond, and all else in 24 bits
            near_hz = 100 * ((random(1 << 16) << 8) + random(256))
        if kind < 3:
            for _ in range(1 + random(3)):
                masks = (0, 0xFFFF, 1 << random(16), random(65536))
                data += mac_commands.link_adr(
                    random(16), random(16), masks[random(4)], random(8), random(16)
                )
        elif kind < 5:
            data += mac_commands.new_channel(random(20), near_hz, random(16), random(16))
        elif kind == 5:
            data += mac_commands.new_channel(random(20), 0)
        elif kind == 6:
            data += mac_commands.dl_channel(random(20), near_hz)
        elif kind == 7:
            data += mac_commands.rx_param(random(8), random(16), near_hz)
        elif kind == 8:
            data += mac_commands.tx_param(random(2), random(2), random(16))
        elif kind == 9:
            data += mac_commands.rx_timing(random(16)) + mac_commands.dev_status()
        else:
            data += bytes([(2, 13, 4, 1, 0x80)[random(5)]]) + _bytes(random, random(6))
    return data[: 230 if long else 15]


def _attack(s, random):
    """Let a network that has the keys put a right frame with harm in it into most windows."""

    def attack(sent):
        if sent.node is not s.node or not random(3) or not s.mac.session.keys:
            return
        data = _hostile_commands(random, s.name, random(3) == 0)
        if not random(4):
            data = _bytes(random, random(40))
        down = Downlink(None, b"", bool(random(2)), data)
        if len(data) > 15:
            down = Downlink(0, data, False, b"")
        session, plan = s.mac.session, s.mac.plan
        fcnt = session.down + random(2) * random(50)
        frame = _valid(s, down, keys=session.keys, dev_addr=session.dev_addr, fcnt=fcnt)
        (hz, dr), delay_s = plan.rx2, plan.rx1_delay_s + 1
        sf, bw_hz = plan.modulation(dr)
        start_us = sent.end_us + delay_s * 1_000_000
        s.air.transmit(s.network.gateways[0], start_us, frame, hz, sf, bw_hz, 27, True)
        s.attacks += 1

    s.attacks = 0
    s.network.silent = True
    s.air.watchers.append(attack)
    return attack


async def _hostile_life(name, seed, uplinks, **more):
    """The life of a device whose network does what it can to have it break the rules."""
    s = _street(name, seed=seed, **more)
    random = Random(seed)
    await s.joined()
    attack = _attack(s, random)
    for _ in range(uplinks):
        if name == "KR920":
            # Somebody talks on some of the channels for a while.
            now_us = s.air.now_us
            hz = 922_100_000 + 200_000 * random(7)
            s.air.jam(now_us, now_us + 1000 * random(5000), hz, 125_000, -50)
        # Else it is years of silence: nobody's rules are broken by that.
        s.mac.plan.max_duty = min(s.mac.plan.max_duty, 2)
        frames = s.rules.frames
        payload = bytes(random(max(1, s.mac.room() + 1)))
        await s.sent(payload, 2, confirmed=not random(4))
        assert s.rules.frames > frames
        plan = s.mac.plan
        assert plan.channels(plan.dr)
        assert 1 <= plan.nb_trans <= 15 and 1 <= plan.rx1_delay_s <= 15
        await s.rest(1000 * random(30))
    assert not s.rules.errors, s.rules.errors[:3]
    assert s.attacks > uplinks // 2 and s.mac.session.down > s.attacks // 2
    s.air.watchers.remove(attack)
    s.network.silent = False
    return s


async def test_a_hostile_network_in_europe_gets_nothing_against_the_rules():
    await _hostile_life("EU868", 11, 60, ids=ABP)


async def test_a_hostile_network_in_korea_gets_nothing_against_the_rules():
    await _hostile_life("KR920", 12, 60, ids=ABP)


async def test_a_hostile_network_in_asia_gets_nothing_against_the_rules():
    await _hostile_life("AS923", 13, 60, ids=ABP)


async def test_a_hostile_network_in_india_gets_nothing_against_the_rules():
    await _hostile_life("IN865", 14, 60, ids=ABP)


async def test_a_hostile_network_in_america_gets_nothing_against_the_rules():
    await _hostile_life("US915", 15, 60, ids=ABP)


async def test_a_hostile_network_gets_nothing_against_the_rules_out_of_class_c_either():
    await _hostile_life("EU868", 16, 40, ids=ABP, cls="C")
    await _hostile_life("KR920", 17, 40, ids=ABP, cls="C")


async def test_a_device_that_was_led_astray_finds_its_network_again():
    # Its windows are elsewhere, its channels too: only a new join brings it back.
    for name, seed in (("EU868", 21), ("US915", 23)):
        s = await _hostile_life(name, seed, 30)
        joins = len(s.network.joins)
        for _ in range(600):
            s.mac.plan.max_duty = min(s.mac.plan.max_duty, 2)
            await s.sent(b"x")
            await s.rest(30_000)
            if len(s.network.joins) > joins:
                break
        assert len(s.network.joins) > joins
        await s.joined()
        uplinks = len(s.network.uplinks)
        for _ in range(8):
            await s.sent(b"here again")
        assert len(s.network.uplinks) > uplinks
        assert not s.rules.errors, s.rules.errors[:3]


async def test_a_join_accept_with_nonsense_in_it_leaves_a_device_within_the_rules():
    for name in REGION_NAMES:
        random = Random(len(name) + ord(name[0]))
        for seed in range(4):
            s = _street(name, seed=seed)
            s.network.rx_delay_s = random(256)
            s.network.rx1_offset = random(8)
            s.network.region.cf_list, right = _bytes(random, 16), s.network.region.cf_list
            try:
                await s.joined(40)
            finally:
                s.network.region.cf_list = right
            for _ in range(6):
                await s.sent(b"x", confirmed=True)
            assert s.mac.plan.channels(s.mac.plan.dr)
            assert not s.rules.errors, (name, s.rules.errors[:3])
