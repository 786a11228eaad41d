"""The time of an echo by interrupts at its edges; see kerb.hal.echo."""

import time

from machine import Pin
from micropython import const

_IDLE = const(0)
_BUSY = const(1)  # waits for the pin to be low
_SENT = const(2)
_HIGH = const(3)
_DONE = const(4)


class Echo:
    """Stamps both edges with the clock when the interrupt is served."""

    def __init__(self, trigger_id, echo_id, unit=2):
        self._trigger = Pin(trigger_id, Pin.OUT, value=0)
        self._pin = Pin(echo_id, Pin.IN, Pin.PULL_DOWN)
        self.level = self._pin.value
        self._state = _IDLE
        self._us = self._trigger_us = 0
        self._pin.irq(self._edge, Pin.IRQ_RISING | Pin.IRQ_FALLING)

    def start(self, trigger_us):
        """Begins; not while another is under way."""
        self._trigger_us = trigger_us
        self._state = _BUSY
        self.ready()

    def ready(self):
        """Whether the pulse is over."""
        if self._state == _BUSY and not self._pin.value():
            self._state = _SENT
            self._trigger.on()
            time.sleep_us(self._trigger_us)
            self._trigger.off()
        return self._state == _DONE

    def take(self):
        """The length of the pulse that is over, in us."""
        self._state = _IDLE
        return self._us

    def stop(self):
        """Gives up."""
        self._state = _IDLE

    def _edge(self, pin):
        now_us = time.ticks_us()
        state = self._state
        if pin.value():
            if state == _SENT:
                self._us = now_us
                self._state = _HIGH
        elif state == _HIGH:
            self._us = time.ticks_diff(now_us, self._us)
            self._state = _DONE
        elif state == _SENT:  # served when the pulse was over
            self._us = 0
            self._state = _DONE
