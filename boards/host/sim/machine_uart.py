"""machine.UART, a stream with the rp2 port's buffers and waits."""

import io
import sys

from sim import chip
from sim.machine_pin import resolve

_UARTS = 3
_POLL = 3  # MP_STREAM_POLL
_POLLIN = 1
_POLLOUT = 4
_MIN_BUFFER = 32
_MAX_BUFFER = 32766
_Base = io.IOBase if sys.implementation.name == "micropython" else object


class UART(_Base):
    """A serial port. Reads wait timeout ms for a first byte, timeout_char for each other."""

    INV_TX = 1
    INV_RX = 2

    def __init__(self, id, baudrate=115200, bits=8, parity=None, stop=1, **settings):
        if not isinstance(id, int):
            raise TypeError("can't convert %s to int" % type(id).__name__)
        if not 0 <= id < _UARTS:
            raise ValueError("UART(%d) doesn't exist" % id)
        self._world = chip.current()
        self._line = self._world.uart(id)
        self.init(baudrate, bits, parity, stop, **settings)

    def init(
        self,
        baudrate=115200,
        bits=8,
        parity=None,
        stop=1,
        *,
        tx=None,
        rx=None,
        timeout=0,
        timeout_char=0,
        invert=0,
        txbuf=256,
        rxbuf=256,
    ):
        """Opens the port with empty buffers; 8 bits, 1 stop bit, parity None, 0 even, 1 odd."""
        if baudrate <= 0:
            raise ValueError("bad baudrate")
        if (bits, stop) != (8, 1) or parity not in (None, 0, 1):
            raise ValueError("the virtual board has 8 bits, a parity or none, 1 stop bit only")
        if invert & ~3:
            raise ValueError("bad inversion mask")
        if rxbuf > _MAX_BUFFER:
            raise ValueError("rxbuf too large")
        if txbuf > _MAX_BUFFER:
            raise ValueError("txbuf too large")
        for pin in (tx, rx):
            if pin is not None:
                resolve(pin)
        self._timeout_us = timeout * 1000
        self._timeout_char_us = max(timeout_char, 13000 // baudrate + 1) * 1000
        self._line.open(baudrate, max(rxbuf, _MIN_BUFFER), max(txbuf, _MIN_BUFFER), parity)

    def deinit(self):
        """Closes the port: what comes is lost."""
        self._line.close()

    def any(self):
        """Bytes that a read gives at once."""
        return self._line.available()

    def read(self, size=-1):
        """Up to size bytes, or all there are; None when there is none."""
        if size < 0:
            size = self._wait(1, self._timeout_us) and self._line.available()
        else:
            size = self._wait(size, self._timeout_us)
        return self._line.take(size) if size else None

    def readinto(self, buf, size=-1):
        """Fills buf, or its first size bytes; the count, None when there is none."""
        size = self._wait(len(buf) if size < 0 else min(size, len(buf)), self._timeout_us)
        if not size:
            return None
        buf[:size] = self._line.take(size)
        return size

    def readline(self):
        """Bytes to the end of the line or the time-out; None when there is none."""
        line = b""
        while not line.endswith(b"\n"):
            byte = self.read(1)
            if byte is None:
                break
            line += byte
        return line or None

    def write(self, data):
        """Sends data; blocks while it doesn't fit the buffer. The count."""
        return self._line.write(data)

    def flush(self):
        """Blocks until all is sent."""
        self._world.clock.sleep_us(self._line.busy_until_us() - self._world.clock.us())

    def txdone(self):
        """True when all is sent."""
        return self._line.busy_until_us() <= self._world.clock.us()

    def ioctl(self, request, flags):
        """For select and asyncio streams."""
        if request != _POLL:
            return -1
        ready = 0
        if flags & _POLLIN and self._line.available():
            ready |= _POLLIN
        if flags & _POLLOUT:
            ready |= _POLLOUT
        return ready

    def _wait(self, size, wait_us):
        """Waits as a read of size bytes does; how many of them can be taken."""
        clock = self._world.clock
        have = self._line.available()
        deadline = clock.us() + (wait_us if not have else self._timeout_char_us)
        while have < size:
            if clock.us() >= deadline:
                break
            arrival = self._line.next_arrival_us()
            clock.wait(deadline if arrival is None else min(arrival, deadline))
            more = self._line.available()
            if more > have:
                have = more
                deadline = clock.us() + self._timeout_char_us
        return min(have, size)
