"""The test network, from the side of a device that keeps to the specification, or does not."""

import os
import subprocess
import sys
from itertools import pairwise

import pytest
from runner import absent
from support.lora_end import End

from host_tools.lora import commands, packets
from host_tools.lora.air import Air, Random
from host_tools.lora.network import Network
from host_tools.paths import ROOT
from host_tools.setup import micropython
from host_tools.setup.product import Unavailable

DEV_EUI, JOIN_EUI, APP_KEY = b"\x01dev-eui", b"\x02joineui", bytes(range(16))
ADR = packets.ADR
# A session with all that a network does, whose frames both runtimes print.
STORY = """
from host_tools.lora import commands
from host_tools.lora.air import Air
from host_tools.lora.network import Network
from host_tools.lora.rules import Rules
from support.lora_end import End
air = Air(3)
network = Network(air, "EU868", 3)
network.window = None
network.add(b"dev--eui", b"join-eui", bytes(16))
end = End(air, b"dev--eui", b"join-eui", bytes(16), 300)
rules = Rules(air, "EU868")
air.watchers.append(lambda sent: print(sent.start_us, sent.freq_hz, sent.sf, sent.frame))
end.join()
for turn in range(30):
    network.down(b"dev--eui", 3, b"x" * turn, turn % 2 == 0, commands.dev_status())
    end.up(1, b"y" * turn, turn % 3 == 0, 0x80, b"\\x02\\x0d\\x06\\xff\\x01" if turn else b"\\x02")
network.multicast(network.group(b"addr", bytes(16), bytes(16)), 3, b"all", end.now_us)
print(network.errors, rules.errors, len(network.uplinks))
"""


def pair(seed=1, joined=True, metres=500, **air):
    """(network, end): a device of a network, joined already."""
    ether = Air(seed, **air)
    network = Network(ether, "EU868", seed)
    network.add(DEV_EUI, JOIN_EUI, APP_KEY)
    end = End(ether, DEV_EUI, JOIN_EUI, APP_KEY, metres)
    if joined:
        assert end.join() is not None
    return network, end


def device(network):
    return network.device(DEV_EUI)


def test_a_device_joins_and_learns_what_the_network_has_set():
    network, end = pair(joined=False)
    network.rx_delay_s, network.rx1_offset, network.rx2_dr = 3, 2, 4
    plain = end.join()
    assert len(plain) == 33 and plain[13:-4] == network.region.cf_list
    assert (end.rx1_delay_s, end.rx1_offset, end.rx2[1]) == (3, 2, 4)
    assert end.keys == device(network).keys and end.dev_addr == device(network).dev_addr
    assert network.joins == [(device(network), 1)]
    network.down(DEV_EUI, 5, b"hello")
    frame = end.up(1, b"data")
    assert (frame.port, frame.payload, end.window) == (5, b"hello", 1)
    network.window = 2
    network.down(DEV_EUI, 5, b"again")
    assert end.up().payload == b"again" and end.window == 2
    assert network.uplinks[0].payload == b"data" and not network.errors


def test_a_join_without_a_list_of_channels():
    network, end = pair(joined=False)
    network.with_cf_list = False
    assert len(end.join()) == 17
    assert device(network).channels == dict(enumerate(network.region.join_hz))


def test_join_nonces_grow_and_keys_are_others_each_time():
    network, end = pair(joined=False)
    nonces, keys = [], set()
    for _ in range(20):
        nonces.append(int.from_bytes(end.join()[1:4], "little"))
        keys.add(end.keys)
    assert nonces == sorted(set(nonces)) and len(keys) == 20
    assert not network.errors


@pytest.mark.parametrize("nonce", [0, 4, 5])
def test_a_join_nonce_that_was_used_is_refused(nonce):
    network, end = pair(joined=False)
    assert end.join(5)
    assert end.join(nonce) is None
    assert network.errors == ["DevNonce {} after 5".format(nonce)]
    assert end.join(6)


