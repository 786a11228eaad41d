"""Digital outputs and inputs."""

from machine import Pin


class Output:
    """An output, off from the start. pin_id: a number or the name that the port has for it.

    active_low: on is the low level.
    """

    def __init__(self, pin_id, active_low=False):
        self._active_low = active_low
        self._pin = Pin(pin_id, Pin.OUT, value=active_low)

    def on(self):
        """Active."""
        self._pin.value(not self._active_low)

    def off(self):
        """Inactive."""
        self._pin.value(self._active_low)

    def set(self, active):
        """Active if true."""
        self._pin.value(bool(active) != self._active_low)

    def get(self):
        """True while active, read at the pin."""
        return bool(self._pin.value()) != self._active_low


class Input:
    """An input. pull: "up", "down" or None when the board has its own resistor.

    active_low: active is the low level. ValueError for another pull.
    """

    def __init__(self, pin_id, pull=None, active_low=False):
        if pull is None:
            mode = None
        elif pull == "up":
            mode = Pin.PULL_UP
        elif pull == "down":
            mode = Pin.PULL_DOWN
        else:
            raise ValueError("pull")
        self._active_low = active_low
        self._call = None
        self._pin = Pin(pin_id, Pin.IN, mode)

    def get(self):
        """True while active."""
        return bool(self._pin.value()) != self._active_low

    def on_change(self, call):
        """Calls call(active) at each edge, from the scheduler, soon after it; None ends that.

        Edges that follow too fast may share one call. It should set a flag and be gone.
        """
        self._call = call
        self._pin.irq(None if call is None else self._changed, Pin.IRQ_RISING | Pin.IRQ_FALLING)

    def _changed(self, pin):
        if self._call is not None:
            self._call(self.get())
