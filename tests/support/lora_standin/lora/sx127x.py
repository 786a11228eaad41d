"""The stand-in for lora-sx127x 0.1.2."""

import time

from lora.modem import Modem, Packet
from machine import Pin

_BANDWIDTHS = {125_000: 7, 250_000: 8, 500_000: 9}
_LORA = 0x80


class SX1276(Modem):
    """Registers over SPI."""

    _IRQ_RX_COMPLETE = 0xC0
    _IRQ_TX_COMPLETE = 0x08

    def __init__(self, spi, cs, dio0=None, dio1=None, reset=None):
        super().__init__(spi, cs)
        cs.init(Pin.OUT, value=1)
        for pin in (dio0, dio1):
            pin.init(Pin.IN)
            pin.irq(self._radio_isr, trigger=Pin.IRQ_RISING)
        self._boosts = self._was_inverted = False
        reset.init(Pin.OUT, value=0)
        time.sleep_ms(1)
        reset(1)
        time.sleep_ms(5)
        if self._reg_read(0x42) != 0x12:
            raise RuntimeError("Unexpected silicon version")
        self._set_mode(1)

    def _reg_write(self, address, value):
        self._cs(0)
        self._spi.write(bytes([address | 0x80]))
        self._spi.write(bytes([value]) if isinstance(value, int) else value)
        self._cs(1)

    def _reg_read(self, address):
        data = bytearray([address, 0xFF])
        self._cs(0)
        self._spi.write_readinto(data, data)
        self._cs(1)
        return data[1]

    def _change(self, address, mask, value):
        self._reg_write(address, self._reg_read(address) & ~mask & 255 | value & mask)

    def _set_mode(self, mode, lora=_LORA):
        before = self._reg_read(0x01)
        if before & _LORA != lora:
            self._reg_write(0x01, lora)
        self._reg_write(0x01, before & 0x78 | lora | mode)
        return before & 7

    def configure(self, cfg):
        self._take(cfg)
        if "freq_khz" in cfg:
            steps = self._freq_hz * 16384 // 1_000_000
            self._reg_write(0x06, bytes([steps >> 16, steps >> 8 & 255, steps & 255]))
        if "tx_ant" in cfg:
            self._boosts = cfg["tx_ant"] == "PA_BOOST"
            self._change(0x09, 0x80, 0x80 if self._boosts else 0)
        if "output_power" in cfg:
            dbm = cfg["output_power"]
            self._reg_write(0x4D, 0x87 if dbm >= 20 else 0x84)
            # 20 dBm and more end at register value 5, as in the real one.
            self._change(0x09, 0x7F, 0x15 if dbm >= 20 else max(2, min(17, dbm)) - 2)
        self._reg_write(0x12, 0xFF)
        if "bw" in cfg:
            self._change(0x1D, 0xF0, _BANDWIDTHS[self._bw_hz] << 4)
            self._reg_write(0x36, 2 if self._bw_hz == 500_000 else 3)
        if "coding_rate" in cfg:
            self._change(0x1D, 0x0E, cfg["coding_rate"] - 4 << 1)
        if "sf" in cfg:
            self._change(0x31, 0x87, 3)
            self._change(0x1E, 0xF0, self._sf << 4)
            self._change(0x26, 8, 8 if self._slow() else 0)
        if "crc_en" in cfg:  # without it the chip's own default stays: none
            self._change(0x1E, 4, 4 if cfg["crc_en"] else 0)
        if "invert_iq_rx" in cfg:
            self._change(0x33, 0x40, 0x40 if self._inverts[0] else 0)
        if "invert_iq_tx" in cfg:
            self._change(0x33, 1, 0 if self._inverts[1] else 1)
        if "preamble_len" in cfg:
            self._reg_write(0x20, bytes([0, self._preamble_len]))
        if "lna_gain" in cfg:
            self._change(0x26, 4, 4 if cfg["lna_gain"] is None else 0)
        if "rx_boost" in cfg:
            self._change(0x0C, 3, 3 if cfg["lna_boost_hf"] else 0)
        if "syncword" in cfg:
            self._reg_write(0x39, cfg["syncword"])

    def calibrate_image(self):
        self._set_mode(1, 0)
        self._change(0x3B, 0x40, 0x40)
        while self._reg_read(0x3B) & 0x20:
            time.sleep_ms(1)
        self._set_mode(1)

    def is_idle(self):
        return self._reg_read(0x01) & 7 < 2

    def _standby(self):
        if self._set_mode(1) > 1:
            self._reg_write(0x12, 0xFF)

    def sleep(self):
        self.standby()
        self._set_mode(0)

    def _get_irq(self):
        return self._reg_read(0x12)

    def _clear_irq(self, bits=0xFF):
        self._reg_write(0x12, bits)

    def _set_inverted(self, inverted):
        if self._was_inverted != inverted:
            self._reg_write(0x3B, 0x19 if inverted else 0x1D)
            self._was_inverted = inverted

    def _receive(self, timeout_ms):
        self._standby()
        self._set_inverted(self._inverts[0])
        self._change(0x40, 0xF0, 0)
        if not self._rx_continuous:
            symbols = -(-timeout_ms * 1000 // self._get_t_sym_us())
            symbols = max(4, min(1023, symbols))
            self._change(0x1E, 3, symbols >> 8)
            self._reg_write(0x1F, symbols & 255)
        self._reg_write(0x0D, 0)
        self._reg_write(0x0F, 0)
        self._set_mode(5 if self._rx_continuous else 6)

    def _rx_flags_success(self, flags):
        return flags & 0xF0 == 0x50

    def _read_packet(self, packet, flags):
        # It reads on from where the FIFO's pointer is, as the real one.
        packet = Packet(self._reg_read(0x13))
        self._cs(0)
        self._spi.write(b"\x00")
        self._spi.readinto(packet)
        self._cs(1)
        snr = self._reg_read(0x19)
        packet.snr = snr - 256 if snr > 127 else snr
        packet.rssi = self._reg_read(0x1A) - (157 if self._boosts else 164)
        return packet

    def prepare_send(self, frame):
        self._standby()
        self._change(0x40, 0xC0, 0x40)
        self._set_inverted(self._inverts[1])
        self._reg_write(0x0D, 0)
        self._reg_write(0x0E, 0)
        self._reg_write(0x22, len(frame))
        self._reg_write(0x00, frame)
        self._at_ms = None

    def start_send(self):
        self._set_mode(3)
        self._tx = True
