"""A simulated LoRa chip on the virtual board's pins, the radio on it, and somebody to talk to."""

import asyncio
import sys
import time

import vtime
import world
from kerb.uplink.lorawan.radio import Radio

from host_tools.lora.air import Air
from support.sx1262_chip import Sx1262Chip
from support.sx1276_chip import Sx1276Chip

try:
    import lora  # noqa: F401
except ImportError:
    sys.path.append(__file__.rpartition("/")[0] + "/lora_standin")

SX1262 = "sx1262"
SX1276 = "sx1276"
BOTH = (SX1262, SX1276)
HZ = 868_100_000


class Rig:
    """kind: the chip's; tcxo: on DIO3; call_us: what each call of SPI takes beside its bits.

    Of one world: chip, air, gateway (a node 500 m away), radio.
    """

    def __init__(self, kind, tcxo=False, call_us=0, air=None, node=None):
        self.kind = kind
        self.world = w = world.current()
        self.air = air or Air(1)
        self.gateway = self.air.node(0)
        node = node or self.air.node(500)
        if kind == SX1262:
            self.chip = Sx1262Chip(w, self.air, node, 3, 2, 20, 15, bus=1, tcxo=tcxo)
        else:
            self.chip = Sx1276Chip(w, self.air, node, 3, 20, 21, 15, bus=1)
        w.spi(1).call_us = call_us
        self.tcxo_mv = 1800 if tcxo else None
        self.made = 0
        self.radio = Radio(self.make)

    def make(self):
        """What a board's radio() gives to Radio."""
        self.made += 1
        if self.kind == SX1262:
            from kerb.hal.sx126x import make

            return make(1, 10, 11, 12, 3, 2, 20, 15, self.tcxo_mv)
        from kerb.hal.sx127x import make

        return make(1, 10, 11, 12, 3, 20, 21, 15)

    def send(self, after_us, frame, hz=HZ, sf=7, bw_hz=125_000):
        """The gateway begins to send a downlink so much later; when, by the world's clock."""
        at_us = self.world.now_us() + after_us
        self.air.transmit(self.gateway, at_us, frame, hz, sf, bw_hz, 14, down=True)
        return at_us


def run_on(kinds, test, **options):
    """Runs test(rig) for each chip in a world of its own; none may have been treated badly."""
    for kind in kinds:
        w = world.World(start_ticks_ms=(1 << 30) // 1000 - 500)
        rig = Rig(kind, **options)
        vtime.run(test(rig), w)
        assert not rig.chip.complaints, (kind, rig.chip.complaints)


async def window(rig, begin_us, symbols, sf, bw_hz, frame=None, after_us=0):
    """Opens a window in begin_us, has a frame begin after_us later; what came, and its length."""
    open_ticks = time.ticks_add(time.ticks_us(), begin_us)
    opens_us = rig.world.now_us() + begin_us
    if frame is not None:
        rig.send(begin_us + after_us, frame, sf=sf, bw_hz=bw_hz)
    packet = await rig.radio.receive(open_ticks, symbols, HZ, sf, bw_hz)
    assert rig.radio.fault is None
    assert abs(rig.chip.opened[-1][0] - opens_us) < 3000
    return packet, rig.world.now_us() - rig.chip.opened[-1][0]


async def heard_next(rig, ms):
    """The bytes of the next frame that a listening radio hears in that time, or None."""
    for _ in range(ms // 20):
        await asyncio.sleep_ms(20)
        packet = rig.radio.heard()
        if packet:
            return packet[0]
    return None
