"""The LoRaWAN stack on a chip at its pins: from send() over SPI to the network, and back."""

import asyncio

import vtime
import world
from host_tools.lora import commands
from kerb.system.log import Log
from kerb.system.store import Store
from kerb.uplink.lorawan import region
from kerb.uplink.lorawan.mac import ACKED, FAULT, SENT, Mac
from support.lora_mac import Street
from support.lora_rig import BOTH, SX1262, Rig


class Pole(Street):
    """A Street whose radio is a chip's; it is on the virtual board's pins."""

    def __init__(self, kind, call_us=150, **more):
        self._kind = kind
        self._call_us = call_us
        super().__init__(**more)

    def boot(self):
        self.rig = Rig(
            self._kind, self._kind == SX1262, self._call_us, air=self.air, node=self.node
        )
        self.radio = self.rig.radio
        self._checked = 0
        self.log = Log()
        table = region.load(self.name)
        self.mac = Mac(
            table, self.ids, self.radio, Store(self.folder), self.log, self.random, **self.more
        )
        self.mac.on_downlink = self._down

    def check_in(self):
        pass

    def down(self, *args, **more):
        self.air.run(self.rig.world.now_us())
        return super().down(*args, **more)


def run_on_both(test, **more):
    """Runs test(pole) on each chip; neither chip nor network nor rules may have been hurt."""
    for kind in BOTH:
        w = world.World()

        async def whole(kind=kind):
            pole = Pole(kind, **more)
            await test(pole)
            assert not pole.rig.chip.complaints, (kind, pole.rig.chip.complaints)
            assert pole.fine()

        vtime.run(whole(), w)


def test_a_device_joins_sends_and_is_answered_in_both_windows():
    async def test(pole):
        await pole.joined()
        for window in (1, 2, 1, 2):
            pole.network.window = window
            pole.down(10, b"dim%d" % window, confirmed=True)
            assert await pole.sent(confirmed=True) == ACKED
            assert pole.got[-1] == (10, b"dim%d" % window)
            assert pole.network.uplinks[-1].payload == b"hello"
        assert pole.rig.made == 1

    run_on_both(test)


def test_every_data_rate_is_sent_and_answered():
    async def test(pole):
        await pole.joined()
        for dr in (5, 4, 3, 2, 1, 0):
            await pole.commanded(commands.link_adr(dr, 0, 0xFF, 0, 1))
            assert await pole.sent(confirmed=True) == ACKED, dr
            assert pole.network.uplinks[-1].dr == dr

    run_on_both(test)


def test_a_korean_device_listens_before_it_talks():
    async def test(pole):
        await pole.joined()
        now = pole.rig.world.now_us()
        pole.air.jam(now, now + 60_000_000, 922_000_000, 20_000_000, -60)
        before = len(pole.rig.chip.sent)
        for _ in range(5):
            await pole.send()
            await asyncio.sleep_ms(2000)
        assert len(pole.rig.chip.sent) == before
        await asyncio.sleep_ms(60_000)
        assert await pole.sent(confirmed=True) == ACKED

    run_on_both(test, name="KR920")


def test_class_c_hears_at_any_time_and_after_a_chip_that_lost_its_supply():
    async def test(pole):
        await pole.joined()
        await pole.rest(1000)
        for i in range(6):
            if i == 3:
                pole.rig.chip.power_cycle()
                await pole.rest(8000)
            pole.down(10, bytes([i]))
            await pole.rest(10_000)
            assert pole.got[-1] == (10, bytes([i])), i
        assert pole.rig.made == 2

    run_on_both(test, cls="C")


def test_a_chip_that_dies_is_a_fault_and_the_session_outlives_it():
    async def test(pole):
        await pole.joined()
        pole.rig.chip.dead = True
        assert await pole.sent() == FAULT
        assert pole.mac.fault
        pole.rig.chip.dead = False
        pole.rig.chip.power_cycle()
        assert await pole.sent(confirmed=True) == ACKED
        assert await pole.sent() == SENT
        assert pole.mac.fault is None

    run_on_both(test)


def test_a_chip_that_loses_its_supply_and_interrupts_now_and_then_breaks_no_rule():
    for name in ("KR920", "IN865"):

        async def test(pole):
            await pole.joined(100)
            pole.air.loss_permille = 150
            acked = 0
            for i in range(20):
                if i % 3 == 0:
                    pole.down(10, b"c%d" % i, confirmed=i % 2 == 0)
                if i % 8 == 5:
                    pole.rig.chip.power_cycle()
                if i % 7 == 4:
                    pole.rig.chip.mute_interrupts = 5
                acked += await pole.sent(confirmed=i % 2 == 0) == ACKED
                await pole.rest(pole.random(60_000))
            assert acked >= 4 and len(pole.got) >= 3
            assert pole.rig.made >= 3

        run_on_both(test, name=name)
