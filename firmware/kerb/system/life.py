"""The LED that shows a technician at the pole that the firmware runs."""

import asyncio

from micropython import const

_PERIOD_MS = const(2000)
_BLINK_MS = const(60)


class Life:
    """One short blink every 2 s when well() is true, two when it is not.

    `led` has on() and off(); `well` says whether the network is there, or not wanted; None: the
    LED stays dark, for a battery's sake.
    """

    def __init__(self, led, well):
        self._led = led
        self._well = well

    async def run(self, check_in):
        """Blinks for ever."""
        try:
            while True:
                check_in()
                well = self._well()
                for _ in range(0 if well is None else 1 if well else 2):
                    self._led.on()
                    await asyncio.sleep_ms(_BLINK_MS)
                    self._led.off()
                    await asyncio.sleep_ms(3 * _BLINK_MS)
                await asyncio.sleep_ms(_PERIOD_MS)
        finally:
            self._led.off()
