"""A LoRa chip as LoRaWAN wants it, over micropython-lib's `lora` drivers.

The drivers are for any use of LoRa. Modem comes before the driver's class in a chip's own
(kerb.hal.sx126x, kerb.hal.sx127x), says what LoRaWAN wants (RP002-1.0.4: preamble of 8, sync word
0x34, uplinks with a CRC and plain IQ, downlinks with inverted IQ), and goes around what the
drivers do otherwise:

- configure() without output_power takes a register's value for dBm the second time.
- After a timeout poll_recv() begins anew, and an interrupt that was lost must not cost the frame.
  So the chip's own flags are asked, and poll_recv() only fetches a frame.
- lora-sx127x takes an uplink's CRC for the default, which it isn't; image calibration is the
  caller's.
- A chip that lost its supply for a moment answers, and hears nothing: its sync word tells.

Every method may raise RuntimeError: the chip is to be made anew.
"""

import time

from micropython import const

BAUD = const(4_000_000)
_SYNC_WORD = const(0x34)  # of public networks
_LONGEST_MS = const(3000)  # of a downlink: 64 bytes at SF12 (RP002-1.0.4)
_SETTLE_US = const(1000)  # until the level that a receiver tells is the channel's


class Modem:
    """Mixed into a driver's class; begin() before all else.

    at_us: time.ticks_us() of the latest interrupt, None: none came since it was set so.
    The chip's class has _SYNC (the sync word's register), _MAX_DBM, window(symbols), which gives
    the ms for start_recv(), and level_dbm(), what the receiver hears now.
    """

    def begin(self, pin=None):
        """Once after the driver's __init__; `pin`: its interrupts at once, where the port can."""
        self.at_us = None
        self._is_new = True
        self.set_irq_callback(self._interrupted)
        if pin is not None:
            try:
                pin.irq(self._radio_isr, pin.IRQ_RISING, hard=True)
            except TypeError:  # the port knows no hard ones
                pass
        return self

    def tune(self, freq_hz, sf, bw_hz, dbm):
        """Stops what goes on; sets channel and power, and all else that LoRaWAN wants."""
        self.standby()
        if not self._is_new:
            self.check()
        khz = freq_hz // 1000
        self.configure(
            {
                # A float is exact to 64 Hz here, less than a tenth of a crystal's error.
                "freq_khz": khz if khz * 1000 == freq_hz else freq_hz / 1000,
                "sf": sf,
                "bw": bw_hz // 1000,
                "coding_rate": 5,
                "crc_en": True,
                "preamble_len": 8,
                "syncword": _SYNC_WORD,
                "output_power": min(dbm, self._MAX_DBM),
                "invert_iq_rx": True,
                "invert_iq_tx": False,
                "rx_boost": True,
                "lna_boost_hf": True,  # lora-sx127x looks for this one, where there is the other
                "lna_gain": None,
            }
        )
        if self._is_new:
            self.calibrate_image()
            self._is_new = False

    def open(self, symbols):
        """Receives: gives up after so many symbols without a preamble, 0: never.

        Gives the ms after which it must have ended, with the longest frame of a network.
        """
        self.at_us = None
        ms = self.window(symbols)
        if symbols:
            self.start_recv(ms)
        else:
            self.start_recv(continuous=True)
        longest_ms = symbols * self._get_t_sym_us() // 1000 + _LONGEST_MS
        return min(longest_ms, ms + self.get_time_on_air_us(255) // 1000)

    def result(self):
        """(bytes, dBm, dB of SNR) once a frame has come; None: not yet; False: nothing came."""
        # In this order: what comes in between must not look like an end without a frame.
        is_over = self.is_idle()
        flags = self._get_irq()
        if flags & self._IRQ_RX_COMPLETE:
            is_over = True
            if self._rx_flags_success(flags):
                packet = self.poll_recv()
                return bytes(packet), self._dbm(packet), (packet.snr + 2) // 4
        if is_over and self._rx_continuous:
            self.poll_recv()  # goes on
        return False if is_over else None

    def loudest_dbm(self, us):
        """The highest level of the channel within `us`, in which nothing else runs."""
        self.open(0)
        time.sleep_us(_SETTLE_US)
        until = time.ticks_add(time.ticks_us(), us)
        highest = self.level_dbm()
        # Who sends in a pause would go unheard.
        while time.ticks_diff(until, time.ticks_us()) > 0:
            time.sleep_us(100)
            highest = max(highest, self.level_dbm())
        return highest

    def check(self):
        """RuntimeError if the chip has forgotten what it was told."""
        if self._reg_read(self._SYNC) != _SYNC_WORD:
            raise RuntimeError("reset")

    def _dbm(self, packet):
        return packet.rssi

    def _interrupted(self):
        # Perhaps a hard interrupt: nothing here may allocate.
        self.at_us = time.ticks_us()
