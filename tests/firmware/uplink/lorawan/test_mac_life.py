"""Whole lives of a device by chance: lost frames, commands, resets, power cuts in every write.

Whatever happens, no nonce and no counter is used twice, no rule of the region is broken, and once
frames get through again the device and its network understand each other.
"""

import vtime  # noqa: F401  what CPython lacks
from host_tools.lora import commands
from kerb.uplink.lorawan.mac import ACKED
from support.lora_mac import Street

STEPS = 120


class Cut(BaseException):
    """The power goes."""


class Life:
    def __init__(self, name, seed, **more):
        self.s = s = Street(name, seed=seed, distance_m=300, drift_ppm=30, latency_us=3000, **more)
        self.random = s.random
        self.seen = {}
        self.cut_in = None
        # One that always listens looks at its radio 25 times a second.
        self.pause_ms = 200_000 if more.get("cls") == "C" else 20_000_000
        rx2_hz, rx2_dr = s.network.region.rx2
        self.receive = [
            commands.rx_timing(self.random(16)),
            commands.rx_param(self.random(4), rx2_dr, rx2_hz),
        ]
        s.air.watchers.append(self.watch)
        self.boot()

    def watch(self, sent):
        if sent.down:
            return
        # A join-request by its nonce, a data frame by its address and number.
        key = sent.frame[17:19] if sent.frame[0] == 0 else sent.frame[1:5] + sent.frame[6:8]
        assert self.seen.setdefault(key, sent.frame) == sent.frame, "used twice"
        if sent.frame[0] == 0:
            self.seen[key] = None

    def boot(self):
        self.s.boot()
        store = self.s.mac.session.store
        put = store.put

        def cut_put(name, data):
            if self.cut_in is None:
                return put(name, data)
            self.cut_in -= 1
            if self.cut_in < 0:
                self.cut_in = None
                if self.random(2):
                    put(name, data)
                raise Cut
            return put(name, data)

        store.put = cut_put

    async def step(self):
        s, random = self.s, self.random
        what = random(12)
        if what == 0:
            s.air.loss_permille = (0, 100, 400, 1000)[random(4)]
        elif what == 1:
            self.cut_in = random(6)
        elif what == 2:
            s.mac.save()
            self.boot()
        elif what == 3:
            self.boot()
        elif what == 4:
            await s.rest(random(self.pause_ms))
        elif what == 5:
            s.network.window = (1, 2, None)[random(3)]
        elif what == 6 and s.known.keys:
            s.down(10, bytes(random(20)), bool(random(2)))
        elif what == 7 and s.known.keys and len(s.known.queue) < 3:
            class_c = s.known.class_c
            s.known.class_c = False
            s.down(commands=self.commands())
            s.known.class_c = class_c
        elif not s.mac.joined:
            await s.mac.join(s.check_in)
            await s.rest(min(s.mac.wait_ms, 600_000, self.pause_ms))
        else:
            await s.sent(bytes(random(s.mac.room() + 1)), 1 + random(200), random(3) == 0)

    def commands(self):
        s, random = self.s, self.random
        if random(2) and self.receive:
            # One after the other can be confused, by the network: their answers have no number.
            return self.receive.pop(random(len(self.receive)))
        dr = random(6)
        masks = s.network.region.masks(s.known)
        adr = b"".join([commands.link_adr(dr, random(8), m, c, random(4)) for c, m in masks])
        return (
            adr,
            commands.dev_status(),
            commands.duty_cycle(random(6)),
        )[random(3)]

    async def live(self):
        s = self.s
        for _ in range(STEPS):
            try:
                await self.step()
            except Cut:
                self.boot()
        self.cut_in = None
        s.air.loss_permille = 0
        for _ in range(300):
            if s.mac.joined:
                if await s.sent(b"", None, True) == ACKED:
                    break
                s.mac.silent += 40
            else:
                await s.mac.join(s.check_in)
            await s.rest(min(max(s.mac.wait_ms, 60_000), 3_600_000, self.pause_ms))
        else:
            raise AssertionError("lost for ever")
        while s.known.queue:
            assert await s.sent(b"", None) is not None
        s.down(10, b"are you there?")
        if not await s.rest(5000):
            await s.sent()
        assert s.got[-1] == (10, b"are you there?")
        # The days of the limit on joins are those that the device was on, and knows of.
        s.rules.errors = [error for error in s.rules.errors if "of joins" not in error]
        assert s.fine()
        return len(self.seen)


async def test_lives_in_europe():
    for seed in range(4):
        assert await Life("EU868", seed).live() > 20, seed


async def test_lives_in_korea():
    for seed in range(4):
        assert await Life("KR920", seed).live() > 20, seed


async def test_lives_in_japan():
    for seed in range(4):
        assert await Life("AS923", seed).live() > 20, seed


async def test_lives_in_america():
    for seed in range(4):
        assert await Life("US915", seed).live() > 20, seed


async def test_lives_in_india():
    for seed in range(4):
        assert await Life("IN865", seed).live() > 20, seed


async def test_lives_of_lamps_that_always_listen():
    for seed in range(4):
        assert await Life("KR920", seed, cls="C").live() > 20, seed
