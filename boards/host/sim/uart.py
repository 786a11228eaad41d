"""A serial line: bytes take the time that the baud rate says, and a full buffer loses them."""

_FIFO = 32  # bytes of hardware FIFO on the RP2040, beside the driver's buffers
_BITS = 10  # start, eight data, stop; a parity bit comes on top


def byte_ns(baud, parity=None):
    """Nanoseconds that one byte takes."""
    return (_BITS + (parity is not None)) * 1_000_000_000 // baud


def misread(data, sent_baud, read_baud, sent_parity=None, read_parity=None):
    """What a receiver that is set otherwise makes of data: it samples at the wrong moments.

    A byte whose parity is wrong counts all the same, as on the rp2 port.
    """
    bits = bytearray()
    for byte in data:
        bits.append(0)
        ones = 0
        for k in range(8):
            bits.append(byte >> k & 1)
            ones += byte >> k & 1
        if sent_parity is not None:
            bits.append((ones + sent_parity) & 1)
        bits.append(1)
    frame_bits = 9.5 + (read_parity is not None)
    step = sent_baud / read_baud
    out = bytearray()
    at = 0
    while at < len(bits):
        if bits[at]:
            at += 1
            continue
        byte = 0
        for k in range(8):
            sample = int(at + (1.5 + k) * step)
            if sample >= len(bits) or bits[sample]:
                byte |= 1 << k
        out.append(byte)
        at = max(at + 1, int(at + frame_bits * step))
    return bytes(out)


class Line:
    """The world's end of one UART.

    on_bytes(data): called with what the board sent, when its last bit has left.
    lost: how many bytes came while the board's buffer was full or its UART closed.
    """

    def __init__(self, world, uart_id):
        self.world = world
        self.id = uart_id
        self.on_bytes = None
        self.lost = 0
        self._coming = []  # [time of the first byte's end in ns, ns a byte, data, bytes taken]
        self._free_ns = 0
        self.close()

    def send(self, data, baud=None, parity="same"):
        """Sends data after what is still under way.

        baud; parity None, 0 even or 1 odd: the board's if not given.
        """
        self.sort_in()
        baud = baud or self.baud or 9600
        if parity == "same":
            parity = self.parity
        each = byte_ns(baud, parity)
        start = max(self._now_ns(), self._free_ns)
        self._free_ns = start + each * len(data)
        off = abs(baud - self.baud) * 100 > self.baud * 3 or parity != self.parity
        if self.baud and off:
            data = misread(data, baud, self.baud, parity, self.parity)
        if data:
            self._coming.append([start + each, each, bytes(data), 0])
            for ns in (start + each, self._free_ns):
                self.world.clock.at(-(-ns // 1000), self.sort_in)

    # the board's end, for machine.UART

    def open(self, baud, rx_bytes, tx_bytes, parity=None):
        """The board opens its UART, with empty buffers."""
        self.sort_in()
        self.close()
        self.baud = baud
        self.parity = parity
        self._rx_room = rx_bytes + _FIFO
        self._tx_room = tx_bytes + _FIFO

    def close(self):
        """The board's UART is off: what comes is lost, what was waiting to go never goes."""
        self.baud = 0
        self.parity = None
        self._rx_room = 0
        self._tx_room = 0
        self._rx = bytearray()
        self._tx_free_ns = 0
        for event in getattr(self, "_going", ()):
            self.world.clock.cancel(event)
        self._going = []

    def sort_in(self):
        """Takes in every byte that has arrived by now."""
        now = self._now_ns()
        coming = self._coming
        while coming:
            first = coming[0]
            base, each, data, taken = first
            arrived = min(len(data), (now - base) // each + 1) if now >= base else 0
            room = max(0, self._rx_room - len(self._rx))
            fits = min(arrived - taken, room) if arrived > taken else 0
            self._rx += data[taken : taken + fits]
            self.lost += max(0, arrived - taken - fits)
            first[3] = max(taken, arrived)
            if arrived < len(data):
                break
            coming.pop(0)

    def available(self):
        """Bytes that can be read."""
        self.sort_in()
        return len(self._rx)

    def take(self, size):
        """Removes and gives up to size bytes."""
        data = bytes(self._rx[:size])
        self._rx = self._rx[size:]
        return data

    def next_arrival_us(self):
        """When the next byte will be there, or None."""
        if not self._coming:
            return None
        base, each, _, taken = self._coming[0]
        return -(-(base + each * taken) // 1000)

    def write(self, data):
        """Starts sending; blocks while the buffers are full, as the rp2 port does."""
        each = byte_ns(self.baud, self.parity)
        clock = self.world.clock
        start = max(self._now_ns(), self._tx_free_ns)
        end = start + each * len(data)
        self._tx_free_ns = end
        data = bytes(data)
        self._going = [event for event in self._going if event[2] is not None]
        self._going.append(clock.at(-(-end // 1000), self._sent, data))
        excess_ns = end - self._now_ns() - self._tx_room * each
        if excess_ns > 0:
            clock.sleep_us(-(-excess_ns // 1000))
        return len(data)

    def busy_until_us(self):
        """When the last bit of what was written leaves."""
        return -(-self._tx_free_ns // 1000)

    def _sent(self, data):
        self.world.tell("uart", self.id, data, self.baud)
        if self.on_bytes is not None:
            self.on_bytes(data)

    def _now_ns(self):
        return self.world.clock.us() * 1000
