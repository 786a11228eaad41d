"""The radio of the MAC: when a chip sends and when it listens, and what is said of its faults.

The chip is a Modem of kerb.hal.lora. Times are time.ticks_us(): the end of a transmission is the
chip's interrupt, or when it must have been, and a window opens by the clock, not by when a task
gets its turn.
"""

import gc
from asyncio import sleep_ms
from time import sleep_us, ticks_add, ticks_diff, ticks_ms, ticks_us

from micropython import const

_READY_MS = const(80)  # before a window: collect garbage, wake the chip, tune it
_NEAR_US = const(10000)  # the last of the wait for a window, in which nothing else runs
_POLL_MS = const(4)
_IDLE_MS = const(200)  # between two looks at a chip that listens and says nothing
_PAUSE_MS = const(5000)  # between two resets of a dead chip that shall listen
_RAMP_US = const(300)  # from the order to send to its first chirp, at most


class Radio:
    """make(): a Modem; called at the first use, and after a fault, to begin anew.

    antenna_gain_db: its gain, which is taken off the EIRP that is asked for.
    fault: None, or why the latest call failed: "driver" (not installed), "busy" or "no answer"
    (the chip), "transmit" or "timeout" (it sends or receives without end).
    """

    def __init__(self, make):
        self._make = make
        self._modem = None
        self._lead_us = 3000  # what it takes to open the receiver
        self._looked_ms = 0
        self.antenna_gain_db = 2
        self.fault = None

    async def transmit(self, frame, freq_hz, sf, bw_hz, dbm):
        """Sends, at `dbm` EIRP; ticks_us of the transmission's end, or None: it failed."""
        try:
            modem = self._tuned(freq_hz, sf, bw_hz, dbm - self.antenna_gain_db)
            modem.prepare_send(frame)
            modem.at_us = None
            modem.start_send()
            air_us = modem.get_time_on_air_us(len(frame))
            last_us = ticks_add(ticks_us(), air_us + _RAMP_US)
            wait_ms = air_us // 1000
            deadline = ticks_add(ticks_ms(), wait_ms + 200)
            while modem.poll_send() is True:
                if ticks_diff(deadline, ticks_ms()) < 0:
                    raise RuntimeError("transmit")
                await sleep_ms(wait_ms)
                wait_ms = 1
            # An interrupt may be late (flash being erased, a port without hard ones) or lost.
            end_us = modem.at_us
            if end_us is None or ticks_diff(last_us, end_us) < 0:
                end_us = last_us
            modem.sleep()
            return end_us
        except Exception as e:
            self._failed(e)

    async def receive(self, open_us, symbols, freq_hz, sf, bw_hz):
        """(bytes, dBm, dB of SNR) or None; open at ticks_us open_us, for `symbols` of preamble."""
        try:
            wait_ms = ticks_diff(open_us, ticks_us()) // 1000 - _READY_MS
            if wait_ms > 0:
                await sleep_ms(wait_ms)
                gc.collect()
            modem = self._tuned(freq_hz, sf, bw_hz)
            wait_us = ticks_diff(open_us, ticks_us()) - self._lead_us
            if wait_us > _NEAR_US:
                await sleep_ms((wait_us - _NEAR_US) // 1000)
            sleep_us(max(0, ticks_diff(open_us, ticks_us()) - self._lead_us))
            began_us = ticks_us()
            wait_ms = modem.open(symbols)
            self._lead_us = min(ticks_diff(ticks_us(), began_us), _NEAR_US)
            deadline = ticks_add(ticks_ms(), wait_ms)
            packet = None
            while packet is None:
                if ticks_diff(deadline, ticks_ms()) < 0:
                    modem.sleep()  # it may be well, and hear what is longer than any downlink
                    raise RuntimeError("timeout")
                await sleep_ms(_POLL_MS)
                packet = modem.result()
            modem.sleep()
            return packet or None
        except Exception as e:
            self._failed(e)

    def listen(self, freq_hz, sf, bw_hz):
        """Receives until another call; heard() gives what came."""
        if self.fault and 0 <= ticks_diff(ticks_ms(), self._looked_ms) < _PAUSE_MS:
            return
        try:
            self._tuned(freq_hz, sf, bw_hz).open(0)
        except Exception as e:
            self._failed(e)

    def heard(self):
        """(bytes, dBm, dB of SNR) of what listen() brought, or None, mostly at once."""
        modem = self._modem
        now = ticks_ms()
        if modem and (modem.at_us is not None or not 0 <= now - self._looked_ms < _IDLE_MS):
            self._looked_ms = now
            modem.at_us = None
            try:
                modem.check()
                return modem.result() or None
            except Exception as e:
                self._failed(e)

    def sleep(self):
        """Receives no more, and draws next to nothing until the next call."""
        try:
            if self._modem:
                self._modem.sleep()
        except Exception as e:
            self._failed(e)

    async def rssi_dbm(self, freq_hz, us):
        """The highest level of a channel of 125 kHz in that time, some ms; None: it failed."""
        try:
            modem = self._tuned(freq_hz, 7, 125000)
            highest = modem.loudest_dbm(us)
            modem.sleep()
            return highest
        except Exception as e:
            self._failed(e)

    def _tuned(self, freq_hz, sf, bw_hz, dbm=0):
        if not self._modem:
            self._modem = self._make()
        self._modem.tune(freq_hz, sf, bw_hz, dbm)
        self.fault = None
        return self._modem

    def _failed(self, e):
        self._modem = None
        self._looked_ms = ticks_ms()
        word = str(e.args and e.args[0])
        if isinstance(e, ImportError):
            word = "driver"
        elif word != "transmit" and word != "timeout":
            word = "busy" if "BUSY" in word else "no answer"
        self.fault = word
