"""A supervisor with all that it needs around it, stand-ins that tell what happened to them."""

import asyncio
import time

from kerb.system.clock import Clock
from kerb.system.log import DEBUG, Log
from kerb.system.supervisor import Supervisor
from support.tasks import ended


class Dog:
    """A watchdog that remembers when it was fed, in ms of the supervisor's clock."""

    def __init__(self):
        self.fed = []
        self.start = time.ticks_ms()

    def feed(self):
        self.fed.append(time.ticks_diff(time.ticks_ms(), self.start))

    def longest_ms(self, until_ms):
        """The longest time without food."""
        times = [0] + self.fed + [until_ms]
        return max(times[at] - times[at - 1] for at in range(1, len(times)))


class Rtc:
    def read(self):
        return None


class Memory:
    def __init__(self):
        self.records = {}
        self.puts = 0

    def get(self, name):
        return self.records.get(name)

    def put(self, name, data):
        self.puts += 1
        self.records[name] = data
        return True


class Device:
    """A supervisor with all that it needs."""

    def __init__(self, store=None, reset_cause="power_on"):
        self.store = store or Memory()
        clock = Clock(Rtc())
        self.log = Log(64, DEBUG, clock.uptime_s)
        self.dog = Dog()
        self.supervisor = Supervisor(self.dog, self.log, self.store, clock, reset_cause)
        self.add = self.supervisor.add

    async def run_for(self, ms):
        job = asyncio.create_task(self.supervisor.run())
        await asyncio.sleep_ms(ms)
        await ended(job)

    def ms(self):
        return time.ticks_diff(time.ticks_ms(), self.dog.start)

    def logged(self, text):
        return [entry for _, _, entry in self.log.entries() if text in entry]


def beating(every_ms, beats=None):
    """A task that does well."""

    async def run(check_in):
        while True:
            check_in()
            if beats is not None:
                beats.append(time.ticks_ms())
            await asyncio.sleep_ms(every_ms)

    return run
