"""LoRa's times: how long a frame is in the air, when a receive window opens, and the duty cycle:
the limits on air time, of the region's sub-bands and of the network.

Time on air is by Semtech AN1200.13, section 4, windows by TS001-1.0.4 3.3. now_ms is
time.ticks_ms(). What a reset has lost of the time counts as no time.
"""

from array import array
from time import ticks_add, ticks_diff

from micropython import const

_BANDS = const(19)  # of a region's table
_BAND = const(5)  # bytes of one
_SLOT_MS = const(300000)
_SLOTS = const(13)  # an hour, and the slot that is under way
_SHARE = const(20)  # of a sub-band's hour for each per mille, in the 10 ms that are counted here
_SHARES = const(18)


def symbol_us(sf, bw_hz):
    """The length of one symbol in µs; sf 5 to 12, bw_hz 125000, 250000 or 500000 (exact there)."""
    return (1000 << sf) // (bw_hz // 1000)


def us(sf, bw_hz, n_bytes, crc=True):
    """The time on air in whole µs of a frame of `n_bytes` PHY bytes, 255 at most.

    Preamble of 8 symbols, explicit header, code rate 4/5; the low data rate optimization is on
    where a symbol takes 16 ms or more, as LoRaWAN has it (SF11 and SF12 at 125 kHz). Downlinks
    have no CRC.
    """
    symbol = symbol_us(sf, bw_hz)
    bits = 8 * n_bytes - 4 * sf + (44 if crc else 28)
    block = 4 * sf - 8 if symbol >= 16000 else 4 * sf
    symbols = 20  # preamble 8, sync and start of frame 4.25, header 8
    if bits > 0:
        symbols += (bits + block - 1) // block * 5
    return symbol * symbols + symbol // 4


def opening(sf, bw_hz, drift_us, late_us=0, min_symbols=6):
    """(early_us, symbols): open so much before the expected time, wait for so many symbols.

    early_us may be negative: with an exact clock the beginning of the preamble need not be heard,
    and each symbol slept through saves current. min_symbols is the radio's, 4 to 8.

    The network begins a downlink's preamble of 8 symbols a nominal time after the end of the
    uplink. Of two things that this board does wrong

        drift_us = delay_s * ppm, either way: its clock since the end of the uplink (10000 ppm
        are 1 %)
        late_us, one way: the latencies from the end of the transmission to its time being taken,
        and from the window's time to the radio being open; the most that they can be together

    it knows the limits only, so that the preamble begins anywhere from late + drift before to
    drift after the time at which it is expected. The radio gives up when it has not recognised
    a preamble within the window, and needs m = min_symbols of the 8 for that. With T the
    length of a symbol, the window, open from -early to -early + symbols * T around the
    expected time, must hold

        the earliest preamble   -early <= -late - drift + (8 - m) * T    (m symbols still to come)
        the latest one          -early + symbols * T >= drift + m * T

    The shortest window that does is symbols = (2 * drift + late) / T + 2 * m - 8, rounded up
    to whole ones, and never less than m. Its middle is in the middle of all the preambles that
    may come, four symbols and half of the latencies from the expected time:
    early = (symbols * T + late) / 2 - 4 * T.
    """
    symbol = symbol_us(sf, bw_hz)
    needed = 2 * min_symbols - 8 - (-(2 * drift_us + late_us) // symbol)
    symbols = max(min_symbols, needed)
    return (symbols * symbol + late_us) // 2 - 4 * symbol, symbols


class Duty:
    """Air time of uplinks: that of a sub-band within any hour, and DutyCycleReq's silence.

    No hour, wherever it begins, has more than the sub-band's share of it; within it, frames may
    come one after the other. The silence after a frame is TS001-1.0.4's section 5.3. bands, used,
    slot and silence_ms are start.spend()'s too, which takes back what pack() has given.
    """

    def __init__(self, table, plan):
        self.plan = plan
        self.bands = table[_BANDS]
        self.used = array("H", bytes(len(self.bands) // _BAND * 2 * _SLOTS))
        self.slot = self.silence_ms = 0
        self._since_ms = None

    def wait_ms(self, now_ms, hz, us):
        """0 if a frame may be sent at that frequency now, else when to ask again."""
        first, most = self._turn(now_ms, hz)
        wait_ms = 0
        if self.silence_ms:
            wait_ms = self.silence_ms - ticks_diff(now_ms, self._silent_ms)
        used = sum(self.used[first : first + _SLOTS]) + (us + 9999) // 10000
        if used > most > 0:
            wait_ms = max(wait_ms, _SLOT_MS - ticks_diff(now_ms, self._since_ms))
        return wait_ms

    def spent(self, now_ms, hz, us):
        """A frame is sent. Call it before, and store pack() if it has changed, and then send."""
        i = self._turn(now_ms, hz)[0] + self.slot
        self.used[i] = min(self.used[i] + (us + 9999) // 10000, 0xFFFF)
        if self.plan.max_duty:
            # From the beginning of the frame, so that it is as much longer.
            self._silent_ms = now_ms
            self.silence_ms = (us // 1000 + 1) << self.plan.max_duty

    def _turn(self, now_ms, hz):
        """Forget what was more than an hour ago; (first slot, most in an hour) of a sub-band."""
        if self._since_ms is None:
            self._since_ms = self._silent_ms = now_ms
        if not 0 <= ticks_diff(now_ms, self._silent_ms) < self.silence_ms:
            self.silence_ms = 0
        slots = ticks_diff(now_ms, self._since_ms) // _SLOT_MS
        self._since_ms = ticks_add(self._since_ms, slots * _SLOT_MS)
        # Less than 0: days, after which the ticks have come around.
        for _ in range(min(slots, _SLOTS) if slots >= 0 else _SLOTS):
            self.slot = (self.slot + 1) % _SLOTS
            for i in range(self.slot, len(self.used), _SLOTS):
                self.used[i] = 0
        band = self.plan.band(hz)
        return band // _BAND * _SLOTS, self.bands[band + 4] * (_SHARE * _SHARES)

    def pack(self):
        """What has been spent as bytes, rounded up so far that it seldom changes."""
        data = bytearray()
        for i in range(0, len(self.used), _SLOTS):
            share = self.bands[i // _SLOTS * _BAND + 4] * _SHARE
            used = sum(self.used[i : i + _SLOTS])
            data.append(min((used + share - 1) // share, _SHARES) if share else 0)
        data.append(len(bin(self.silence_ms // 1000)) - 2 if self.silence_ms else 0)
        return bytes(data)