def test_a_join_of_another_device_or_with_another_key_is_not_answered():
    network, end = pair(joined=False)
    end.app_key = bytes(16)
    assert end.join() is None
    assert network.errors == ["join-request with a wrong MIC"]
    end.ids = JOIN_EUI, b"stranger"
    assert end.join() is None
    assert not network.joins


def test_a_silent_network_says_nothing_but_listens():
    network, end = pair()
    network.silent = True
    assert end.up(confirmed=True) is None and len(network.uplinks) == 1
    assert end.join() is None
    network.silent = False
    assert end.join()


def test_a_confirmed_frame_is_acknowledged_each_time_it_comes_but_taken_once():
    network, end = pair()
    phy = end.frame(1, b"once", confirmed=True)
    for _ in range(3):
        assert end.send(phy).flags & packets.ACK
    assert [it.payload for it in network.uplinks] == [b"once"]
    assert len(network.repeats) == 2 and all(it.repeat for it in network.repeats)
    assert end.fcnt_down == 3 and not network.errors


def test_an_unconfirmed_frame_is_not_answered_without_a_reason():
    network, end = pair()
    assert end.up() is None
    assert end.up(flags=packets.ADR_ACK_REQ).port is None
    network.down(DEV_EUI, 9, b"1")
    network.down(DEV_EUI, 9, b"2")
    assert end.up().flags == packets.PENDING
    assert end.up().flags == 0
    assert end.up() is None


def test_a_confirmed_downlink_is_acknowledged_or_not():
    network, end = pair()
    downs = [network.down(DEV_EUI, 9, b"1", confirmed=True) for _ in range(2)]
    assert end.up().mtype == packets.CONFIRMED_DOWN
    assert downs[0].acked is None and downs[0].fcnt == 0
    assert end.up(flags=packets.ACK)
    end.up()
    assert [it.acked for it in downs] == [True, False]


def test_a_counter_that_went_back_or_is_used_twice_is_an_error():
    network, end = pair()
    for _ in range(3):
        end.up()
    end.fcnt = 1
    end.up()
    assert network.errors == ["FCntUp 1 after 2"]
    end.fcnt = 2
    end.up(1, b"something else")
    assert network.errors[1:] == ["FCntUp 2 twice, with other bytes"]
    assert len(network.uplinks) == 3


def test_counters_go_beyond_sixteen_bits_both_ways():
    network, end = pair()
    end.fcnt = device(network).fcnt_up = 0xFFFE
    end.fcnt_down = device(network).fcnt_down = 0x1FFFF
    end.fcnt += 1
    for number in range(0xFFFF, 0x10003):
        network.down(DEV_EUI, 3, b"%d" % number)
        assert end.up(1, b"u%d" % number).payload == b"%d" % number
        assert network.uplinks[-1].fcnt == number
    assert not network.errors and end.fcnt_down == 0x20003


def test_frames_of_nobody_and_frames_that_break_the_region_s_rules_are_errors():
    network, end = pair()
    end.send(packets.data((bytes(16), bytes(16)), end.dev_addr, 0, 2, 0, b"", 1, b"x"))
    assert network.errors == ["an uplink with a wrong MIC or of nobody"]
    end.dr = 0
    end.up(1, bytes(51))
    end.up(1, bytes(52))
    end.hz = 868_000_000
    end.up()
    assert network.errors[1:] == ["65 bytes at DR0", "an uplink on 868000000 Hz"]
    network.air.transmit(end.node, end.now_us, end.frame(), end.hz, 7, 500_000, 14)
    network.air.run(end.now_us + 1_000_000)
    assert network.errors[3:] == ["an uplink at SF7 of 500000 Hz"]


