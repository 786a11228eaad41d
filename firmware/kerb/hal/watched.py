"""A digital input whose edges are seen by an interrupt."""

from kerb.hal.digital import Input
from machine import Pin


class Watched(Input):
    """An Input that tells of each edge at once, whatever the processor does."""

    def watch(self, call):
        """Calls call(active, both) at each edge, in the interrupt itself where the port can: it
        must not allocate there, nor raise. Else (ESP32) from the scheduler, soon after.

        active: what the pin is by then. both: there were edges of both kinds since the last call,
        so that what happened was over before anybody could look; False where the port can't tell.
        """
        self._call = call
        self._edges = edges = Pin.IRQ_RISING | Pin.IRQ_FALLING
        self._flags = None
        try:
            irq = self._pin.irq(self._edge, edges, hard=True)
        except TypeError:
            irq = self._pin.irq(self._edge, edges)
        self._flags = getattr(irq, "flags", None)

    def _edge(self, _pin):
        self._call(self.get(), self._flags is not None and self._flags() == self._edges)
