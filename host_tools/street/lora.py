"""The air and the LoRaWAN network of a street, in real time: boards' radios by their links.

The air (host_tools/lora/air.py) has microseconds since the street began. What a board sends is put
in when its message comes; the network hears it at its end and answers into the air; whichever
board listens there is told when the answer begins and what has come when it ends.
"""

import asyncio
import secrets
import time
from datetime import UTC, datetime

from host_tools.lora import pcap as pcaps
from host_tools.lora.air import Air
from host_tools.lora.network import Network
from host_tools.street.lora_bridge import LoraBridge

REGION = "KR920"  # of Busan: it listens before it talks, and has no duty cycle
_GATEWAY_M = 800
_LEAP_S = 18  # GPS's seconds ahead of UTC, since 2017
_GPS_EPOCH = datetime(1980, 1, 6, tzinfo=UTC)
_SECRET_BYTES = 16
_TICK_S = 0.02
# So late a process may open its window, beside a chip's own, and still hear a frame.
_LATE_US = 200_000


class _Radio:
    """A board's radio: its place in the air, and where it listens."""

    def __init__(self, unit, node):
        self.unit = unit
        self.node = node
        self.channel = None  # (freq_hz, sf, bw_hz)
        self.hears = None  # the Transmission that is coming in


class StreetLora:
    """`note(kind, text)` is told what happens; `clock` is the street's, for the network's time;
    every frame on the air goes to the file at the path `pcap`, if there is one, for Wireshark.
    """

    def __init__(self, clock, note, pcap=None):
        self._clock = clock
        self._note = note
        self._began_s = time.monotonic()
        self._radios = {}
        self._coming = []
        self.air = Air(seed=secrets.randbelow(1 << 30))
        self.gateway = self.air.node()
        self.network = Network(self.air, REGION, secrets.randbelow(1 << 30), [self.gateway])
        self.network.adr = True
        self.network.on_uplink = self._on_uplink
        self.network.on_join = self._on_join
        self.air.watchers.append(self._on_air)
        self._file = open(pcap, "wb") if pcap else None
        if self._file:
            pcaps.Capture(self._file, self.air, int(clock.now().timestamp()))
        self.bridge = None
        self.names = {}
        self.groups = set()  # names, each of all devices that always hear
        self.last = None  # the last uplink
        self._keys = tuple(secrets.token_bytes(_SECRET_BYTES) for _ in range(2))
        self._group_addr = secrets.token_bytes(4)
        self.group = self.network.group(self._group_addr, *self._keys)

    def now_us(self):
        """Microseconds since the street began."""
        return int((time.monotonic() - self._began_s) * 1e6)

    async def start(self, broker):
        """Connect the network to the city's broker."""
        self.set_time()
        self.bridge = LoraBridge(broker, self, self._clock, self._note)
        await self.bridge.start()

    async def stop(self):
        if self.bridge:
            await self.bridge.close()
        if self._file:
            self._file.close()

    def add(self, name, groups, always_hears):
        """A device comes: gives what its config and its secrets say of the uplink.

        By which of the city's groups it is commanded is the network's to know, not its own.
        """
        dev_eui, app_key = secrets.token_bytes(8), secrets.token_bytes(_SECRET_BYTES)
        device = self.network.add(dev_eui, bytes(8), app_key, always_hears)
        self.names[name] = device
        config = {"region": REGION, "dev_eui": dev_eui[::-1].hex(), "spread_s": 2}
        private = {"app_key": app_key.hex()}
        if always_hears:
            self.groups.update(groups)
            config |= {"class": "C", "group": self._group_addr[::-1].hex()}
            private |= {"mc_nwk_skey": self._keys[0].hex(), "mc_app_skey": self._keys[1].hex()}
        return {"lorawan": config}, private

    def words(self):
        """How the last uplink came in, for the screen."""
        if self.last is None:
            return "LoRaWAN {}, nothing heard yet".format(REGION)
        text = "LoRaWAN {} DR{}, frame {}, {} dBm, SNR {} dB"
        last = self.last
        return text.format(REGION, last.dr, last.fcnt, last.rssi_dbm, last.snr_db)

    def name_of(self, device):
        """The name of a device of the network."""
        return next(name for name, other in self.names.items() if other is device)

    def set_time(self):
        """Let the network have the street's time."""
        gps_s = (self._clock.now() - _GPS_EPOCH).total_seconds() + _LEAP_S
        self.network.gps_s = int(gps_s) - self.now_us() // 1_000_000

    def set_there(self, there):
        """Switch the gateway off, or on."""
        self.gateway.deaf = self.gateway.mute = not there

    def take(self, unit, message):
        """What a board's radio does."""
        radio = self._radios.get(unit.name)
        if radio is None:
            radio = self._radios[unit.name] = _Radio(unit, self.air.node(_GATEWAY_M))
        what = message["radio"]
        radio.channel = radio.hears = None
        if what == "off":
            return
        channel = message["freq_hz"], message["sf"], message["bw_hz"]
        now_us = self.now_us()
        if what == "rx":
            radio.channel = channel
            for sent in self._coming:
                if now_us < sent.start_us + _LATE_US:
                    self._begin(radio, sent, now_us)
        else:
            frame = bytes.fromhex(message["hex"])
            self.air.transmit(radio.node, now_us, frame, *channel, message["dbm"])

    async def run(self):
        """Let time pass on the air."""
        while True:
            await asyncio.sleep(_TICK_S)
            now_us = self.now_us()
            self.air.run(now_us)
            self._tell_errors()
            for sent in tuple(self._coming):
                for radio in self._radios.values():
                    if sent.start_us <= now_us < sent.start_us + _LATE_US:
                        self._begin(radio, sent, now_us)
                    if sent.end_us <= now_us and radio.hears is sent:
                        self._end(radio, sent)
                if sent.end_us <= now_us:
                    self._coming.remove(sent)

    def _on_air(self, sent):
        if sent.down:
            self._coming.append(sent)

    def _begin(self, radio, sent, now_us):
        channel = sent.freq_hz, sent.sf, sent.bw_hz
        if radio.hears is None and radio.channel == channel and sent.start_us <= now_us:
            radio.hears = sent
            radio.unit.link.radio({"radio": "preamble"})

    def _end(self, radio, sent):
        radio.hears = None
        got = self.air.outcome(sent, radio.node)
        if got:
            frame, rssi_dbm, snr_db = got
            radio.unit.link.radio(
                {"radio": "frame", "hex": frame.hex(), "rssi_dbm": rssi_dbm, "snr_db": snr_db}
            )

    def _on_join(self, device):
        name = self.name_of(device)
        self._note("lora", "{} has joined, DevNonce {}".format(name, device.nonces[-1]))

    def _tell_errors(self):
        """What the device did against LoRaWAN's specification, as the network saw it."""
        while self.network.errors:
            self._note("error", "lora: {}".format(self.network.errors.pop(0)))

    def _on_uplink(self, uplink):
        self.last = uplink
        self.bridge.on_uplink(self.name_of(uplink.device), uplink)
