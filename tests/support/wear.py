"""What a street light writes to its flash, and what that does to the flash.

The writes are those of the firmware's own parts in a simulated street (support.year) with faults,
commands, power cuts and resets, in their order. Beside the light itself its queue of alarms, its
record of boots and its schedules by command are there; of the clock and of the neighbours, which
the street has not, the writes are put in at the rate that their documentation gives.
"""

import json
import random

import flash
from support.year import Year
from support.year_device import Store

from kerb.system.boots import Boots
from kerb.uplink import codec
from kerb.uplink import queue as queues

ENDURANCE = 100_000  # erases that a block of a Pico's flash bears


class Recorder(Store):
    """A store that knows all that was put into it, in order: (name, bytes)."""

    def __init__(self):
        super().__init__()
        self.written = []

    def put(self, name, record):
        self.written.append((name, bytes(record)))
        return super().put(name, record)


class _Written(Year):
    """A year whose store is a Recorder, and which has what else a device writes."""

    def __init__(self, seed, place, days):
        self.store = Recorder()
        super().__init__(seed, place, days, store=self.store)
        self._queue = queues.Queue(store=self.store)
        self._day = None
        Boots(self.store, "power_on").healthy()

    def reboot(self, cause):
        super().reboot(cause)
        Boots(self.store, cause).healthy()
        self._queue = queues.Queue(store=self.store)

    def _step(self, now_s, present):
        day = int(now_s) // 86400
        if day != self._day:
            self._day = day
            self.store.put("clock", bytes(6))
            # Neighbours are kept anew by 1024 of their messages: 4 that 300 people pass a night.
            self.store.put("peers", bytes(1 + 4 * (1 + 9 + 8)))
            if not day % 7:
                steps = [["clock", n * 60, 300 + day % 400] for n in range(20, 24)]
                self.device.command(now_s, None, "set_schedule", id=1, steps=steps, issued_s=None)
                self.device.command(now_s, None, "clear_schedule", id=2, issued_s=None)
        super()._step(now_s, present)
        while True:  # all that waits arrives
            event = self._queue.peek()
            if event is None:
                break
            self._queue.take(event)
            self._queue.done(event)
        self._queue.flush(now_s)

    def _hear(self, now_s, events, present):
        super()._hear(now_s, events, present)
        for kind, values in events:
            if kind == "fault":
                payload = codec.encode(kind, values)
                self._queue.put(payload, queues.ALARM, int(now_s), (9497, 0))


def of_a_lamp(days, seed=1, place="Busan"):
    """[(name, bytes)] that a lamp writes in so many days of a year, in order."""
    year = _Written(seed, place, days)
    year.run()
    return year.store.written


def of_a_storm(seed=1):
    """[(name, bytes)] of the worst day: every bound that the firmware sets is used up."""
    records = {
        "energy": (288, 12),
        "level": (164, 2),
        "override": (164, 11),
        # The most that a command can bring: 16 steps.
        "schedule": (164, len(json.dumps([1 << 31, [["sunset", -120, 1000]] * 16, 1 << 31]))),
        "peers": (152, 1 + 24 * (1 + 9 + 8)),
        "queue": (308, 1 + 8 * 9),
        "clock": (1, 6),
        "boots": (2, 6),
        "nights": (1, 16),
    }
    written = [
        (name, bytes(size)) for name, (count, size) in records.items() for _ in range(count)
    ]
    random.Random(seed).shuffle(written)
    return written


class CountedFlash(flash.Flash):
    """Knows how often each block was erased."""

    def __init__(self, blocks):
        super().__init__(blocks)
        self.erases = [0] * blocks

    def erase(self, block):
        self.erases[block] += 1
        super().erase(block)


def erases(written, times, blocks):
    """How often each block was erased by `written`, so many times over, on a device's flash."""
    from kerb.system.store import Store as FlashStore

    chip = CountedFlash(blocks)
    chip.mount("/flash")
    try:
        store = FlashStore("/flash/data")
        with open("/flash/config.json", "wb") as f:
            f.write(bytes(1500))
        for turn in range(times):
            for number, (name, record) in enumerate(written):
                # As real ones, no two of them are the same.
                assert store.put(name, bytes([(turn + number) & 255]) + record[1:]), name
    finally:
        chip.unmount()
    return chip.erases
