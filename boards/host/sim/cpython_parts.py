"""What cpython.py adds to CPython.

It only adds: other users of time, asyncio and gc in the same process see no difference.
"""

import sys


def _stub(name, **members):
    module = type(sys)(name)
    module.__dict__.update(members)
    sys.modules[name] = module


def _micropython():
    import builtins

    from sim import clock

    # In a function for viper, words of its own: here the array itself does.
    builtins.ptr8 = builtins.ptr32 = lambda array: array

    def schedule(fn, arg):
        """Runs fn(arg) soon; RuntimeError when 8 wait already, as on a board."""
        if not clock.current().defer(fn, arg):
            raise RuntimeError("schedule queue full")

    levels = [0]

    def opt_level(level=None):
        if level is None:
            return levels[0]
        levels[0] = level

    _stub(
        "micropython",
        const=lambda value: value,
        native=lambda fn: fn,
        viper=lambda fn: fn,
        schedule=schedule,
        alloc_emergency_exception_buf=lambda size: None,
        heap_lock=lambda: 1,
        heap_unlock=lambda: 0,
        kbd_intr=lambda char: None,
        mem_info=lambda verbose=None: None,
        opt_level=opt_level,
    )


def _asyncio():
    import asyncio

    class ThreadSafeFlag:
        """MicroPython's: set() from an interrupt or a thread; wait() by one task, which clears."""

        def __init__(self):
            self._state = False
            self._waiter = None

        def set(self):
            self._state = True
            waiter = self._waiter
            if waiter is not None:
                loop = waiter.get_loop()
                if not loop.is_closed():
                    loop.call_soon_threadsafe(self._wake, waiter)

        def clear(self):
            self._state = False

        async def wait(self):
            if not self._state:
                self._waiter = asyncio.get_running_loop().create_future()
                try:
                    await self._waiter
                finally:
                    self._waiter = None
            self._state = False

        @staticmethod
        def _wake(waiter):
            if not waiter.done():
                waiter.set_result(None)

    def sleep_ms(ms):
        """asyncio.sleep() in milliseconds."""
        return asyncio.sleep(ms / 1000 if ms > 0 else 0)

    def wait_for_ms(awaitable, timeout_ms):
        """asyncio.wait_for() in milliseconds."""
        return asyncio.wait_for(awaitable, timeout_ms / 1000)

    asyncio.ThreadSafeFlag = ThreadSafeFlag
    asyncio.sleep_ms = sleep_ms
    asyncio.wait_for_ms = wait_for_ms


def _time():
    import time

    from sim import clock

    for name in ("ticks_ms", "ticks_us", "ticks_add", "ticks_diff", "sleep_ms", "sleep_us"):
        setattr(time, name, getattr(clock, name))
    time.ticks_cpu = clock.ticks_us


def _gc():
    import gc

    def mem_free():
        """A made-up 128 kB: CPython has no fixed heap."""
        return 128 * 1024

    gc.mem_free = mem_free
    gc.mem_alloc = lambda: 64 * 1024
    gc.threshold = lambda amount=-1: -1


def _print_exception(exc, file=None):
    import traceback

    traceback.print_exception(type(exc), exc, exc.__traceback__, file=file or sys.stdout)


def _aliases():
    import binascii
    import errno
    import socket
    import struct

    names = {"ubinascii": binascii, "uerrno": errno, "usocket": socket, "ustruct": struct}
    for name, module in names.items():
        sys.modules.setdefault(name, module)


def _tls():
    import cpython_tls

    sys.modules.setdefault("tls", cpython_tls)
    sys.modules.setdefault("ussl", cpython_tls)


def _cryptolib():
    import cpython_cryptolib

    sys.modules.setdefault("cryptolib", cpython_cryptolib)


def install():
    _time()
    _micropython()
    _asyncio()
    _gc()
    _aliases()
    _tls()
    _cryptolib()
    sys.print_exception = _print_exception
