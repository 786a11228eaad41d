"""What the drivers of both chips share."""

import time


class Packet(bytearray):
    """A frame that came: rssi in dBm, snr in quarters of a dB."""

    rssi = snr = None


class Modem:
    """The states of a driver: _rx (False, True, or a deadline), _tx."""

    def __init__(self, spi, cs):
        self._spi = spi
        self._cs = cs
        self._rx = self._tx = self._rx_continuous = False
        self._callback = None
        self._at_ms = None
        self._sf, self._bw_hz, self._preamble_len = 7, 125_000, 12
        self._inverts = (False, False)
        self._freq_hz = 0

    def set_irq_callback(self, callback):
        self._callback = callback

    def _radio_isr(self, _):
        self._at_ms = time.ticks_ms()
        if self._callback:
            self._callback()

    def _get_t_sym_us(self):
        return 1_000_000 * (1 << self._sf) // self._bw_hz

    def _slow(self):
        return self._get_t_sym_us() >= 16_000

    def get_time_on_air_us(self, length):
        per_symbol = 4 * (self._sf - 2 * self._slow())
        payload = -(-max(0, 8 * length - 4 * self._sf + 44) // per_symbol) * 5
        quarters = 4 * (self._preamble_len + 8 + payload) + 17
        return self._get_t_sym_us() * quarters // 4

    def _take(self, cfg):
        if self._rx is not False:
            raise RuntimeError("Receiving")
        self._preamble_len = cfg.get("preamble_len", self._preamble_len)
        self._sf = cfg.get("sf", self._sf)
        self._bw_hz = cfg.get("bw", self._bw_hz // 1000) * 1000
        self._inverts = (
            cfg.get("invert_iq_rx", self._inverts[0]),
            cfg.get("invert_iq_tx", self._inverts[1]),
        )
        if "freq_khz" in cfg:
            self._freq_hz = int(cfg["freq_khz"] * 1000)

    def standby(self):
        self._standby()
        self._rx = self._tx = False
        self._at_ms = None
        self._radio_isr(None)

    def start_recv(self, timeout_ms=None, continuous=False):
        self._rx_continuous = continuous
        self._rx = True
        if timeout_ms is not None:
            self._rx = time.ticks_add(time.ticks_ms(), timeout_ms)
        self._receive(timeout_ms)

    def poll_recv(self):
        """A Packet, True while receiving, False else. Begins anew after a timeout of the chip."""
        if self._rx is False:
            return False
        packet = None
        flags = self._get_irq()
        if flags & self._IRQ_RX_COMPLETE:
            self._clear_irq(flags)
            if self._rx_flags_success(flags):
                packet = self._read_packet(None, flags)
                if not self._rx_continuous:
                    self._rx = False
        if self._rx is False or not self.is_idle():
            return packet or self._rx is not False
        left_ms = None
        if self._rx is not True:
            left_ms = time.ticks_diff(self._rx, time.ticks_ms())
            if left_ms <= 0:
                self._rx = False
                return packet or False
        self.start_recv(left_ms, self._rx_continuous)
        return packet or True

    def poll_send(self):
        """True while sending, then once ticks_ms, then False."""
        if not self._tx:
            return False
        if not self._get_irq() & self._IRQ_TX_COMPLETE:
            return True
        at_ms = time.ticks_ms() if self._at_ms is None else self._at_ms
        self._clear_irq()
        self._tx = False
        return at_ms
