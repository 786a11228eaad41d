"""A DS18B20 on a pin of the virtual board: it goes by the edges, as its data sheet has them."""

_RESET_US = 480
_ONE_US = 15  # a write slot that is low no longer is a one
_HOLD_US = 30


def scratchpad(raw, config=0x7F):
    """Its nine bytes; raw: sixteenths of a degree."""
    data = bytearray((raw & 255, raw >> 8 & 255, 0x4B, 0x46, config, 0xFF, 0x0C, 0x10))
    crc = 0
    for byte in data:
        for i in range(8):
            mixed = (crc ^ byte >> i) & 1
            crc = crc >> 1 ^ (0x8C if mixed else 0)
    return data + bytes((crc,))


class Ds18b20Part:
    """sixteenths: of a degree, what a conversion will find. dead: it is not there.

    conversions: how many it was told to make. mangle(data): gives what it says instead.
    """

    def __init__(self, w, pin=6, sixteenths=20 * 16):
        self.w = w
        self.pin = pin
        self.sixteenths = sixteenths
        self.dead = False
        self.conversions = 0
        self.mangle = lambda data: data
        self._known = 0x0550
        self._fell_us = None
        self._pulling = False
        self._bits = []  # to be said
        self._heard = None  # [bits of the byte, bytes before it]
        w.pull(pin, "up")
        w.watch(pin, self._edge)

    def forget(self):
        """It loses its supply."""
        self._known = 0x0550
        self._heard = None
        self._bits = []

    def _edge(self, level, us):
        if self.dead or self._pulling:
            return
        if not level:
            self._fell_us = us
            if self._bits and not self._bits.pop(0):
                self._pull(_HOLD_US)
        elif self._fell_us is not None:
            lasted_us = us - self._fell_us
            self._fell_us = None
            if lasted_us >= _RESET_US:
                self._heard = []
                self._bits = []
                self.w.after_us(30, self._pull, 120)
            elif self._heard is not None:
                self._heard.append(lasted_us <= _ONE_US)
                if len(self._heard) == 16:
                    self._obey(sum(bit << i for i, bit in enumerate(self._heard)))

    def _obey(self, words):
        self._heard = None
        if words == 0x44CC:
            self.conversions += 1
            raw = self.sixteenths
            self.w.after_ms(750, self._convert, raw)
        elif words == 0xBECC:
            data = self.mangle(scratchpad(self._known))
            self._bits = [byte >> i & 1 for byte in data for i in range(8)]

    def _convert(self, raw):
        self._known = raw

    def _pull(self, us):
        self._pulling = True
        self.w.drive(self.pin, 0)
        self.w.after_us(us, self._let_go)

    def _let_go(self):
        self.w.drive(self.pin, None)
        self._pulling = False
        self._fell_us = None
