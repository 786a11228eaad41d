"""The time of an echo by the RP2040's PIO; see kerb.hal.echo."""
# ruff: noqa: F821  the assembler brings its own names

import rp2
from machine import Pin
from micropython import const

_FREQ_HZ = const(2000000)  # two instructions a us


@rp2.asm_pio(set_init=rp2.PIO.OUT_LOW)
def _measure():
    set(pins, 0)
    pull(block)
    mov(x, osr)
    wait(0, pin, 0)
    set(pins, 1)
    label("trigger")
    jmp(x_dec, "trigger")[1]
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
    """Counted by a state machine: between start() and take() the processor has no part in it.

    What a measurement calls are the machine's own methods: one of Python's takes 15 us.
    """

    def __init__(self, trigger_id, echo_id, unit=2):
        trigger = Pin(trigger_id, Pin.OUT, value=0)
        pin = Pin(echo_id, Pin.IN, Pin.PULL_DOWN)
        sm = rp2.StateMachine(
            unit, _measure, freq=_FREQ_HZ, set_base=trigger, in_base=pin, jmp_pin=pin
        )
        sm.active(1)
        self.start = sm.put
        self.ready = sm.rx_fifo
        self.take = sm.get
        self.level = pin.value
        self._sm = sm

    def stop(self):
        """Gives up; the trigger is low."""
        sm = self._sm
        sm.active(0)
        sm.restart()
        while sm.rx_fifo():
            sm.get()
        sm.active(1)
