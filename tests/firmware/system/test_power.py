"""When a device on a battery sleeps, and when its radio is on."""

import asyncio
import time

from kerb.system.power import AWAKE_S, Power

ALARM, STATE, ROUTINE = 0, 1, 2
LINGER_MS = 3000


class Sleep:
    """A chip that sleeps; `wakes_ms`: an interrupt ends each sleep after so long."""

    def __init__(self):
        self.host = False
        self.wakes_ms = None
        self.slept_ms = []

    def light(self, ms):
        if self.wakes_ms:
            ms = min(ms, self.wakes_ms)
        self.slept_ms.append(ms)
        time.sleep_ms(ms)

    def has_host(self):
        return self.host


class Clock:
    def __init__(self):
        self._began = time.ticks_ms()

    def uptime_s(self):
        return time.ticks_diff(time.ticks_ms(), self._began) // 1000


class Street:
    """Wi-Fi, broker and uplink in one: joins within 2 s when wanted, and sends all that waits."""

    def __init__(self):
        self.wanted, self.radio = True, False
        self.there = self.broker = True
        self.priority = None
        self.rests = 0
        self.on_ms = 0
        self.ons = []
        self._since = None
        self._resting = False

    def up(self):
        spent = self._since is not None and time.ticks_diff(time.ticks_ms(), self._since)
        return bool(self.broker and self.radio and not self._resting and spent and spent > 2000)

    def waiting(self):
        return self.priority

    def rest(self):
        assert self.up()
        self.rests += 1
        self._resting = True

    async def run(self):
        while True:
            if self.wanted and not self.radio:
                self.radio, self._resting = True, False
                self._since = time.ticks_ms()
                self.ons.append(self._since)
            elif self.radio and not self.wanted:
                assert self._resting or not self.broker  # never without a word
                self.on_ms += time.ticks_diff(time.ticks_ms(), self._since)
                self.radio, self._since = False, None
            if self.up():
                self.priority = None
            await asyncio.sleep_ms(50)


class Device:
    """A Power that works, and an app that naps between its looks."""

    def __init__(self, street=True):
        self.sleep, self.clock = Sleep(), Clock()
        self.power = Power(self.sleep, self.clock)
        self.seen = self.ticks = 0
        self.street = Street() if street else None
        self.tasks = [asyncio.create_task(self.power.run(self.check_in))]
        if street:
            self.power.steer(self.street, self.street, self.street)
            self.tasks.append(asyncio.create_task(self.street.run()))
        self.tasks.append(asyncio.create_task(self.look()))
        self.tasks.append(asyncio.create_task(self.tick()))

    def check_in(self):
        self.seen += 1

    async def look(self):
        due = time.ticks_ms()
        while True:
            wait_ms = time.ticks_diff(due, time.ticks_ms())
            if wait_ms > 0:
                await self.power.nap(wait_ms)
                continue
            due = time.ticks_add(due, 10000)
            await asyncio.sleep_ms(300)  # what it measures

    async def tick(self):
        """A task like the supervisor's."""
        self.longest_ms = 0
        while True:
            began = time.ticks_ms()
            await asyncio.sleep_ms(500)
            self.longest_ms = max(self.longest_ms, time.ticks_diff(time.ticks_ms(), began))
            self.ticks += 1

    async def pass_s(self, seconds):
        end = self.clock.uptime_s() + seconds
        while self.clock.uptime_s() < end:
            await asyncio.sleep_ms(100)

    def slept_s(self):
        """For how long since the last call."""
        spent_ms = sum(self.sleep.slept_ms)
        self.sleep.slept_ms.clear()
        return spent_ms / 1000

    async def end(self):
        for task in self.tasks:
            task.cancel()
        await asyncio.sleep_ms(100)


async def test_a_technician_has_two_minutes_and_then_it_sleeps_nearly_always():
    device = Device(street=False)
    await device.pass_s(AWAKE_S - 2)
    assert device.slept_s() == 0 and not device.power.saving
    await device.pass_s(5)
    device.slept_s()
    await device.pass_s(600)
    assert 560 < device.slept_s() < 590
    await device.end()


async def test_every_task_has_its_turn_before_the_watchdog_bites():
    device = Device(street=False)
    await device.pass_s(AWAKE_S + 300)
    assert max(device.sleep.slept_ms) <= 3000
    assert device.longest_ms < 5000
    seen = device.seen
    await device.pass_s(300)
    assert device.seen - seen >= 100
    await device.end()


async def test_it_stays_awake_as_long_as_a_computer_is_at_its_usb():
    device = Device(street=False)
    device.sleep.host = True
    await device.pass_s(AWAKE_S + 300)
    assert device.slept_s() == 0
    device.sleep.host = False
    await device.pass_s(60)
    assert device.slept_s() > 50
    device.sleep.host = True
    await device.pass_s(4)
    device.slept_s()
    await device.pass_s(60)
    assert device.slept_s() == 0
    await device.end()


async def test_who_is_woken_early_sleeps_on():
    device = Device(street=False)
    device.sleep.wakes_ms = 40
    await device.pass_s(AWAKE_S + 10)
    device.slept_s()
    await device.pass_s(100)
    assert device.slept_s() > 90
    await device.end()


async def test_the_radio_is_on_for_what_is_urgent_at_once_and_off_again_soon():
    device = Device()
    street = device.street
    await device.pass_s(AWAKE_S + 30)
    assert not street.radio and street.rests == 1
    for _ in range(5):
        street.on_ms = 0
        await device.pass_s(120)
        assert not street.radio
        street.priority = STATE
        asked = time.ticks_ms()
        while street.priority is not None:
            await asyncio.sleep_ms(20)
        assert time.ticks_diff(time.ticks_ms(), asked) < 6000
        await device.pass_s(10)
        assert not street.radio
        assert LINGER_MS <= street.on_ms < LINGER_MS + 5000
    assert device.slept_s() > 600
    await device.end()


async def test_what_the_app_sends_before_its_nap_has_the_radio_on_before_it_sleeps():
    device = Device()
    street = device.street
    for task in device.tasks[2:]:
        task.cancel()
    await asyncio.sleep_ms(AWAKE_S * 1000 + 30_000)
    for waiting, waits in ((STATE, True), (ROUTINE, False)):
        assert not street.radio
        device.slept_s()
        street.priority = waiting
        asked = time.ticks_ms()
        while street.priority is not None and time.ticks_diff(time.ticks_ms(), asked) < 5000:
            await device.power.nap(3000)
        assert (street.priority is None) == waits
        assert (device.slept_s() == 0) == waits
        street.priority = None
        await asyncio.sleep_ms(5000)
    await device.end()


async def test_what_is_routine_waits_for_company_but_not_for_ever():
    device = Device()
    street = device.street
    await device.pass_s(AWAKE_S + 30)
    on = len(street.ons)
    street.priority = ROUTINE
    await device.pass_s(500)
    assert len(street.ons) == on
    await device.pass_s(150)
    assert len(street.ons) == on + 1 and street.priority is None
    await device.end()


async def test_a_network_without_its_broker_is_tried_more_and_more_rarely_and_never_given_up():
    device = Device()
    street = device.street
    await device.pass_s(AWAKE_S + 30)
    street.broker = False
    street.priority = ALARM
    street.ons.clear()
    street.on_ms = 0
    await device.pass_s(6 * 3600)
    assert 8 <= len(street.ons) <= 14
    assert street.on_ms < 6 * 3600 * 1000 // 20
    street.broker = True
    await device.pass_s(3700)
    assert street.priority is None and not street.radio
    await device.end()
