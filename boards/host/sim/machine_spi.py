"""machine.SPI, as controller, on the buses of sim.spi."""

from sim import chip
from sim.machine_pin import resolve

_BUSES = 3


class SPI:
    """A bus; the chip selects are the owner's, pins of their own."""

    MSB = 0
    LSB = 1

    def __init__(self, id, baudrate=1_000_000, **settings):
        if not 0 <= id < _BUSES:
            raise ValueError("SPI(%d) doesn't exist" % id)
        self._bus = chip.current().spi(id)
        self.init(baudrate, **settings)

    def init(
        self,
        baudrate=1_000_000,
        *,
        polarity=0,
        phase=0,
        bits=8,
        firstbit=MSB,
        sck=None,
        mosi=None,
        miso=None,
    ):
        """Opens the bus: the virtual board has mode 0, 8 bits, MSB first, only."""
        if (polarity, phase, bits, firstbit) != (0, 0, 8, self.MSB):
            raise ValueError("the virtual board has mode 0 with 8 bits, MSB first, only")
        if baudrate <= 0:
            raise ValueError("bad baudrate")
        for pin in (sck, mosi, miso):
            if pin is not None:
                resolve(pin)
        self._baud = baudrate

    def deinit(self):
        """Nothing to do."""

    def write(self, buf):
        """Clocks buf out."""
        self._bus.transfer(bytes(buf), self._baud)

    def read(self, nbytes, write=0):
        """So many bytes; `write` goes out meanwhile."""
        return bytes(self._bus.transfer(bytes([write]) * nbytes, self._baud))

    def readinto(self, buf, write=0):
        """Fills buf."""
        buf[:] = self._bus.transfer(bytes([write]) * len(buf), self._baud)

    def write_readinto(self, write_buf, read_buf):
        """Clocks write_buf out, read_buf in; they may be one."""
        if len(write_buf) != len(read_buf):
            raise ValueError("buffers must be the same length")
        read_buf[:] = self._bus.transfer(bytes(write_buf), self._baud)
