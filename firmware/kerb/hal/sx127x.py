"""SX1276 for LoRaWAN, on lora-sx127x 0.1.2. Sections are of its datasheet, revision 7.

- The driver's 20 dBm give 10, and what is between 17 and 20 gives 17: 17 is the most here.
- `rx_boost` looks for another key (KeyError): both are there.
- It reads the FIFO on from where it was: after a frame that nobody took, in the midst of another.
- Its RSSI leaves out that a packet below the noise is weaker by its SNR (5.5.5).
"""

from kerb.hal.lora import BAUD, Modem
from lora import SX1276
from machine import SPI, Pin


class Sx1276(Modem, SX1276):
    """An SX1276 above 779 MHz whose antenna is at PA_BOOST; begin() before all else."""

    _SYNC = 0x39
    _MAX_DBM = 17

    def begin(self, pin=None):
        """Takes the PA that goes to the antenna; `pin` is DIO0."""
        self.configure({"tx_ant": "PA_BOOST"})
        return super().begin(pin)

    def window(self, symbols):
        """The ms that are so many symbols, 4 to 1023: the chip counts symbols by itself."""
        return symbols * self._get_t_sym_us() // 1000

    def level_dbm(self):
        """What the receiver hears now."""
        return self._reg_read(0x1B) - 157

    def _read_packet(self, rx_packet, flags):
        self._reg_write(0x0D, self._reg_read(0x10))
        return super()._read_packet(rx_packet, flags)

    def _dbm(self, packet):
        return packet.rssi + min(0, packet.snr // 4)


def make(bus, sck, mosi, miso, select, dio0, dio1, reset):
    """The chip that hangs on these pins, begun; RuntimeError: it does not answer."""
    pin = Pin(dio0)
    spi = SPI(bus, baudrate=BAUD, sck=Pin(sck), mosi=Pin(mosi), miso=Pin(miso))
    return Sx1276(spi, Pin(select), pin, Pin(dio1), Pin(reset)).begin(pin)
