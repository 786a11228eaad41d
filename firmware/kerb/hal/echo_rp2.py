"""The time of an echo by the RP2040's PIO; see kerb.hal.echo."""
# ruff: noqa: F821  the assembler brings its own names

import rp2
from machine import Pin
from micropython import const

_FREQ_HZ = const(2000000)  # two instructions a us


@rp2.asm_pio(set_init=rp2.PIO.OUT_LOW)
def _measure():
    pull(block)
    wait(0, pin, 0)
    set(pins, 1)[23]
    set(pins, 0)
    wait(1, pin, 0)
    mov(x, invert(null))
    label("high")
    jmp(x_dec, "count")
    label("count")
    jmp(pin, "high")
    mov(isr, invert(x))
    push(noblock)


class Echo:
    """Counted by a state machine: between start() and take() the processor has no part in it."""

    def __init__(self, trigger_id, echo_id, unit=2):
        self._trigger = Pin(trigger_id, Pin.OUT, value=0)
        self._pin = Pin(echo_id, Pin.IN, Pin.PULL_DOWN)
        self._sm = rp2.StateMachine(
            unit,
            _measure,
            freq=_FREQ_HZ,
            set_base=self._trigger,
            in_base=self._pin,
            jmp_pin=self._pin,
        )

    def start(self):
        """Begins anew."""
        sm = self._sm
        self.stop()
        sm.restart()
        sm.put(0)
        sm.active(1)

    def take(self):
        """The length of the pulse that is over, in us, or None."""
        return self._sm.get() if self._sm.rx_fifo() else None

    def level(self):
        """0 or 1."""
        return self._pin.value()

    def stop(self):
        """Gives up."""
        sm = self._sm
        sm.active(0)
        while sm.rx_fifo():
            sm.get()
