"""A LoRa radio whose air is the world's: what it sends is told, what it hears comes in.

It has the methods of kerb.uplink.lorawan.radio.Radio. In a process of its own, time is the
machine's: a window stays open for longer than a chip's would, by what such a process may be late.
"""

import asyncio
import time

_LATE_MS = 300
_LONGEST_MS = 3500  # on the air: 64 bytes at SF12 take 2.8 s
_NAP_MS = 5


class Radio:
    """`chip.tell("radio", what, values)` has what it does; take(message) is how the world answers:
    "preamble" when a frame begins that it can hear now, "frame" with its bytes when it ends.
    """

    fault = None

    def __init__(self, chip):
        self._chip = chip
        self._frame = None
        self._hears = False

    def take(self, message):
        """What the world says."""
        if message["radio"] == "preamble":
            self._hears = True
        elif message["radio"] == "frame":
            self._hears = False
            frame = bytes.fromhex(message["hex"])
            self._frame = frame, message["rssi_dbm"], message["snr_db"]

    async def transmit(self, frame, freq_hz, sf, bw_hz, dbm):
        """Sends; gives time.ticks_us() of the end."""
        from kerb.uplink.lorawan import airtime  # the ROM has no firmware

        us = airtime.us(sf, bw_hz, len(frame))
        end = time.ticks_add(time.ticks_us(), us)
        self._tell("tx", freq_hz, sf, bw_hz, {"hex": bytes(frame).hex(), "dbm": dbm, "us": us})
        await asyncio.sleep_ms(us // 1000)
        return end

    async def receive(self, open_us, symbols, freq_hz, sf, bw_hz):
        """What is heard in a window: (bytes, dBm, dB), or None."""
        from kerb.uplink.lorawan import airtime

        early_us = time.ticks_diff(open_us, time.ticks_us())
        if early_us > 0:
            await asyncio.sleep_ms(early_us // 1000)
        self.listen(freq_hz, sf, bw_hz)
        began = time.ticks_ms()
        open_ms = symbols * airtime.symbol_us(sf, bw_hz) // 1000 + _LATE_MS
        while self._frame is None and time.ticks_diff(time.ticks_ms(), began) < (
            _LONGEST_MS if self._hears else open_ms
        ):
            await asyncio.sleep_ms(_NAP_MS)
        self.standby()
        return self.heard()

    def listen(self, freq_hz, sf, bw_hz):
        """Receives from now on."""
        self._frame = None
        self._hears = False
        self._tell("rx", freq_hz, sf, bw_hz, {})

    def heard(self):
        """What has come: (bytes, dBm, dB), or None."""
        frame, self._frame = self._frame, None
        return frame

    def standby(self):
        """Receives no more."""
        self._chip.tell("radio", "off", {})

    sleep = standby

    async def rssi_dbm(self, freq_hz, us):
        """Nobody else is on the air."""
        await asyncio.sleep_ms(us // 1000 + 1)
        return -120

    def _tell(self, what, freq_hz, sf, bw_hz, values):
        values.update({"freq_hz": freq_hz, "sf": sf, "bw_hz": bw_hz})
        self._chip.tell("radio", what, values)
