"""Serial port, 8 bits and 1 stop bit, that never waits for a byte."""

from machine import UART, Pin
from micropython import const

EVEN = const(0)
ODD = const(1)


class Serial:
    """UART uart_id at baud with the pins tx and rx.

    rx_bytes: what the driver keeps between two reads; more than that is lost.
    parity: None, EVEN or ODD. A byte with a wrong one comes all the same on some ports: check
    sums are for the reader to look at.
    ValueError for a port, a pin or a size that the chip doesn't have.
    """

    def __init__(self, uart_id, baud, tx, rx, rx_bytes=256, parity=None):
        self._uart = UART(
            uart_id,
            baudrate=baud,
            bits=8,
            parity=parity,
            stop=1,
            tx=Pin(tx),
            rx=Pin(rx),
            rxbuf=rx_bytes,
        )
        self._form = (parity, Pin(tx), Pin(rx), rx_bytes)

    def set_baud(self, baud):
        """Goes on at another rate; what has come is dropped."""
        parity, tx, rx, rx_bytes = self._form
        self._uart.init(baudrate=baud, bits=8, parity=parity, stop=1, tx=tx, rx=rx, rxbuf=rx_bytes)

    def any(self):
        """Bytes that have come."""
        return self._uart.any()

    def read_into(self, buf):
        """Moves what has come into buf, as much as fits; the count, 0 when there is nothing."""
        # Asking for more than there is would wait for the next byte.
        size = min(self._uart.any(), len(buf))
        return self._uart.readinto(buf, size) or 0 if size else 0

    def write(self, data):
        """Sends data; waits only while the driver's buffer (256 bytes) is full."""
        self._uart.write(data)
