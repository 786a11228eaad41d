"""An SPI bus and the parts that hang on it, each with a chip select of its own."""


class Bus:
    """What is wired to machine.SPI(id).

    A part has transfer(byte) -> byte, and begin() and end(), called when its select goes low and
    high. call_us: what the interpreter of a real board takes for each call of SPI, besides the
    bits; without it an SPI call lasts as long as its bits.
    """

    def __init__(self, chip, bus_id):
        self.id = bus_id
        self.call_us = 0
        self._chip = chip
        self._parts = []

    def attach(self, select_pin, part):
        """Wires a part to the bus; its chip select, active low, to that pin."""
        self._parts.append((select_pin, part))
        self._chip.watch(select_pin, lambda level, us: part.end() if level else part.begin())

    def transfer(self, data, baud):
        """Clocks bytes out, and gives what came in; nobody selected: ones."""
        clock = self._chip.clock
        clock.sleep_us(self.call_us + len(data) * 8 * 1_000_000 // baud)
        answer = bytearray(b"\xff" * len(data))
        for select_pin, part in self._parts:
            if not self._chip.level(select_pin):
                for i in range(len(data)):
                    answer[i] &= part.transfer(data[i])
        return answer
