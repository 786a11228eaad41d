"""An SX1262 at its pins: commands over SPI, BUSY, DIO1, NRESET, and what is on the air.

Written from the datasheet (SX1261/2, revision 2.1), not from a driver: chapter 13 for the
commands, 6 for the modem, 8.3 for BUSY, 15 for the known limitations. Calibration, TCXO and
retention are there as far as forgetting them would spoil a real chip.
"""

from host_tools.lora.air import airtime_us
from support.lora_air_port import AirPort

_RC, _XOSC, _RX, _TX = 2, 3, 5, 6
_TX_DONE, _RX_DONE, _HEADER_ERR, _CRC_ERR, _TIMEOUT = 1, 2, 0x20, 0x40, 0x200
_BANDWIDTHS = {0x04: 125_000, 0x05: 250_000, 0x06: 500_000}
# PaDutyCycle, HpMax: dBm when SetTxParams says 22 (13.1.14.1).
_PA = {(4, 7): 22, (3, 5): 20, (2, 3): 17, (2, 2): 14}
_COMMAND_US = 60
_WAKE_US = 340
_ALL_BLOCKS = 0x7F


class Sx1262Chip(AirPort):
    """tcxo: its oscillator hangs on DIO3. dead: nothing answers; stuck: BUSY stays high.

    deaf_tx: a transmission never ends.
    """

    def __init__(self, world, air, node, select, busy, dio1, reset, bus=0, tcxo=False):
        super().__init__(world, air, node)
        self.dead = False
        self.stuck = False
        self.deaf_tx = False
        self.has_tcxo = tcxo
        self.resets = 0
        self._pins = busy, dio1
        self._selected = None
        world.spi(bus).attach(select, self)
        self.power_cycle()
        world.watch(reset, self._on_reset)

    def power_cycle(self):
        """The supply came back: nothing is known any more."""
        self.stop_receiver()
        self.registers = {0x0736: 0x0D, 0x0740: 0x14, 0x0741: 0x24, 0x08AC: 0x94, 0x08D8: 0xC8}
        self.buffer = bytearray(256)
        self.mode = _RC
        self.asleep = False
        self.packet_type = 0
        self.irq = 0
        self.irq_mask = self.dio1_mask = 0
        self.errors = 0x20 if self.has_tcxo else 0  # XOSC_START_ERR
        self.tcxo_on = False
        self.calibrated = 0 if self.has_tcxo else _ALL_BLOCKS
        self.image = None
        self.freq_hz = self.dbm = self.modulation = self.packet = None
        self.base = (0, 0)
        self.symbols = 0
        self.status = None
        self._tx_count = 0
        self._busy_until(_COMMAND_US)
        self.interrupt(self._pins[1], 0)

    # SPI

    def begin(self):
        """NSS goes low."""
        self._got = bytearray()
        self._selected = True
        if self.asleep and not self.dead:
            self.asleep = False
            self.mode = _RC
            self.registers[0x08AC] = 0x94  # not retained (9.6)
            if self.has_tcxo:
                self.errors |= 0x20
            self._busy_until(_WAKE_US)
            self._selected = False  # this falling edge wakes, no more

    def transfer(self, byte):
        """One byte each way."""
        if self.dead or not self._selected:
            return 0
        if self.world.level(self._pins[0]) and not self._got:
            self.complain("command %#x while BUSY" % byte)
        self._got.append(byte)
        return self._answer(self._got)

    def end(self):
        """NSS goes high: the command is done."""
        selected, self._selected = self._selected, None
        if selected and self._got and not self.dead:
            self._do(self._got[0], self._got[1:])
            if not self.asleep:
                self._busy_until(self._busy_us(self._got[0]))

    def _busy_us(self, command):
        if command == 0x89:
            return 3500
        if command == 0x98:
            return 1500
        if command in (0x80, 0x82, 0x83) and self.tcxo_on and self.mode != _RC:
            return 200
        return _COMMAND_US

    def _answer(self, got):
        """What comes out with the latest byte."""
        command, at = got[0], len(got) - 1
        if at == 0:
            return 0
        status = self.mode << 4 | 2
        if command == 0x12:
            answer = (status, self.irq >> 8, self.irq & 255)
        elif command == 0x17:
            answer = (status, self.errors >> 8, self.errors & 255)
        elif command == 0x13:
            answer = (status,) + (self.status or (0, 0))[:2]
        elif command == 0x14:
            dbm, snr_db = self.status[2:] if self.status else (0, 0)
            answer = (status, -2 * dbm & 255, 4 * snr_db & 255, 0)
        elif command == 0x15:
            if self.mode != _RX:
                self.complain("RSSI outside of receiving")
            answer = (status, -2 * self.level_dbm(self.freq_hz, self.modulation[1]) & 255)
        elif command == 0x1D:
            address = got[1] << 8 | got[2] if at > 3 else 0
            return self.registers.get(address + at - 4, 0) if at > 3 else status
        elif command == 0x1E:
            return self.buffer[(got[1] + at - 3) & 255] if at > 2 else status
        else:
            answer = (status,)
        return answer[at - 1] if at <= len(answer) else status

    def _do(self, command, args):
        if command == 0x80:
            self._stop()
            self.mode = _XOSC if args[0] else _RC
        elif command == 0x84:
            self._stop()
            self.asleep = True
            if not args[0] & 4:
                self.complain("cold sleep")
            self._busy_until(None)
        elif command == 0x83:
            self._transmit()
        elif command == 0x82:
            self._receive(args[0] << 16 | args[1] << 8 | args[2])
        elif command == 0x89:
            if self.mode != _RC:
                self.complain("calibrated outside of STDBY_RC")
            if self.tcxo_on == self.has_tcxo:
                self.calibrated |= args[0] & _ALL_BLOCKS
        elif command in (0x0E, 0x0D, 0x08, 0x02, 0x07):
            self._write(command, args)
        else:
            self._set(command, args)

    def _set(self, command, args):
        """What the modem is to do."""
        if command == 0x8A:
            self.packet_type = args[0]
        elif command == 0x86:
            pll = args[0] << 24 | args[1] << 16 | args[2] << 8 | args[3]
            # The air's channels are whole hundreds of Hz; the chip's steps are of 0.95 Hz.
            self.exact_hz = pll * 32_000_000 >> 25
            self.freq_hz = (self.exact_hz + 50) // 100 * 100
        elif command == 0x95:
            self._pa = (args[0], args[1])
        elif command == 0x8E:
            power = args[0] - 256 if args[0] > 127 else args[0]
            self.dbm = power if self._pa == (4, 7) else _PA[self._pa] - 22 + power
        elif command == 0x8B:
            self.modulation = (args[0], _BANDWIDTHS[args[1]], args[2], args[3])
        elif command == 0x8C:
            self.packet = {
                "preamble": args[0] << 8 | args[1],
                "implicit": args[2],
                "length": args[3],
                "crc": args[4],
                "inverted": args[5],
            }
            self.registers[0x0736] = 0x0D  # as the chip's own hand does it
        elif command == 0x8F:
            self.base = (args[0], args[1])
        elif command == 0x97:
            self.tcxo_on = True
        elif command == 0x98:
            self.image = (args[0], args[1])
        elif command == 0xA0:
            if self.mode == _RX:
                self.complain("symbol timeout changed while receiving")
            self.symbols = args[0]
        elif command not in (0x12, 0x17, 0x13, 0x14, 0x15, 0x1D, 0x1E, 0x9D):
            self.complain("unknown command %#x" % command)

    def _write(self, command, args):
        """Buffer, registers, interrupts and errors."""
        if command == 0x0E:
            for i, byte in enumerate(args[1:]):
                self.buffer[(args[0] + i) & 255] = byte
        elif command == 0x0D:
            for i, byte in enumerate(args[2:]):
                self.registers[(args[0] << 8 | args[1]) + i] = byte
            if (args[0], args[1]) == (0x07, 0x06):
                if self.symbols != args[2] >> 3 << 2 * (args[2] & 7) + 1:
                    self.complain("symbol timeout: command and register disagree")
        elif command == 0x08:
            self.irq_mask = args[0] << 8 | args[1]
            self.dio1_mask = args[2] << 8 | args[3]
        elif command == 0x02:
            self.irq &= ~(args[0] << 8 | args[1])
            if not self.irq & self.dio1_mask:
                self.interrupt(self._pins[1], 0)
        elif command == 0x07:
            self.errors = 0

    # the modem

    def _check(self):
        if self.packet_type != 1:
            self.complain("not LoRa")
        if self.calibrated != _ALL_BLOCKS:
            self.complain("not calibrated: %#x" % self.calibrated)
        low, high = (self.image[0] * 4, self.image[1] * 4) if self.image else (902, 928)
        if not low - 4 <= self.freq_hz // 1_000_000 <= high + 4:
            self.complain("image not calibrated for this band")
        if (self.registers[0x0740], self.registers[0x0741]) != (0x34, 0x44):
            self.complain("sync word")
        if bool(self.registers[0x0736] & 4) == bool(self.packet["inverted"]):
            self.complain("register 0x0736 against the datasheet's 15.4")
        sf, bw_hz, _, slow = self.modulation
        if bool(slow) != ((1 << sf) * 1000 // (bw_hz // 1000) >= 16_000):
            self.complain("low data rate optimisation")
        if self.has_tcxo and not self.tcxo_on:
            self.complain("no oscillator")

    def _transmit(self):
        self._check()
        self._stop()
        self.mode = _TX
        sf, bw_hz, rate, _ = self.modulation
        length = self.packet["length"]
        frame = bytes(self.buffer[(self.base[0] + i) & 255] for i in range(length))
        if self.packet["preamble"] != 8 or rate != 1 or not self.packet["crc"]:
            self.complain("preamble, coding rate or CRC of a transmission")
        if self.packet["implicit"] or self.packet["inverted"]:
            self.complain("header or IQ of a transmission")
        if self.registers[0x08D8] & 0x1E != 0x1E:
            self.complain("transmitter against the datasheet's 15.2")
        if bool(self.registers.get(0x0889, 0) & 4) == (bw_hz == 500_000):
            self.complain("transmitter against the datasheet's 15.1")
        start_us = self.now() + 60
        self.sent.append((frame, self.exact_hz, sf, bw_hz, self.dbm, start_us))
        self.transmit(start_us, frame, self.freq_hz, sf, bw_hz, self.dbm)
        self._tx_count += 1
        if not self.deaf_tx:
            end_us = start_us + airtime_us(sf, bw_hz, length)
            self.world.clock.at(end_us, self._transmitted, self._tx_count)

    def _transmitted(self, count):
        if count == self._tx_count and self.mode == _TX:
            self.mode = _RC
            self.air.run(self.now())
            self._raise(_TX_DONE)

    def _receive(self, timeout):
        self._check()
        self._stop()
        self.mode = _RX
        sf, bw_hz = self.modulation[:2]
        if not self.registers[0x08AC] == 0x96:
            self.complain("gain not boosted")
        continuous = timeout == 0xFFFFFF
        if continuous and self.symbols:
            self.complain("symbol timeout of a receiver without end")
        self.start_receiver(
            self.now() + 70,
            self.freq_hz,
            sf,
            bw_hz,
            bool(self.packet["inverted"]),
            self.symbols or None,
            None if continuous or not timeout else timeout * 15625 // 1000,
            not continuous,
        )

    def on_frame(self, outcome, is_good):
        frame, dbm, snr_db = outcome
        for i, byte in enumerate(frame):
            self.buffer[(self.base[1] + i) & 255] = byte
        self.status = (len(frame), self.base[1], dbm, snr_db)
        if self._rx is None:
            self.mode = _RC
        self._raise(_RX_DONE if is_good else _RX_DONE | _CRC_ERR)

    def on_timeout(self):
        self.mode = _RC
        self._raise(_TIMEOUT)

    def on_no_header(self):
        self.mode = _RC
        self._raise(_HEADER_ERR)

    def _raise(self, flag):
        self.irq |= flag & self.irq_mask
        if self.irq & self.dio1_mask:
            self.interrupt(self._pins[1], 1)

    def _stop(self):
        self._tx_count += 1
        self.stop_receiver()
        self.stop_transmitter()

    def _busy_until(self, us):
        """BUSY is high from now on for so long, None: for ever."""
        busy = self._pins[0]
        self.world.drive(busy, 1)
        if us is not None and not self.stuck:
            self.world.after_us(us, self._idle, busy)

    def _idle(self, busy):
        if not self.asleep and not self.stuck:
            self.world.drive(busy, 0)

    def _on_reset(self, level, us):
        if not level:
            self.resets += 1
            if not self.dead:
                self.power_cycle()
