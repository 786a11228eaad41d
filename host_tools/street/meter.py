"""An HLW8032 metering chip on the luminaire's mains: the bytes that it sends.

24 bytes at 4800 bit/s, 8 data bits, even parity, then 50 ms of silence, and again. It measures by
counting: a register holds the length of one period of a frequency in proportion to the value, a
parameter register what to divide by it. From the manufacturer's data sheet (HLW8032, rev. 1.5),
with the parameters of a chip whose bytes electrodragon.com publishes; `volts = V_PARAMETER /
register * divider / 1000`, and so on. A value too small for 24 bits of period overflows its
register: below 0.6 W, 1 mA, or 22 mV at the usual shunt and divider.

The noise (0.2 % from frame to frame, 1 % from chip to chip) is a plausible figure.
"""

import random

FRAME_BYTES = 24
BAUD = 4800
PARITY = 0  # even, as the virtual board counts
PERIOD_MS = 105  # 24 bytes of 11 bits, and the silence
V_PARAMETER = 0x02EEC8
I_PARAMETER = 0x003F66
P_PARAMETER = 0x512188
MODES = ("ok", "dead", "garbage", "failed")
_CHECK = 0x5A
_NORMAL = 0x55
_CORRECTION_FAILED = 0xAA
_LONGEST = 0xFFFFFF
_NOISE = 0.002
_TOLERANCE = 0.01


class Meter:
    """One chip. `mode`: "ok"; "dead" sends nothing; "garbage" random bytes; "failed" says that
    its own correction failed. `shunt_uohm` and `divider` (a ratio) are the board's parts.
    """

    def __init__(self, seed=0, shunt_uohm=1000, divider=1880):
        self._random = random.Random("meter {}".format(seed))
        self._v_factor = divider / 1000
        self._i_factor = 1000 / shunt_uohm
        self._gain = [1 + self._random.uniform(-_TOLERANCE, _TOLERANCE) for _ in range(2)]
        self._pulses = 0.0
        self._carry = 0
        self._mode = "ok"

    @property
    def mode(self):
        return self._mode

    @mode.setter
    def mode(self, name):
        if name not in MODES:
            raise ValueError("meter {!r}: known are {}".format(name, ", ".join(MODES)))
        self._mode = name

    @property
    def gain(self):
        """What calibration would find: measured over true power."""
        return self._gain[0] * self._gain[1]

    def joules_per_pulse(self):
        """Give the energy of one pulse (datasheet 3.4): each period of the power's frequency."""
        return P_PARAMETER * self._v_factor * self._i_factor / 1e6

    def advance(self, spent_s, power_mw):
        """Let it count for `spent_s` seconds at a power."""
        self._pulses += power_mw / 1000 * self.gain * spent_s / self.joules_per_pulse()
        while self._pulses >= 65536:
            self._pulses -= 65536
            self._carry ^= 0x80

    def frame(self, voltage_mv, current_ma, power_mw):
        """Give the bytes of one frame; b"" from a dead chip."""
        if self._mode == "dead":
            return b""
        if self._mode == "garbage":
            return self._random.randbytes(FRAME_BYTES)
        v_gain, i_gain = self._gain
        volts = voltage_mv / 1000 * v_gain * self._jitter()
        amperes = current_ma / 1000 * i_gain * self._jitter()
        watts = power_mw / 1000 * self.gain * self._jitter()
        registers = (
            (V_PARAMETER, self._v_factor, volts),
            (I_PARAMETER, self._i_factor, amperes),
            (P_PARAMETER, self._v_factor * self._i_factor, watts),
        )
        body = bytearray()
        overflows = updated = 0
        for place, (parameter, factor, value) in enumerate(registers):
            count = parameter * factor / value if value > 0 else _LONGEST + 1
            if count > _LONGEST:
                overflows |= 8 >> place
            else:
                updated |= 0x40 >> place
            body += parameter.to_bytes(3, "big") + min(_LONGEST, round(count)).to_bytes(3, "big")
        body.append(self._carry | updated)
        body += int(self._pulses).to_bytes(2, "big")
        state = 0xF0 | overflows if overflows else _NORMAL
        if self._mode == "failed":
            state = _CORRECTION_FAILED
        return bytes((state, _CHECK)) + bytes(body) + bytes((sum(body) & 0xFF,))

    def _jitter(self):
        return self._random.gauss(1, _NOISE)
