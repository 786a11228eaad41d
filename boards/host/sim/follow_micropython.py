"""MicroPython's own asyncio in real time, firing the events of the board's clock."""

from asyncio import core


class _Real(core.IOQueue):
    def __init__(self, clock):
        super().__init__()
        self.clock = clock

    def wait_io_event(self, dt):
        event = self.clock.next_us()
        if event is not None:
            wait = max(0, (event - self.clock.us() + 999) // 1000)
            if dt < 0 or wait < dt:
                dt = wait
        super().wait_io_event(dt)
        self.clock.run_due()


def _readable(sock):
    yield core._io_queue.queue_read(sock)


async def _listen(wire):
    while True:
        await _readable(wire.sock)
        wire.poll()


def follow(clock, wire):
    """asyncio.run() fires the events of a real clock and hears the wire, if any, from now on."""
    core.IOQueue = lambda: _Real(clock)
    core.new_event_loop()
    if wire is not None:
        core.create_task(_listen(wire))
