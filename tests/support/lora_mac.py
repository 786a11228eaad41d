"""A Mac on a simulated radio, its network, and a check of all it sends."""

import time

from host_tools.lora.air import Air, Random
from host_tools.lora.network import Network
from host_tools.lora.rules import Rules
from host_tools.lora.sim_radio import SimRadio
from kerb.system.log import Log
from kerb.system.store import Store
from kerb.uplink.lorawan import region
from kerb.uplink.lorawan.mac import SENT, Mac

DEV_EUI, JOIN_EUI = bytes(range(1, 9)), bytes(range(11, 19))
APP_KEY = bytes(range(16))
ADDR, NWK, APP = b"\x04\x03\x02\x01", bytes(range(16, 32)), bytes(range(32, 48))
GROUP = b"\x0c\x0b\x0a\x09", bytes(range(48, 64)), bytes(range(64, 80))
OTAA = JOIN_EUI, DEV_EUI, APP_KEY
ABP = ADDR, NWK, APP


class Street:
    """One device `mac` and its network; more arguments are the Mac's. boot() is a reset.

    got: [(port, payload)] of downlinks, [(port, payload, True)] of the group's. told: the times of
    on_time. late_ms: the longest between two calls of check_in(); ask fine() at the end.
    """

    made = 0

    def __init__(
        self, name="EU868", ids=OTAA, seed=1, distance_m=500, drift_ppm=0, latency_us=0, **more
    ):
        Street.made += 1
        self.folder = "street%d" % Street.made
        self.name = name
        self.ids = ids
        self.more = more
        self.random = Random(seed + 1000)
        self.air = Air(seed)
        self.node = self.air.node(distance_m, ppm=drift_ppm, latency_us=latency_us)
        self.network = Network(self.air, name, seed)
        self.rules = Rules(self.air, name)
        class_c = more.get("cls") == "C"
        if ids is OTAA:
            self.known = self.network.add(DEV_EUI, JOIN_EUI, APP_KEY, class_c)
        else:
            self.known = self.network.add_abp(ADDR, NWK, APP, DEV_EUI, class_c)
        self.got = []
        self.told = []
        self.late_ms = 0
        self.boot()

    def boot(self):
        self.radio = SimRadio(self.air, self.node)
        self._checked = time.ticks_ms()
        self.log = Log()
        table = region.load(self.name)
        self.mac = Mac(
            table, self.ids, self.radio, Store(self.folder), self.log, self.random, **self.more
        )
        self.mac.on_downlink = self._down
        self.mac.on_time = lambda day, second: self.told.append((day, second))

    def _down(self, port, payload, group):
        self.got.append((port, payload, True) if group else (port, payload))

    def check_in(self):
        now = time.ticks_ms()
        self.late_ms = max(self.late_ms, time.ticks_diff(now, self._checked))
        self._checked = now

    async def joined(self, tries=10):
        for _ in range(tries):
            if self.mac.joined or await self.mac.join(self.check_in) == SENT:
                return self
            await self.rest(self.mac.wait_ms)
        raise AssertionError("not joined")

    def fine(self):
        """Whether the network and the region's rules have nothing against what was sent."""
        assert not self.network.errors, self.network.errors
        assert not self.rules.errors, self.rules.errors
        assert self.late_ms <= 4000, self.late_ms
        return True

    async def rest(self, ms):
        return await self.mac.idle(ms, self.check_in)

    async def send(self, payload=b"hello", port=2, confirmed=False):
        return await self.mac.send(port, payload, confirmed, self.check_in)

    async def sent(self, payload=b"hello", port=2, confirmed=False):
        """As send(), as often as it has to be put off."""
        for _ in range(200):
            outcome = await self.send(payload, port, confirmed)
            if outcome != 3:
                return outcome
            await self.rest(self.mac.wait_ms)
        raise AssertionError("put off for ever")

    async def commanded(self, commands):
        """Has the network's commands in a class A window, and answers them."""
        class_c = self.known.class_c
        self.known.class_c = False
        self.down(commands=commands)
        await self.sent()
        await self.sent()
        self.known.class_c = class_c

    def down(self, port=None, payload=b"", confirmed=False, commands=b"", **more):
        return self.network.down(DEV_EUI, port, payload, confirmed, commands, **more)
