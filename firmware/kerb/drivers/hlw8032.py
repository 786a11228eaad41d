"""HLW8032, a mains power meter that talks on its own over a serial line (4800 baud, 8E1).

Why this one and not a chip with pulse outputs (HLW8012, BL0937): its frames have a checksum, so
that a broken line or noise is told from no load, they carry voltage and current at the same time,
and the factory's calibration of the chip; its pulses are counted on the chip, so none is lost
while this processor is busy. The CSE7766 and CSE7759B send the same frames.

Format and formulas: HLW8032 and CSE7766 data sheets. 24 bytes, high byte first:

    0      state: 55 well; AA calibration lost; Fx some register can't be used: bit 3 voltage,
           2 current, 1 power (their periods too long to measure), 0 the calibration
    1      5A
    2..19  calibration and period of voltage, then of current and of power, 3 bytes each:
           value = calibration / period, in V, A and W at a divider of 1000 and a shunt of 1 mOhm
    20     bits 6, 5, 4: voltage, current, power measured at least once in this state; while a bit
           is 0 its period is the time that has gone so far
    21 22  energy pulses, each worth the calibration of power in uJ; begins anew after 65535
    23     sum of the bytes 2..22

A frame takes 55 ms and then there is a pause of 50 ms.
"""

import time

from kerb.drivers.meter import CURRENT, POWER, VOLTAGE, Reading
from micropython import const

BAUD = const(4800)
RX_BYTES = const(512)  # two seconds of frames

_FRAME = const(24)
_WELL = const(0x55)
_UNCALIBRATED = const(0xAA)
_CHECK = const(0x5A)
_OVERFLOW = const(0xF0)
_BAD_CALIBRATION = const(1)
_CALIBRATION = (2, 3, 4, 8, 9, 10, 14, 15, 16)
# Of one second's polls one may be late.
_STALL_MS = const(1500)
_MAX_CHUNKS = const(9)  # all of RX_BYTES and the chip's FIFO
_MAX_GAP_MS = const(60000)
_MAX_VOLTAGE_MV = const(409400)
_MAX_CURRENT_MA = const(16382)
_MAX_POWER_MW = const(1048574)
# Below this the chip's current is noise (data sheet of the CSE7766), and the power factor too.
_MIN_CURRENT_MA = const(50)
_POWER_NOISE_MW = const(5000)
_MWS_WRAP = const(1 << 30)


