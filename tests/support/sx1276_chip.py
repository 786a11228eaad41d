"""An SX1276 at its pins: registers over SPI, DIO0, DIO1, NRESET, and what is on the air.

Written from the datasheet (SX1276/77/78/79, revision 7), not from a driver: 4.1 for the modem, 4.4
for the registers, 4.1.2.3 for the FIFO. The registers of FSK that have LoRa's numbers are apart.
"""

from host_tools.lora.air import airtime_us
from support.lora_air_port import AirPort

_SLEEP, _STANDBY, _TX, _CONTINUOUS, _SINGLE = 0, 1, 3, 5, 6
_TIMEOUT, _RX_DONE, _CRC_ERR, _HEADER, _TX_DONE = 0x80, 0x40, 0x20, 0x10, 0x08
_BANDWIDTHS = {7: 125_000, 8: 250_000, 9: 500_000}
_FSK_ONLY = 0x3B  # ImageCal; of LoRa the second register of the IQ


class Sx1276Chip(AirPort):
    """dead: nothing answers. deaf_tx: a transmission never ends."""

    def __init__(self, world, air, node, select, dio0, dio1, reset, bus=0):
        super().__init__(world, air, node)
        self.dead = False
        self.deaf_tx = False
        self.resets = 0
        self._pins = dio0, dio1
        self._got = 0
        self._selected = False
        world.spi(bus).attach(select, self)
        self.power_cycle()
        world.watch(reset, self._on_reset)

    def power_cycle(self):
        """The supply came back: all registers are as after a reset."""
        self.stop_receiver()
        self.registers = bytearray(0x80)
        for address, value in (
            (0x01, 0x09),
            (0x06, 0x6C),
            (0x07, 0x80),
            (0x09, 0x4F),
            (0x0C, 0x20),
            (0x0E, 0x80),
            (0x1D, 0x72),
            (0x1E, 0x70),
            (0x1F, 0x64),
            (0x21, 0x08),
            (0x22, 0x01),
            (0x23, 0xFF),
            (0x31, 0xC3),
            (0x33, 0x27),
            (0x37, 0x0A),
            (0x39, 0x12),
            (0x3B, 0x1D),
            (0x42, 0x12),
            (0x4D, 0x84),
        ):
            self.registers[address] = value
        self.image_cal = 0
        self.calibrated = False
        self.fifo = bytearray(256)
        self.freq_hz = 434_000_000
        self._rx_next = 0
        self._tx_count = 0
        self._lines()

    # SPI

    def begin(self):
        """NSS goes low: the next byte is an address."""
        self._selected = True
        self._got = 0

    def end(self):
        """NSS goes high."""
        self._selected = False

    def transfer(self, byte):
        """One byte each way."""
        if self.dead or not self._selected:
            return 0
        self._got += 1
        if self._got == 1:
            self._address, self._writes = byte & 0x7F, byte & 0x80
            return 0
        address = self._address
        if address:
            self._address += 1
        if self._writes:
            self._write(address, byte)
            return 0
        return self._read(address)

    def _read(self, address):
        if address == 0:
            at = self.registers[0x0D]
            self.registers[0x0D] = (at + 1) & 255
            return self.fifo[at]
        if address == 0x1B:
            if self._mode() not in (_CONTINUOUS, _SINGLE):
                self.complain("RSSI outside of receiving")
            return max(0, self.level_dbm(self.freq_hz, self._modulation()[1]) + 157)
        if address == _FSK_ONLY and not self.registers[1] & 0x80:
            return self.image_cal
        return self.registers[address]

    def _write(self, address, byte):
        if address == 0:
            at = self.registers[0x0D]
            self.registers[0x0D] = (at + 1) & 255
            self.fifo[at] = byte
        elif address == 0x01:
            self._set_mode(byte)
        elif address == 0x12:
            self.registers[0x12] &= ~byte & 255
            self._lines()
        elif address == _FSK_ONLY and not self.registers[1] & 0x80:
            if byte & 0x40:
                self.image_cal = 0x20
                self.calibrated = self._hz() > 779_000_000
                self.world.after_us(10_000, self._calibration_done)
        elif address != 0x42:
            self.registers[address] = byte
            if address in (0x40, 0x41):
                self._lines()

    def _calibration_done(self):
        self.image_cal = 0

    def _mode(self):
        return self.registers[1] & 7

    def _hz(self):
        frf = self.registers[6] << 16 | self.registers[7] << 8 | self.registers[8]
        return frf * 15625 >> 8

    def _set_mode(self, byte):
        before = self.registers[1]
        if before & 7:  # LongRangeMode changes in sleep mode only
            byte = byte & 0x7F | before & 0x80
        self.registers[1] = byte
        if byte & 7 == before & 7:
            return
        self._tx_count += 1
        self.stop_receiver()
        self.stop_transmitter()
        if byte & 7 in (_TX, _SINGLE, _CONTINUOUS):
            self._check()
            if byte & 7 == _TX:
                self._transmit()
            else:
                self._receive(byte & 7 == _SINGLE)

    # the modem

    def _modulation(self):
        registers = self.registers
        return registers[0x1E] >> 4, _BANDWIDTHS[registers[0x1D] >> 4]

    def _check(self):
        registers = self.registers
        # A channel's frequency is exact in the air; the chip's steps are of 61 Hz.
        self.freq_hz = (self._hz() + 250) // 500 * 500
        if not registers[1] & 0x80:
            self.complain("not LoRa")
        if registers[0x39] != 0x34:
            self.complain("sync word")
        if registers[0x1D] & 1:
            self.complain("implicit header")
        if not self.calibrated:
            self.complain("image not calibrated for this band")
        sf, bw_hz = self._modulation()
        if bool(registers[0x26] & 8) != ((1 << sf) * 1000 // (bw_hz // 1000) >= 16_000):
            self.complain("low data rate optimisation")
        if registers[0x31] & 0x87 != 3:
            self.complain("register 0x31 against the errata's 2.3")
        if (bw_hz == 500_000) != (registers[0x36] == 2):
            self.complain("register 0x36 against the errata's 2.1")

    def _transmit(self):
        registers = self.registers
        sf, bw_hz = self._modulation()
        if (registers[0x20], registers[0x21]) != (0, 8) or registers[0x1D] >> 1 & 7 != 1:
            self.complain("preamble or coding rate of a transmission")
        if not registers[0x1E] & 4:
            self.complain("CRC of a transmission")
        # As the chip is, not as its datasheet has it: bit 0 is 1 for a plain transmission.
        if not registers[0x33] & 1 or registers[0x3B] != 0x1D:
            self.complain("IQ of a transmission")
        start = registers[0x0E]
        frame = bytes(self.fifo[(start + i) & 255] for i in range(registers[0x22]))
        start_us = self.now() + 100
        self.sent.append((frame, self._hz(), sf, bw_hz, self.dbm(), start_us))
        self.transmit(start_us, frame, self.freq_hz, sf, bw_hz, self.dbm())
        self._tx_count += 1
        if not self.deaf_tx:
            end_us = start_us + airtime_us(sf, bw_hz, len(frame))
            self.world.clock.at(end_us, self._transmitted, self._tx_count)

    def dbm(self):
        """The power at the antenna's pin (5.4.2, 5.4.3), None at the pin without one."""
        config, dac = self.registers[0x09], self.registers[0x4D]
        if not config & 0x80:
            return None
        return 17 - (15 - (config & 15)) + (3 if dac & 7 == 7 else 0)

    def _transmitted(self, count):
        if count == self._tx_count and self._mode() == _TX:
            self._stand_by()
            self.air.run(self.now())
            self._raise(_TX_DONE)

    def _receive(self, single):
        registers = self.registers
        sf, bw_hz = self._modulation()
        symbols = (registers[0x1E] & 3) << 8 | registers[0x1F]
        inverted = bool(registers[0x33] & 0x40)
        if inverted != (registers[0x3B] == 0x19):
            self.complain("IQ of a reception: two registers disagree")
        if registers[0x0C] & 3 != 3:
            self.complain("gain not boosted")
        if not registers[0x26] & 4:
            self.complain("gain not automatic")
        self._rx_next = registers[0x0F]
        self.start_receiver(
            self.now() + 100,
            self.freq_hz,
            sf,
            bw_hz,
            inverted,
            symbols if single else None,
            None,
            single,
        )

    def on_frame(self, outcome, is_good):
        frame, dbm, snr_db = outcome
        registers = self.registers
        start = self._rx_next
        for i, byte in enumerate(frame):
            self.fifo[(start + i) & 255] = byte
        self._rx_next = (start + len(frame)) & 255
        registers[0x10] = start
        registers[0x13] = len(frame)
        registers[0x19] = 4 * snr_db & 255
        # Below the noise the chip tells the noise: 5.5.5 has the formula.
        registers[0x1A] = dbm + 157 - min(0, snr_db)
        if self._rx is None:
            self._stand_by()
        self._raise(_RX_DONE | _HEADER if is_good else _RX_DONE | _HEADER | _CRC_ERR)

    def on_timeout(self):
        self._stand_by()
        self._raise(_TIMEOUT)

    def on_no_header(self):
        self.on_timeout()

    def _stand_by(self):
        self.registers[1] = self.registers[1] & 0xF8 | _STANDBY

    def _raise(self, flags):
        self.registers[0x12] |= flags & ~self.registers[0x11]
        self._lines()

    def _lines(self):
        """DIO0 is RxDone or TxDone, DIO1 RxTimeout, by RegDioMapping1."""
        flags, mapping = self.registers[0x12], self.registers[0x40]
        wanted = {0: _RX_DONE, 1: _TX_DONE}.get(mapping >> 6, 0)
        self.interrupt(self._pins[0], int(bool(flags & wanted)))
        self.interrupt(self._pins[1], int(bool(flags & _TIMEOUT and not mapping >> 4 & 3)))

    def _on_reset(self, level, us):
        if not level:
            self.resets += 1
            if not self.dead:
                self.power_cycle()
