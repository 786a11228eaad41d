"""A capture of the air, as Debian's tshark reads it: every MIC is right, every field as meant."""

import io
import struct
import subprocess

import pytest
import vtime
from support import lora_mac
from support.lora_end import End

from host_tools.lora import commands
from host_tools.lora.air import Air
from host_tools.lora.network import Network
from host_tools.lora.pcap import LINK_TYPE, Capture

DEV_EUI, JOIN_EUI, APP_KEY = b"\x01dev-eui", b"\x02joineui", bytes(range(16))
START_S = 1_790_000_000
NO_EUI = "0000000000000000"
NO_ADDR = "00000000"
# What is asked of tshark about each frame.
FIELDS = (
    "frame.time_epoch",
    "loratap.channel.frequency",
    "loratap.channel.bandwidth",
    "loratap.channel.sf",
    "loratap.rssi.packet",
    "loratap.rssi.snr",
    "loratap.syncword",
    "lorawan.mhdr.mtype",
    "lorawan.mic.status",
    "lorawan.fhdr.devaddr",
    "lorawan.fhdr.fcnt",
    "lorawan.fhdr.fctrl.adr",
    "lorawan.fhdr.fctrl.ack",
    "lorawan.fport",
    "lorawan.frmpayload_decrypted",
    "lorawan.mac_command_uplink",
    "lorawan.mac_command_downlink",
    "lorawan.join_request.deveui",
    "lorawan.join_request.appeui",
)
GOOD = "1"


@pytest.fixture
def tshark(need):
    """tshark(path, keys) gives a dict of FIELDS for each frame; keys: (address, nwk, app, EUI)."""
    program = need("tshark")

    def ask(path, keys):
        words = [program, "-n", "-r", str(path), "-T", "fields"]
        for row in keys:
            words += ["-o", "uat:encryption_keys_lorawan:" + ",".join(f'"{it}"' for it in row)]
        for field in FIELDS:
            words += ["-e", field]
        told = subprocess.run(words, capture_output=True, check=True, text=True, timeout=120)
        return [
            dict(zip(FIELDS, line.split("\t"), strict=True)) for line in told.stdout.splitlines()
        ]

    return ask


def session(path, turns):
    """A session captured; gives (its rows of keys, the frames as (us, bytes, ...) were put in)."""
    air = Air(3)
    network = Network(air, "EU868", 3)
    network.add(DEV_EUI, JOIN_EUI, APP_KEY)
    end = End(air, DEV_EUI, JOIN_EUI, APP_KEY)
    sent = []
    air.watchers.append(sent.append)
    with open(path, "wb") as file:
        Capture(file, air, START_S)
        assert end.join()
        for turn in range(turns):
            asked = commands.dev_status() if turn % 3 == 0 else b""
            network.down(DEV_EUI, 10, b"down %d" % turn, turn % 2 == 0, asked)
            end.hz = (868_100_000, 868_300_000, 868_500_000)[turn % 3]
            end.dr = turn % 6
            assert end.up(1, b"up %d" % turn, bool(turn % 2), 0x80, b"\x02\x0d")
    keys = [
        (NO_ADDR, APP_KEY.hex(), APP_KEY.hex(), JOIN_EUI.hex()),
        (end.dev_addr.hex(), end.keys[0].hex(), end.keys[1].hex(), NO_EUI),
    ]
    return keys, sent, end


def test_tshark_reads_a_whole_session_and_finds_every_mic_right(tshark, tmp_path):
    path = tmp_path / "session.pcap"
    keys, sent, end = session(path, 60)
    told = tshark(path, keys)
    assert len(told) == len(sent) == 122
    for it, frame in zip(told, sent, strict=True):
        us = round(float(it["frame.time_epoch"]) * 1e6) - START_S * 1_000_000
        assert abs(us - frame.start_us) <= 1
        assert int(it["loratap.channel.frequency"]) == frame.freq_hz
        assert int(it["loratap.channel.bandwidth"]) * 125_000 == frame.bw_hz
        assert int(it["loratap.channel.sf"]) == frame.sf
        assert int(it["loratap.syncword"], 0) == 0x34
        assert int(it["lorawan.mhdr.mtype"]) == frame.frame[0] >> 5
    assert told[0]["lorawan.mic.status"] == GOOD
    assert told[0]["lorawan.join_request.deveui"].replace(":", "") == DEV_EUI[::-1].hex()
    assert told[0]["lorawan.join_request.appeui"].replace(":", "") == JOIN_EUI[::-1].hex()
    for turn in range(60):
        up, down = told[2 + 2 * turn], told[3 + 2 * turn]
        for it, payload in ((up, b"up %d"), (down, b"down %d")):
            assert it["lorawan.mic.status"] == GOOD, turn
            address = int(it["lorawan.fhdr.devaddr"], 0)
            assert address == int.from_bytes(end.dev_addr, "little")
            assert int(it["lorawan.fhdr.fcnt"]) == turn
            assert bytes.fromhex(it["lorawan.frmpayload_decrypted"]) == payload % turn
        assert [int(it["lorawan.fport"], 0) for it in (up, down)] == [1, 10]
        assert up["lorawan.fhdr.fctrl.adr"] == "1"
        assert down["lorawan.fhdr.fctrl.ack"] == str(turn % 2)
        assert up["lorawan.mac_command_uplink"] == "2,13"
        # LinkCheckAns is among the answers; of DeviceTimeAns tshark 4.0 knows nothing.
        assert "2" in down["lorawan.mac_command_downlink"].split(",")


