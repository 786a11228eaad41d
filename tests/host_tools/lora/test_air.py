"""The simulated air: who hears whom, and that it takes no side."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from runner import absent

from host_tools.lora.air import (
    Air,
    Random,
    airtime_us,
    noise_dbm,
    path_loss_db,
    snr_needed_db,
    symbol_us,
)
from host_tools.paths import ROOT
from host_tools.setup import micropython
from host_tools.setup.product import Unavailable

HZ = 868_100_000
KHZ_125 = 125_000
FRAME = bytes(range(20))
# What one run ends with, told by both runtimes.
STORY = """
from host_tools.lora.air import Air
air = Air(seed=5, loss_permille=200)
gateway = air.node()
nodes = [air.node(300 * i, 17 * i) for i in range(1, 9)]
for i in range(60):
    node = nodes[i % 8]
    start_us = i * 30_000 + air.random(20_000)
    air.transmit(node, start_us, bytes([i] * 9), 868_100_000, 7 + i % 6, 125_000, 14)
air.run(10_000_000)
print([air.outcome(it, gateway) for it in air._sent])
"""


def quiet(seed=1):
    """An air where nothing is left to chance."""
    return Air(seed, fade_db=0)


def send(air, node, start_us=1_000_000, sf=9, hz=HZ, down=False, frame=FRAME, dbm=14):
    return air.transmit(node, start_us, frame, hz, sf, KHZ_125, dbm, down)


@pytest.mark.parametrize(
    ("sf", "bw_hz", "size", "ms"),
    [
        (7, 125_000, 13, 46.336),
        (7, 125_000, 235, 368.896),
        (8, 125_000, 23, 113.152),
        (10, 125_000, 23, 370.688),
        (11, 125_000, 23, 823.296),
        (12, 125_000, 13, 1155.072),
        (12, 125_000, 64, 2793.472),
        (7, 250_000, 13, 23.168),
    ],
)
def test_a_frame_takes_as_long_as_others_have_reckoned(sf, bw_hz, size, ms):
    assert airtime_us(sf, bw_hz, size) == round(ms * 1000)


def test_the_firmware_reckons_the_same_air_time():
    from kerb.uplink.lorawan import airtime

    for sf in range(7, 13):
        for bw_hz in (125_000, 250_000, 500_000):
            for size in range(1, 256):
                for crc in (True, False):
                    ours = airtime_us(sf, bw_hz, size, crc)
                    assert airtime.us(sf, bw_hz, size, crc) == ours, (sf, bw_hz, size, crc)


def test_the_same_seed_gives_the_same_story_on_both_runtimes():
    try:
        path, _ = micropython.find()
    except Unavailable as why:
        absent(str(why))
    told = [
        subprocess.run(
            [program, "-c", STORY], capture_output=True, check=True, cwd=ROOT, timeout=60
        ).stdout
        for program in (sys.executable, path)
    ]
    assert told[0] == told[1]
    assert b"None" in told[0] and b"\\x00" in told[0]


def test_chance_is_even():
    random = Random(3)
    counts = [0] * 10
    for _ in range(20_000):
        counts[random(10)] += 1
    assert all(abs(count - 2000) < 250 for count in counts)
    assert [Random(8)(1000) for _ in range(3)] == [Random(8)(1000) for _ in range(3)]
    assert len({Random(seed)(1 << 30) for seed in range(100)}) == 100


@given(st.integers(50, 30_000), st.integers(7, 11))
def test_a_slower_data_rate_reaches_at_least_as_far(metres, sf):
    air = quiet()
    node, gateway = air.node(metres), air.node()
    quick, slow = send(air, node, sf=sf), send(air, node, 9_000_000, sf=sf + 1)
    assert air.outcome(quick, gateway) is None or air.outcome(slow, gateway) is not None


def test_a_frame_comes_with_its_bytes_and_how_it_was_heard():
    air = quiet()
    node, gateway = air.node(1000), air.node()
    assert air.outcome(send(air, node), gateway) == (FRAME, -115, 2)
    loss_db = path_loss_db(node, gateway)
    assert round(loss_db) == 129
    air.link(node, gateway, 14 - noise_dbm(KHZ_125) - snr_needed_db(9) + 0.1)
    assert air.outcome(send(air, node, 3_000_000), gateway) is None
    air.link(gateway, node, 14 - noise_dbm(KHZ_125) - snr_needed_db(9) - 0.1)
    assert air.outcome(send(air, node, 5_000_000), gateway)[2] == -12


def test_what_the_sender_does_with_his_bytes_afterwards_changes_nothing():
    air = quiet()
    frame = bytearray(FRAME)
    sent = send(air, air.node(100), frame=frame)
    frame[0] = 99
    assert air.outcome(sent, air.node())[0] == FRAME


@pytest.mark.parametrize(
    ("other", "weaker_db", "both"),
    [
        ({}, 0, (False, False)),
        ({}, 5, (False, False)),
        ({}, 7, (True, False)),
        ({"hz": HZ + 200_000}, 0, (True, True)),
        ({"hz": HZ + 100_000}, 0, (False, False)),
        ({"sf": 10}, 10, (True, True)),
        ({"sf": 10}, 20, (True, False)),
        ({"start_us": 1_060_000}, 0, (False, False)),
        ({"start_us": 3_000_000}, 0, (True, True)),
    ],
)
def test_of_two_frames_at_once(other, weaker_db, both):
    air = quiet()
    gateway = air.node()
    nodes = [air.node(), air.node()]
    air.link(nodes[0], gateway, 90)
    air.link(nodes[1], gateway, 90 + weaker_db)
    first, second = send(air, nodes[0]), send(air, nodes[1], **other)
    assert tuple(air.outcome(it, gateway) is not None for it in (first, second)) == both


@pytest.mark.parametrize(("chirps", "heard"), [(2, True), (4, False)])
def test_the_first_three_chirps_of_a_preamble_may_be_lost(chirps, heard):
    air = quiet()
    nodes, gateway = [air.node(100), air.node(50)], air.node()
    early = send(air, nodes[1])
    late = send(air, nodes[0], early.end_us - chirps * symbol_us(9, KHZ_125))
    assert (air.outcome(late, gateway) is not None) == heard


def test_up_and_down_hardly_disturb_each_other_but_who_speaks_hears_nothing():
    air = quiet()
    node, gateway, other = air.node(300), air.node(), air.node(300, 10)
    up, down = send(air, node), send(air, gateway, down=True)
    assert air.outcome(up, gateway) is None and air.outcome(down, node) is None
    # The neighbour's frame is 40 dB stronger there than the gateway's.
    assert (air.outcome(down, other) or ("",))[0] != FRAME
    far = air.node(-300)
    assert air.outcome(down, far) == (FRAME, -103, 14)


def test_nobody_receives_his_own_frame_nor_a_mute_ones_nor_while_deaf():
    air = quiet()
    node, gateway = air.node(100), air.node()
    sent = send(air, node)
    assert air.outcome(sent, node) is None
    gateway.deaf = True
    assert air.outcome(sent, gateway) is None
    gateway.deaf, node.mute = False, True
    assert air.outcome(send(air, node, 5_000_000), gateway) is None
    node.mute = False
    assert air.outcome(send(air, node, 9_000_000), gateway)


def test_so_many_frames_are_lost_as_was_asked_for():
    air = Air(2, loss_permille=300)
    node, gateway, lucky = air.node(100), air.node(), air.node(10)
    got = [air.outcome(send(air, node, i * 1_000_000), gateway) for i in range(2000)]
    assert abs(got.count(None) - 600) < 110
    air = Air(2)
    lucky.loss_permille = 100
    got = [air.outcome(send(air, node, i * 1_000_000), lucky) for i in range(2000)]
    assert abs(got.count(None) - 200) < 75


def test_a_test_may_choose_what_is_lost():
    air = quiet()
    node, gateway = air.node(100), air.node()
    air.drop = lambda sent, by: sent.down and by is node
    assert air.outcome(send(air, node), gateway)
    assert air.outcome(send(air, gateway, 9_000_000, down=True), node) is None


def test_whoever_asks_twice_gets_one_answer():
    air = Air(2, loss_permille=500)
    node, gateway = air.node(100), air.node()
    for i in range(50):
        sent = send(air, node, i * 1_000_000)
        assert air.outcome(sent, gateway) == air.outcome(sent, gateway)


def test_of_downlinks_that_collide_some_come_with_wrong_bytes():
    air = quiet()
    gateways, node = [air.node(100), air.node(-100)], air.node()
    got = []
    for i in range(100):
        first = send(air, gateways[0], i * 1_000_000, down=True)
        send(air, gateways[1], i * 1_000_000, down=True)
        got.append(air.outcome(first, node))
    wrong = [it for it in got if it is not None]
    assert 30 < len(wrong) < 70
    assert all(len(it[0]) == len(FRAME) for it in wrong)
    assert sum(it[0] != FRAME for it in wrong) >= len(wrong) - 1


@given(st.integers(-60, 60), st.integers(1, 40))
def test_a_receiver_locks_where_it_sees_five_chirps_of_the_preamble(early_chirps, symbols):
    air = quiet()
    node, gateway = air.node(100), air.node()
    chirp_us = symbol_us(9, KHZ_125)
    sent = send(air, gateway, 1_000_000, down=True)
    open_us = 1_000_000 + early_chirps * chirp_us
    seen = len({*range(early_chirps, early_chirps + symbols)} & {*range(8)})
    caught = air.catch(node, open_us, open_us + symbols * chirp_us, HZ, 9, KHZ_125)
    assert (caught is sent) == (seen >= 5)


def test_a_receiver_locks_onto_its_own_channel_and_the_first_frame_in_it():
    air = quiet()
    node, gateways = air.node(100), [air.node(), air.node(1)]
    send(air, gateways[0], 1_000_000, sf=10, down=True)
    send(air, gateways[0], 1_000_000, hz=HZ + 200_000, down=True)
    send(air, gateways[0], 1_000_000)
    second = send(air, gateways[1], 1_010_000, down=True)
    first = send(air, gateways[0], 1_000_000, down=True)
    assert air.catch(node, 900_000, 2_000_000, HZ, 9, KHZ_125) is first
    assert air.catch(node, 1_020_000, 2_000_000, HZ, 9, KHZ_125) is second
    assert air.catch(gateways[0], 900_000, 2_000_000, HZ, 9, KHZ_125) is second


def test_listeners_are_told_in_the_order_of_the_ends_each_once():
    air = quiet()
    node, told = air.node(), []

    def listener(sent):
        told.append(sent.end_us)
        if len(told) < 4:
            send(air, node, sent.end_us + 5, sf=7)

    air.listeners.append(listener)
    slow = send(air, node, 0, sf=12)
    quick = send(air, node, 10, sf=7)
    air.run(quick.end_us - 1)
    assert told == []
    for until_us in range(0, 3_000_000, 250_000):
        air.run(until_us)
        assert air.now_us >= until_us
    assert told == sorted(told) and slow.end_us in told and len(told) == 5


def test_a_channel_is_as_loud_as_the_loudest_on_it():
    air = quiet()
    node, near, far = air.node(), air.node(100), air.node(1000)
    assert air.rssi_dbm(node, HZ, KHZ_125, 0, 5000) == -117
    send(air, far, 1000)
    assert air.rssi_dbm(node, HZ, KHZ_125, 0, 5000) == -115
    send(air, near, 4000)
    assert air.rssi_dbm(node, HZ, KHZ_125, 0, 4000) == -115
    assert air.rssi_dbm(node, HZ, KHZ_125, 0, 5000) == -92
    assert air.rssi_dbm(node, HZ + 400_000, KHZ_125, 0, 5000) == -117
    assert air.rssi_dbm(near, HZ, KHZ_125, 4000, 5000) < -110


def test_a_jammed_channel_is_loud_and_brings_nothing():
    air = quiet()
    node, gateway = air.node(500), air.node()
    air.jam(0, 2_000_000, HZ, 200_000, -70)
    assert air.rssi_dbm(node, HZ, KHZ_125, 10, 20) == -70
    assert air.outcome(send(air, node), gateway) is None
    assert air.outcome(send(air, node, 2_000_001), gateway)
    assert air.outcome(send(air, node, 1_000_000, hz=HZ + 200_000), gateway)
    air.run(5_000_000)


def test_a_gateway_that_speaks_in_the_preamble_hears_nothing_either():
    air = quiet()
    node, gateway = air.node(100), air.node()
    down = send(air, gateway, down=True)
    up = send(air, node, down.end_us - 1)
    assert air.outcome(up, gateway) is None
    assert air.outcome(send(air, node, up.end_us + 9_000_000), gateway)


def test_an_air_forgets_what_was_long_ago():
    air = quiet()
    node = air.node()
    for i in range(2000):
        send(air, node, i * 1_000_000)
        air.run(i * 1_000_000)
    assert len(air._sent) < 100
