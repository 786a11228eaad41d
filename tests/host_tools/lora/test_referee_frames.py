"""The firmware's frames and lora-packet's are the same, byte for byte, both ways."""

from hashlib import sha256
from pathlib import Path

import pytest
from support import referee as asking
from support.lorawan_frames import Numbers, downlink, uplinks

from kerb.uplink.lorawan import frames, join_frames

FRAMES = 400
JOINS = 200
_FIRMWARE_TEST = Path(__file__).parents[2] / "firmware/uplink/lorawan/test_frames.py"


def mtype(confirmed, down):
    return (asking.CONFIRMED_UP if confirmed else asking.UNCONFIRMED_UP) + down


@pytest.mark.parametrize("seed", range(3))
def test_every_uplink_is_the_one_that_lora_packet_makes_and_reads(referee, seed):
    for fields in uplinks(FRAMES, 100 + seed):
        keys, dev_addr, fcnt, confirmed, flags, fopts, port, payload = fields
        phy = frames.build(*fields)
        assert phy == referee.make_data(mtype(confirmed, 0), keys, dev_addr, fcnt, *fields[4:])
        assert referee.read_data(phy, keys, fcnt) == {
            "type": f"{'Confirmed' if confirmed else 'Unconfirmed'} Data Up",
            "mic": True,
            "dev_addr": dev_addr,
            "fcnt": fcnt & 0xFFFF,
            "flags": flags,
            "fopts": fopts,
            "port": port,
            "payload": payload,
        }


@pytest.mark.parametrize("seed", range(3))
def test_every_downlink_that_lora_packet_makes_is_read_as_it_was_meant(referee, seed):
    numbers = Numbers(200 + seed)
    for fields in uplinks(FRAMES, 300 + seed):
        keys, dev_addr, fcnt, confirmed, flags, fopts, port, payload = fields
        flags &= 0xB0
        words = (flags, fopts, port, payload)
        phy = referee.make_data(mtype(confirmed, 1), keys, dev_addr, fcnt, *words)
        assert phy == downlink(keys, dev_addr, fcnt, confirmed, *words)
        commands = payload if port == 0 else fopts
        data = b"" if port == 0 else payload
        fcnt_next = max(fcnt - numbers.below(65536), 0)
        ack, pending = bool(flags & 0x20), bool(flags & 0x10)
        assert frames.read_down(keys, dev_addr, fcnt_next, phy) == (
            fcnt,
            bool(confirmed),
            ack,
            pending,
            commands,
            port,
            data,
        )
        assert isinstance(frames.read_down(keys, dev_addr, fcnt + 1, phy), str)
        assert frames.read_down(keys[::-1], dev_addr, fcnt_next, phy) == "mic"


def test_every_join_request_is_the_one_that_lora_packet_makes_and_reads(referee):
    numbers = Numbers(7)
    for _ in range(JOINS):
        app_key, join_eui, dev_eui = numbers.bytes(16), numbers.bytes(8), numbers.bytes(8)
        dev_nonce = numbers.below(65536)
        phy = join_frames.join_request(app_key, join_eui, dev_eui, dev_nonce)
        assert phy == referee.make_join_request(app_key, join_eui, dev_eui, dev_nonce)
        assert referee.read_join_request(phy, app_key) == {
            "type": "Join Request",
            "mic": True,
            "join_eui": join_eui,
            "dev_eui": dev_eui,
            "dev_nonce": dev_nonce,
        }


def test_every_join_accept_that_lora_packet_makes_is_read_with_the_same_session_keys(referee):
    numbers = Numbers(8)
    for _ in range(JOINS):
        app_key, dev_nonce = numbers.bytes(16), numbers.below(65536)
        fields = {
            "join_nonce": int.from_bytes(numbers.bytes(3), "little"),
            "net_id": numbers.bytes(3),
            "dev_addr": numbers.bytes(4),
            "dl_settings": numbers.below(128),
            "rx_delay": numbers.below(16),
            "cf_list": numbers.bytes(16 * numbers.below(2)),
        }
        phy = referee.make_join_accept(app_key, **fields)
        said = referee.read_join_accept(phy, app_key, dev_nonce)
        keys = said.pop("nwk"), said.pop("app")
        assert said == {"type": "Join Accept", "mic": True, **fields}
        found = join_frames.read_join_accept(app_key, phy, dev_nonce)
        assert found == (
            *(word or None if word == b"" else word for word in fields.values()),
            keys,
        )


def test_lora_packet_sees_a_wrong_mic_so_that_its_yes_is_worth_something(referee):
    for fields in uplinks(20, 4):
        keys, _, fcnt = fields[:3]
        phy = frames.build(*fields)
        assert not referee.read_data(phy, keys, fcnt ^ 0x10000)["mic"]
        assert not referee.read_data(phy, (keys[1], keys[0]), fcnt)["mic"]
        assert not referee.read_data(phy[:-1] + bytes([phy[-1] ^ 1]), keys, fcnt)["mic"]


def test_the_frames_whose_digest_every_runtime_compares_are_lora_packet_s(referee):
    digest = sha256()
    for fields in uplinks(100, 1, 60):
        keys, dev_addr, fcnt, confirmed = fields[:4]
        digest.update(referee.make_data(mtype(confirmed, 0), keys, dev_addr, fcnt, *fields[4:]))
    assert f'"{digest.hexdigest()}"' in _FIRMWARE_TEST.read_text()


def test_the_join_request_s_mic_that_every_runtime_compares_is_lora_packet_s(referee):
    phy = referee.make_join_request(bytes(range(16)), bytes(range(8)), b"kerb-dev", 0x1234)
    assert f'"{phy[-4:].hex()}"' in _FIRMWARE_TEST.read_text()
