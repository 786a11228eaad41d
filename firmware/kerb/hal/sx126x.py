"""SX1262 for LoRaWAN, on lora-sx126x 0.1.6. Sections are of its datasheet, revision 2.1.

- Register 0x0736, bit 2: 0 for inverted IQ, else 1 (15.4). The driver has it the other way round,
  and writes it on changes only, while SetPacketParams undoes it each time.
- The driver's Calibrate leaves out the RC oscillator that times a window; and a chip with a TCXO
  has to be calibrated once that is told (13.1.12, 13.3.6).
- A timeout in ms ends what has not got to its header, 20.25 symbols after the beginning of its
  preamble (13.1.5). Here the chip counts the symbols without a preamble (13.4.9), and the ms end
  only what was taken for a preamble and is none.
"""

from kerb.hal.lora import BAUD, Modem
from lora import SX1262
from machine import SPI, Pin


class Sx1262(Modem, SX1262):
    """An SX1262; begin() before all else."""

    _SYNC = 0x0740
    _MAX_DBM = 22

    def begin(self, pin=None):
        """Calibrates; `pin` is DIO1."""
        self._cmd("BB", 0x89, 0x7F)
        self._wait_not_busy(30000)
        return super().begin(pin)

    def window(self, symbols):
        """Sets so many symbols, 0 for no end; gives ms that let the latest frame come."""
        # As Semtech's own driver has it: the command's byte, and the register for the fraction
        # that it can't hold. Beyond 248 the ms alone count.
        mantissa = (symbols + 1) // 2 if symbols <= 248 else 0
        exponent = 0
        while mantissa > 31:
            mantissa = (mantissa + 3) // 4
            exponent += 1
        self._cmd("BB", 0xA0, mantissa << (2 * exponent + 1))
        if mantissa:
            self._reg_write(0x0706, (mantissa << 3) + exponent)
        return (symbols + 24) * self._get_t_sym_us() // 1000 + 1

    def level_dbm(self):
        """What the receiver hears now."""
        return -self._cmd("B", 0x15, n_read=2)[1] // 2

    def _invert_workaround(self, enable):
        value = self._reg_read(0x0736)
        self._reg_write(0x0736, value & 0xFB if enable else value | 4)


def make(bus, sck, mosi, miso, select, busy, dio1, reset, tcxo_mv=None):
    """The chip that hangs on these pins, begun; RuntimeError: it does not answer.

    tcxo_mv: what DIO3 feeds its oscillator with, None: a crystal. DIO2 switches the antenna.
    """
    pin = Pin(dio1)
    spi = SPI(bus, baudrate=BAUD, sck=Pin(sck), mosi=Pin(mosi), miso=Pin(miso))
    chip = Sx1262(
        spi,
        Pin(select),
        Pin(busy),
        pin,
        reset=Pin(reset),
        dio3_tcxo_millivolts=tcxo_mv,
        dio3_tcxo_start_time_us=5000,
    )
    return chip.begin(pin)