class Hlw8032:
    """The chip behind `port`, a kerb.hal.serial.Serial at BAUD with even parity and RX_BYTES.

    Poll it about once a second, and at least every 6 days. Nothing that comes raises anything.

    fault: None, or why there is no reading: "no_answer" nothing comes, "garbled" no whole frame
    comes, "out_of_range" frames come whose values can't be, "failed" the chip says that its
    calibration is lost.
    frames: how many were whole, also those that are not believed.
    """

    def __init__(self, port, cfg):
        self._port = port
        self._volt = cfg["meter_divider"] / 1000
        self._ampere = 1000 / cfg["meter_shunt_uohm"]
        self._chunk = bytearray(64)
        self._frame = bytearray(_FRAME)
        self._have = 0
        self._whole = bytearray(_FRAME)
        self._current_ma = self._power_mw = None
        self._pulses = None
        self._pulses_ms = self._uws = self._mws = 0
        self._reading = None
        self._since_ms = None
        self._why = None
        self.fault = None
        self.frames = 0

    def poll(self, now_ms):
        """Takes in what has come; the newest Reading, or None when it is older than 1.5 s.

        `now_ms` is time.ticks_ms().
        """
        if self._since_ms is None:
            self._since_ms = now_ms
        usable = False
        for _ in range(_MAX_CHUNKS):
            count = self._port.read_into(self._chunk)
            if not count:
                break
            self._why = self._why or "garbled"
            for i in range(count):
                if self._feed(self._chunk[i]):
                    usable = self._believe()
        if usable and self._measure(now_ms):
            self._since_ms = now_ms
            self.fault = self._why = None
        elif time.ticks_diff(now_ms, self._since_ms) >= _STALL_MS:
            self._since_ms = now_ms
            self._reading = None
            self.fault = self._why or "no_answer"
            self._why = None
        return self._reading

    def _feed(self, byte):
        """True when `byte` completes a frame with the right sum."""
        frame = self._frame
        frame[self._have] = byte
        have = self._have + 1
        # What turns out to be none may hide the beginning of one: try from each of its bytes.
        while have:
            state = frame[0]
            if state == _WELL or state >= _OVERFLOW or state == _UNCALIBRATED:
                if have == 1 or frame[1] == _CHECK:
                    if have < _FRAME:
                        break
                    if sum(frame) - state - _CHECK - frame[23] & 0xFF == frame[23]:
                        self._have = 0
                        return True
            have -= 1
            for i in range(have):
                frame[i] = frame[i + 1]
        self._have = have
        return False

    def _believe(self):
        """Keeps the frame as the newest; whether its calibration is that of the one before.

        The chip never changes it: noise with a right sum, one in 256, ends here.
        """
        self.frames += 1
        old, new = self._whole, self._frame
        same = True
        for i in _CALIBRATION:
            same = same and old[i] == new[i]
        old[:] = new
        return same

    def _measure(self, now_ms):
        """Makes a Reading of the newest frame; False for one that can't be."""
        frame = self._whole
        state, done = frame[0], frame[20]
        overflow = state & 15 if state >= _OVERFLOW else 0
        if state == _UNCALIBRATED or overflow & _BAD_CALIBRATION:
            self._why = "failed"
            return False
        voltage_mv = None
        if done & 0x40 and not overflow & VOLTAGE:
            voltage_mv = self._value(2, self._volt)
        current_ma = None
        if not overflow & CURRENT:
            current_ma = _at_most(self._value(8, self._ampere), self._current_ma, done & 0x20)
        # The data sheets: a power that takes too long to measure is none.
        power_mw = 0
        if not overflow & POWER:
            power_mw = self._value(14, self._volt * self._ampere)
            power_mw = _at_most(power_mw, self._power_mw, done & 0x10)
        if (
            (voltage_mv or 0) > _MAX_VOLTAGE_MV
            or (current_ma or 0) > _MAX_CURRENT_MA
            or (power_mw or 0) > _MAX_POWER_MW
        ):
            self._why = "out_of_range"
            return False
        factor = None
        if voltage_mv is not None and current_ma is not None and power_mw is not None:
            apparent_mva = voltage_mv / 1000 * current_ma
            if power_mw > apparent_mva * 1.1 + _POWER_NOISE_MW:
                self._why = "out_of_range"
                return False
            if current_ma >= _MIN_CURRENT_MA and voltage_mv:
                factor = min(1000, int(power_mw / apparent_mva * 1000 + 0.5))
        self._current_ma = current_ma
        self._power_mw = power_mw
        self._count(now_ms)
        self._reading = Reading(
            power_mw, voltage_mv, current_ma, factor, self._mws, overflow & ~_BAD_CALIBRATION
        )
        return True

    def _value(self, at, factor):
        """Calibration / period in thousandths of the unit, or None for no period."""
        period = _u24(self._whole, at + 3)
        # Exact in 24 bits; the quotient is so to 1 in 10 million.
        return int(_u24(self._whole, at) / period * factor * 1000 + 0.5) if period else None

    def _count(self, now_ms):
        """Adds the pulses since the last frame, if they can be that many."""
        pulses = self._whole[21] << 8 | self._whole[22]
        last, self._pulses = self._pulses, pulses
        spent_ms = time.ticks_diff(now_ms, self._pulses_ms)
        self._pulses_ms = now_ms
        if last is None or not 0 <= spent_ms <= _MAX_GAP_MS:
            return
        pulse_uws = int(_u24(self._whole, 14) * self._volt * self._ampere + 0.5)
        new_uws = (pulses - last & 0xFFFF) * pulse_uws
        # More than the meter's range: the chip has begun anew.
        if new_uws <= spent_ms * _MAX_POWER_MW + 2 * pulse_uws:
            self._uws += new_uws
            self._mws = self._mws + self._uws // 1000 & _MWS_WRAP - 1
            self._uws %= 1000


def _u24(frame, at):
    return frame[at] << 16 | frame[at + 1] << 8 | frame[at + 2]


def _at_most(value, last, measured):
    """The value measured; while the next one is being measured, no more than its time allows."""
    if measured or value is None:
        return value
    return None if last is None else min(last, value)