def test_tshark_finds_every_frame_of_the_firmware_right(tshark, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    sent = []

    async def play(file):
        street = lora_mac.Street(seed=4)
        street.air.watchers.append(sent.append)
        Capture(file, street.air)
        await street.joined()
        for turn in range(30):
            street.down(10, b"down %d" % turn, turn % 3 == 0, commands.dev_status())
            await street.sent(b"up %d" % turn, 3, turn % 2 == 0)
        return street.known

    with open("mac.pcap", "wb") as file:
        device = vtime.run(play(file))
    keys = [
        (NO_ADDR, lora_mac.APP_KEY.hex(), lora_mac.APP_KEY.hex(), lora_mac.JOIN_EUI.hex()),
        (device.dev_addr.hex(), device.keys[0].hex(), device.keys[1].hex(), NO_EUI),
    ]
    told = tshark("mac.pcap", keys)
    assert len(told) == len(sent) == 62
    assert told[0]["lorawan.mic.status"] == GOOD
    ups = [it for it in told[2:] if it["lorawan.mhdr.mtype"] in ("2", "4")]
    assert [it["lorawan.mic.status"] for it in told[2:]] == [GOOD] * 60
    assert [int(it["lorawan.fhdr.fcnt"]) for it in ups] == list(range(30))
    payloads = [bytes.fromhex(it["lorawan.frmpayload_decrypted"]) for it in ups]
    assert payloads == [b"up %d" % turn for turn in range(30)]
    assert [it["lorawan.mhdr.mtype"] for it in ups] == ["4", "2"] * 15
    # The next uplink acknowledges a confirmed downlink, and has the DevStatusAns.
    assert [it["lorawan.fhdr.fctrl.ack"] for it in ups[1:]] == ["1", "0", "0"] * 9 + ["1", "0"]
    assert [it["lorawan.mac_command_uplink"] for it in ups] == [""] + ["6"] * 29
    assert {it["lorawan.fhdr.fctrl.adr"] for it in ups} == {"1"}


def test_tshark_would_see_a_wrong_mic(tshark, tmp_path):
    path = tmp_path / "session.pcap"
    keys, _, _ = session(path, 2)
    address, nwk, app, eui = keys[1]
    told = tshark(path, [keys[0], (address, app, nwk, eui)])
    assert [it["lorawan.mic.status"] for it in told][2:] == ["0"] * 4


def test_how_a_frame_was_heard_is_in_the_capture(tshark, tmp_path):
    path = tmp_path / "heard.pcap"
    heard = [(-112, 9), (-139, -20), (20, 31), (-200, -40), (None, None)]
    with open(path, "wb") as file:
        capture = Capture(file)
        for i, (rssi_dbm, snr_db) in enumerate(heard):
            capture.write(i, bytes(12), 923_300_000, 12, 500_000, rssi_dbm, snr_db)
    told = tshark(path, [])
    assert [int(it["loratap.rssi.packet"]) for it in told] == [27, 0, 159, 0, 255]
    snrs = [int(it["loratap.rssi.snr"]) for it in told]
    assert snrs == [36, 256 - 80, 124, 128, 0]
    assert {it["loratap.channel.bandwidth"] for it in told} == {"4"}


def test_a_capture_is_what_the_formats_say():
    file = io.BytesIO()
    Capture(file, start_s=5).write(7_000_001, b"\x40frame", 868_100_000, 7, 125_000, -100, 5)
    data = file.getvalue()
    magic, major, minor, _, _, _, link = struct.unpack("<IHHiIII", data[:24])
    assert (magic, major, minor, link) == (0xA1B2C3D4, 2, 4, LINK_TYPE)
    assert struct.unpack("<IIII", data[24:40]) == (12, 1, 15 + 6, 15 + 6)
    assert data[40:] == bytes.fromhex("0000000f33be27a00107 27ffff 14 34") + b"\x40frame"
