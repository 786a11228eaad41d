"""The stand-in for lora-sx126x 0.1.6."""

import time

from lora.modem import Modem, Packet
from machine import Pin

_BANDWIDTHS = {125_000: 4, 250_000: 5, 500_000: 6}
_OPTIMAL = {22: (4, 7), 20: (3, 5), 17: (2, 3), 14: (2, 2)}


class SX1262(Modem):
    """Commands over SPI, each waits for BUSY."""

    _IRQ_RX_COMPLETE = 0x202
    _IRQ_TX_COMPLETE = 0x001

    def __init__(
        self,
        spi,
        cs,
        busy,
        dio1=None,
        dio2_rf_sw=True,
        dio3_tcxo_millivolts=None,
        dio3_tcxo_start_time_us=1000,
        reset=None,
    ):
        super().__init__(spi, cs)
        self._busy = busy
        self._sleep = True
        self._power = 14
        self._configured = self._was_inverted = False
        busy.init(Pin.IN)
        cs.init(Pin.OUT, value=1)
        dio1.init(Pin.IN)
        reset.init(Pin.OUT, value=0)
        time.sleep_ms(1)
        reset(1)
        time.sleep_ms(5)
        if self._mode() not in (2, 3):
            raise RuntimeError("Invalid initial status")
        if dio2_rf_sw:
            self._cmd("BB", 0x9D, 1)
        if dio3_tcxo_millivolts:
            units = dio3_tcxo_start_time_us * 64 // 1000
            self._cmd("BBBBB", 0x97, 2, 0, units >> 8, units & 255)
            time.sleep_ms(15)
            self._cmd("BBB", 0x07, 0, 0)
            self._check_error()
        self._cmd("BBBBBBBBB", 0x08, 2, 0x43, 2, 3, 0, 0, 0, 0)
        dio1.irq(self._radio_isr, Pin.IRQ_RISING)
        self._clear_irq()
        self._cmd("BB", 0x8A, 1)
        self._reg_write(0x08D8, self._reg_read(0x08D8) | 0x1E)

    def _cmd(self, fmt, *args, n_read=0, write_buf=None, read_buf=None):
        if self._sleep:
            self._sleep = False
            self._cs(0)
            time.sleep_us(20)
            self._cs(1)
            self._cmd("BBB", 0x07, 0, 0)
            self._check_error()
        self._wait_not_busy(12_000)
        data = bytearray(args) + bytearray(n_read)
        self._cs(0)
        self._spi.write_readinto(data, data)
        if write_buf is not None:
            self._spi.write(write_buf)
        if read_buf is not None:
            self._spi.readinto(read_buf, 0xFF)
        self._cs(1)
        return data[len(args) :]

    def _wait_not_busy(self, timeout_us):
        began = time.ticks_us()
        while self._busy():
            if time.ticks_diff(time.ticks_us(), began) > timeout_us:
                raise RuntimeError("BUSY timeout", timeout_us)
            time.sleep_us(1)

    def _reg_read(self, address):
        return self._cmd("BBBB", 0x1D, address >> 8, address & 255, 0, n_read=1)[0]

    def _reg_write(self, address, value):
        self._cmd("BBBB", 0x0D, address >> 8, address & 255, value & 255)

    def _mode(self):
        return self._cmd("B", 0x12, n_read=3)[0] >> 4 & 7

    def _check_error(self):
        found = self._cmd("B", 0x17, n_read=3)
        if found[1] or found[2]:
            raise RuntimeError("Internal radio Status")

    def _get_irq(self):
        found = self._cmd("B", 0x12, n_read=3)
        return found[1] << 8 | found[2]

    def _clear_irq(self, bits=0xFFFF):
        self._cmd("BBB", 0x02, bits >> 8, bits & 255)
        self._at_ms = None

    def is_idle(self):
        return self._sleep or self._mode() in (2, 3)

    def _standby(self):
        self._cmd("BB", 0x80, 1)
        self._clear_irq()

    def sleep(self):
        self._check_error()
        self.standby()
        self._cmd("BB", 0x84, 4)
        self._sleep = True

    def calibrate_image(self):
        mhz = self._freq_hz // 1_000_000
        if 863 <= mhz <= 870:
            self._cmd("BBB", 0x98, 0xD7, 0xDB)
        elif 902 <= mhz <= 928:
            self._cmd("BBB", 0x98, 0xE1, 0xE9)
        else:
            raise ValueError
        self._wait_not_busy(30_000)

    def configure(self, cfg):
        self._take(cfg)
        if "freq_khz" in cfg:
            pll = (self._freq_hz << 25) // 32_000_000
            self._cmd("BBBBB", 0x86, pll >> 24, pll >> 16 & 255, pll >> 8 & 255, pll & 255)
        if "syncword" in cfg:
            word = cfg["syncword"]
            self._cmd("BBBBB", 0x0D, 0x07, 0x40, word & 0xF0 | 4, word << 4 & 0xF0 | 4)
        if "output_power" in cfg or not self._configured:
            dbm = max(-9, min(22, cfg.get("output_power", self._power)))
            pa = _OPTIMAL.get(dbm, (4, 7))
            # What is kept is the register's value: the next call takes it for dBm.
            self._power = 22 if dbm in _OPTIMAL else dbm & 255
            self._cmd("BBBBB", 0x95, pa[0], pa[1], 0, 1)
            self._cmd("BBB", 0x8E, self._power, 2)
        width = _BANDWIDTHS[self._bw_hz]
        self._cmd("BBBBB", 0x8B, self._sf, width, cfg.get("coding_rate", 5) - 4, self._slow())
        if "rx_boost" in cfg:
            self._reg_write(0x08AC, 0x96 if cfg["rx_boost"] else 0x94)
        self._configured = True

    def _invert_workaround(self, enable):
        # The wrong way round, and only on changes, as in the real one.
        if self._was_inverted != enable:
            value = self._reg_read(0x0736) & 0xFB
            self._reg_write(0x0736, value | 4 if enable else value)
            self._was_inverted = enable

    def _packet(self, length, inverted):
        self._cmd("BBBBBBB", 0x8C, 0, self._preamble_len, 0, length, 1, inverted)
        self._invert_workaround(inverted)

    def _receive(self, timeout_ms):
        self._standby()
        self._cmd("BBB", 0x8F, 0xFF, 0)
        self._packet(0xFF, self._inverts[0])
        units = 0xFFFFFF
        if not self._rx_continuous:
            units = 0 if timeout_ms is None else max(1, timeout_ms * 64)
        self._cmd("BBBB", 0x82, units >> 16, units >> 8 & 255, units & 255)

    def _rx_flags_success(self, flags):
        return flags & 0x262 == 2

    def _read_packet(self, packet, flags):
        length, start = self._cmd("B", 0x13, n_read=3)[1:]
        packet = Packet(length)
        self._cmd("BB", 0x1E, start, n_read=1, read_buf=packet)
        found = self._cmd("B", 0x14, n_read=4)
        packet.rssi = found[1] // -2
        packet.snr = found[2] - 256 if found[2] > 127 else found[2]
        return packet

    def prepare_send(self, frame):
        self._standby()
        self._check_error()
        self._packet(len(frame), self._inverts[1])
        self._cmd("BBB", 0x8F, 0, 0xFF)
        self._cmd("BB", 0x0E, 0, write_buf=frame)
        value = self._reg_read(0x0889) & 0xFB
        self._reg_write(0x0889, value if self._bw_hz == 500_000 else value | 4)

    def start_send(self):
        self._cmd("BBBB", 0x83, 0, 0, 0)
        self._tx = True