def test_garbage_is_left_alone():
    network, end = pair()
    random = Random(5)
    for size in range(60):
        for kind in range(8):
            end.fcnt_down = 0
            phy = bytes([kind << 5] + [random(256) for _ in range(size)])
            network.air.transmit(end.node, end.now_us, phy, end.hz, 7, 125_000, 14)
            end.now_us += 2_000_000
            network.air.run(end.now_us)
    assert not network.uplinks and len(network.joins) == 1


def test_a_network_answers_what_devices_ask():
    network, end = pair()
    network.gps_s = 1_000_000_000
    frame = end.up(fopts=b"\x02\x0d")
    answers = commands.parse(frame.fopts, {2: 2, 13: 5})
    uplink = network.uplinks[-1]
    assert answers[0] == (2, bytes([int(uplink.snr_db + 7.5), 1]))
    seconds, fraction = int.from_bytes(answers[1][1][:4], "little"), answers[1][1][4]
    told_us = (seconds - 1_000_000_000) * 1_000_000 + fraction * 1_000_000 // 256
    assert 0 <= uplink.end_us - told_us < 4000
    # A repetition is answered again, for the first answer was not heard.
    phy = end.frame(fopts=b"\x02")
    assert end.send(phy).fopts == end.send(phy).fopts != b""
    assert end.send(phy).fopts[0] == 2


def test_commands_go_in_options_or_on_port_0_and_answers_change_the_network_s_windows():
    network, end = pair()
    asked = commands.rx_param(1, 3, 869_000_000) + commands.rx_timing(4) + commands.dev_status()
    network.down(DEV_EUI, 7, b"data", commands=asked)
    frame = end.up()
    assert (frame.fopts, frame.port, frame.payload) == (asked, 7, b"data")
    # As long as it has not heard the answers, the network knows the old settings.
    network.down(DEV_EUI, 7, b"more")
    assert end.up().payload == b"more"
    end.rx1_offset, end.rx2, end.rx1_delay_s = 1, (869_000_000, 3), 4
    for window in (1, 2):
        network.window = window
        network.down(DEV_EUI, 7, b"%d" % window)
        frame = end.up(fopts=b"\x05\x07\x08\x06\xff\x3c" if window == 1 else b"")
        assert frame.payload == b"%d" % window and end.window == window
    assert device(network).battery == 255 and device(network).margin_db == -4
    long = commands.new_channel(3, 867_100_000) * 3
    network.down(DEV_EUI, commands=long)
    frame = end.up()
    assert (frame.fopts, frame.port, frame.payload) == (b"", 0, long)
    assert not network.errors


def test_what_a_device_refuses_changes_nothing():
    network, end = pair()
    ask = commands.rx_param(1, 3, 869_000_000) + commands.dl_channel(0, 868_900_000)
    network.down(DEV_EUI, commands=ask)
    end.up()
    end.up(fopts=b"\x05\x06\x0a\x01")
    assert (device(network).rx1_offset, device(network).rx1_hz) == (0, {})
    network.down(DEV_EUI, commands=commands.dl_channel(0, 868_900_000))
    end.up()
    end.rx1_hz = 868_900_000
    network.down(DEV_EUI, 1, b"there")
    assert end.up(fopts=b"\x0a\x03").payload == b"there"


def test_answers_that_nobody_asked_for_are_errors():
    network, end = pair()
    end.up(fopts=b"\x03\x07\x06\x01\x01")
    assert network.errors == ["answer {} that nobody asked for".format(cid) for cid in (3, 6)]


def test_a_long_answer_goes_where_it_fits():
    network, end = pair()
    network.rx2_dr = 5
    end.join()
    end.dr = 0
    network.down(DEV_EUI, 1, bytes(100))
    frame = end.up()
    assert end.window == 2 and len(frame.payload) == 100


