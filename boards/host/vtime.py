"""Runs a coroutine in virtual time, on CPython and on unix MicroPython alike.

Time moves only while every task sleeps (or while one blocks in time.sleep_ms), and then at once to
the next thing that happens, so a year of a one-minute loop takes seconds and always ends the same.
"""

import sys

import cpython  # noqa: F401  what CPython lacks
import world as _world
from sim.vclock import Stuck  # noqa: F401  what a deadlock or a busy loop raises

if sys.implementation.name == "micropython":
    from sim import follow_micropython as _follow
    from sim import loop_micropython as _loop
else:
    from sim import follow_cpython as _follow
    from sim import loop_cpython as _loop


def run(coro, world=None):
    """Runs coro until it returns, in the virtual time of `world`; gives what it returns.

    Without `world` it gets a new one, world.current() while it runs. Raises what coro raises;
    world.Reset when the board is reset; Stuck in a deadlock. Tasks that coro leaves behind end
    with it: cancelled on CPython, dropped on MicroPython.
    """
    if world is not None:
        if world.clock.real:
            raise ValueError("this world runs in real time")
        world.make_current()
        return _loop.run(coro, world.clock)
    before = _world.current() if _world.exists() else None
    try:
        return _loop.run(coro, _world.World().clock)
    finally:
        if before is None:
            _world.clear()
        else:
            before.make_current()


def follow(world, wire=None):
    """Real time: makes asyncio.run() fire the events of `world` (its timers, its interrupts).

    wire: an object with a socket `sock` and a method poll(), called when there is something on it.
    """
    _follow.follow(world.clock, wire)
