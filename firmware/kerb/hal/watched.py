"""A digital input whose edges are seen by an interrupt."""

from kerb.hal.digital import Input
from machine import Pin


class Watched(Input):
    """An Input that tells of each edge at once, whatever the processor does."""

    def watch(self, call):
        """Calls call(active) at each edge, in the interrupt itself where the port can: it must
        not allocate there, nor raise. Else (ESP32) from the scheduler, soon after.

        `active` is what the pin is by then: of a pulse that was over before anybody could look
        one call tells, or two, that it is not.
        """
        self._call = call
        edges = Pin.IRQ_RISING | Pin.IRQ_FALLING
        try:
            self._pin.irq(self._changed, edges, hard=True)
        except TypeError:
            self._pin.irq(self._changed, edges)