def test_one_gateway_answers_one_device_at_a_time():
    network, end = pair()
    others = [End(network.air, b"dev-eui%d" % i, JOIN_EUI, APP_KEY) for i in range(4)]
    for other in others:
        network.add(other.ids[1], JOIN_EUI, APP_KEY)
    sent = []
    network.air.watchers.append(lambda it: sent.append(it) if it.down else None)
    for i, other in enumerate([end, *others]):
        body = b"\x00" + JOIN_EUI + other.ids[1] + b"\x09\x00"
        phy = body + packets.cmac(APP_KEY, body)[:4]
        hz = (868_100_000, 868_300_000, 868_500_000)[i % 3]
        network.air.transmit(other.node, 9_000_000 + i, phy, hz, 7 + i // 3, 125_000, 14)
    network.air.run(30_000_000)
    sent.sort(key=lambda it: it.start_us)
    assert len(sent) == 5
    assert all(a.end_us <= b.start_us for a, b in pairwise(sent))


def test_of_several_gateways_the_best_answers_and_all_are_counted():
    air = Air(1)
    network = Network(air, "EU868", 1, [air.node(0), air.node(900), air.node(30_000)])
    network.add(DEV_EUI, JOIN_EUI, APP_KEY)
    end = End(air, DEV_EUI, JOIN_EUI, APP_KEY, 1000)
    sent = []
    air.watchers.append(lambda it: sent.append(it.node) if it.down else None)
    assert end.join()
    assert end.up(fopts=b"\x02").fopts[2] == 2
    assert sent == [network.gateways[1]] * 2


@pytest.mark.parametrize("metres", [100, 300, 800, 1500, 2500, 4000])
def test_adr_ends_with_a_data_rate_and_a_power_that_keep_the_margin(metres):
    network, end = pair(metres=metres, joined=False, fade_db=0)
    end.dr = 0
    assert end.join()
    network.adr = True
    heard = 0
    for _ in range(300):
        frame = end.up(flags=ADR)
        for cid, values in commands.parse(frame.fopts if frame else b"", commands.REQUESTS):
            assert cid == 3 and values[1:] == b"\xff\x00\x01"
            end.dr, end.dbm = values[0] >> 4, 14 - 2 * (values[0] & 15)
            end.up(flags=ADR, fopts=b"\x03\x07")
            heard += 1
    snr_db = network.uplinks[-1].snr_db
    spare_db = snr_db - (2.5 * end.dr - 20) - network.margin_db
    assert not network.errors and heard <= 7
    if heard:
        assert (end.dr, 14 - 2 * device(network).power) == (device(network).dr, end.dbm)
        assert 0 <= spare_db < 3 or end.dbm == 0
        assert end.dr == 5 or end.dbm == 14
    else:
        assert metres == 4000 and spare_db < 0


def test_adr_is_left_off_for_who_does_not_ask():
    network, end = pair()
    network.adr = True
    assert all(end.up() is None for _ in range(50))


def test_class_c_is_told_at_once_and_a_group_together():
    network, end = pair()
    device(network).class_c = True
    sent = []
    network.air.watchers.append(sent.append)
    down = network.down(DEV_EUI, 2, b"now", at_us=20_000_000)
    assert (down.window, down.sent_us) == ("C", 20_000_000)
    network.down(DEV_EUI, 2, b"next", at_us=20_000_000)
    assert [end.read(it.frame).payload for it in sent] == [b"now", b"next"]
    assert sent[1].start_us >= sent[0].end_us
    keys = bytes(range(16, 32)), bytes(range(32, 48))
    group = network.group(b"grp\x01", *keys)
    for i in range(3):
        network.multicast(group, 3, b"all %d" % i, 30_000_000 + i * 5_000_000)
        frame = packets.read_data(sent[-1].frame)
        assert frame.dev_addr == b"grp\x01" and frame.open(keys, i)
        assert (frame.port, frame.payload) == (3, b"all %d" % i)
        assert (sent[-1].freq_hz, sent[-1].sf) == (869_525_000, 12)


def test_class_c_waits_for_an_uplink_with_commands_and_with_a_second_confirmed_frame():
    network, end = pair()
    device(network).class_c = True
    first = network.down(DEV_EUI, 2, b"1", True, at_us=20_000_000)
    second = network.down(DEV_EUI, 2, b"2", True, at_us=30_000_000)
    ordered = network.down(DEV_EUI, 2, b"3", commands=commands.dev_status(), at_us=40_000_000)
    plain = network.down(DEV_EUI, 2, b"4", at_us=50_000_000)
    assert (first.window, second.window, ordered.window, plain.window) == ("C", None, None, "C")
    end.now_us, end.fcnt_down = 60_000_000, 2
    assert end.up(flags=packets.ACK).payload == b"2"
    assert end.up(flags=packets.ACK).payload == b"3"
    assert (first.acked, second.acked, ordered.window) == (True, True, 1)


def test_a_device_with_a_session_from_the_factory():
    air = Air(1)
    network = Network(air, "EU868")
    keys = bytes(range(16)), bytes(range(16, 32))
    network.add_abp(b"addr", *keys)
    end = End(air, b"", b"", b"")
    end.dev_addr, end.keys = b"addr", keys
    network.down(b"addr", 4, b"hello")
    assert end.up().payload == b"hello"
    assert not network.errors


def test_a_frame_of_a_test_s_own_goes_out_as_it_is():
    network, end = pair()
    network.down(DEV_EUI, raw=b"\xe0anything")
    assert end.up() == b"\xe0anything" and device(network).fcnt_down == 0


def test_every_frame_of_hundreds_is_verified_and_read_by_lora_packet(referee):
    network, end = pair(joined=False)
    random = Random(11)
    sent = []
    network.air.watchers.append(lambda it: sent.append(it) if it.down else None)
    network.window = None
    meant = 0
    for turn in range(300):
        if turn % 100 == 0:
            assert end.join()
            said = referee.read_join_accept(sent[-1].frame, APP_KEY, end.nonce)
            assert said["mic"] and (said["nwk"], said["app"]) == end.keys
            assert said["dev_addr"] == end.dev_addr
            assert said["cf_list"] == network.region.cf_list
            device(network).fcnt_down = end.fcnt_down = (0, 0xFFF0, 0x12FFFF)[turn // 100]
        payload = bytes([random(256) for _ in range(random(52))])
        ask = (b"", commands.dev_status(), commands.rx_timing(1) * 8)[random(3)]
        port = None if len(ask) > 15 else 1 + random(223)
        data = b"" if port is None else payload
        confirmed, up_confirmed = bool(random(2)), bool(random(2))
        network.down(DEV_EUI, port, data, confirmed, ask)
        fcnt, count = end.fcnt_down, len(sent)
        assert end.up(1, payload, up_confirmed)
        assert len(sent) == count + 1
        said = referee.read_data(sent[-1].frame, end.keys, fcnt)
        assert said == {
            "type": "{} Data Down".format("Confirmed" if confirmed else "Unconfirmed"),
            "mic": True,
            "dev_addr": end.dev_addr,
            "fcnt": fcnt & 0xFFFF,
            "flags": packets.ACK if up_confirmed else 0,
            "fopts": b"" if len(ask) > 15 else ask,
            "port": 0 if len(ask) > 15 else port,
            "payload": ask if len(ask) > 15 else data,
        }
        meant += 1
    assert meant == 300 and not network.errors


def test_a_network_says_the_same_on_both_runtimes():
    try:
        path, _ = micropython.find()
    except Unavailable as why:
        absent(str(why))
    places = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    places = {"PYTHONPATH": places, "MICROPYPATH": places + os.pathsep + ".frozen"}
    told = [
        subprocess.run(
            [program, "-c", STORY],
            capture_output=True,
            check=True,
            env={**os.environ, **places},
            text=True,
            timeout=60,
        ).stdout
        for program in (sys.executable, path)
    ]
    assert told[0] == told[1]
    lines = told[0].splitlines()
    assert lines[-1] == "[] [] 30" and len(lines) == 64
