"""MicroPython's machine module for the virtual board; the world (world.py) is its other side."""

import world
from sim.machine_analog import ADC, PWM
from sim.machine_pin import Pin, Signal
from sim.machine_time import RTC, WDT, Timer
from sim.machine_uart import UART
from sim.pwm import CLOCK_HZ

__all__ = [
    "ADC",
    "DEEPSLEEP_RESET",
    "HARD_RESET",
    "PWM",
    "PWRON_RESET",
    "RTC",
    "SOFT_RESET",
    "UART",
    "WDT",
    "WDT_RESET",
    "Pin",
    "Signal",
    "Timer",
    "deepsleep",
    "disable_irq",
    "enable_irq",
    "freq",
    "idle",
    "lightsleep",
    "reset",
    "reset_cause",
    "soft_reset",
    "time_pulse_us",
    "unique_id",
]

PWRON_RESET = 1
HARD_RESET = 2
WDT_RESET = 3
DEEPSLEEP_RESET = 4
SOFT_RESET = 5
_CAUSES = {
    "power_on": PWRON_RESET,
    "brown_out": PWRON_RESET,
    "hard": HARD_RESET,
    "watchdog": WDT_RESET,
    "deep_sleep": DEEPSLEEP_RESET,
    "soft": SOFT_RESET,
}


def reset():
    """Restarts the board; does not return."""
    world.current().reset("hard")


def soft_reset():
    """Restarts the interpreter; does not return."""
    world.current().reset("soft")


def reset_cause():
    """One of the _RESET constants."""
    return _CAUSES[world.current().cause]


def unique_id():
    """The chip's number, as bytes."""
    return world.current().unique_id


def freq(*hz):
    """The CPU clock in Hz; the virtual one can't be changed."""
    if not hz:
        return CLOCK_HZ
    if hz[0] != CLOCK_HZ:
        raise ValueError("cannot change frequency")


def idle():
    """Waits for an interrupt, a millisecond at most."""
    world.current().clock.sleep_us(1000)


def lightsleep(time_ms):
    """Stops the CPU for time_ms; interrupts are served meanwhile."""
    world.current().clock.sleep_us(time_ms * 1000)


def deepsleep(time_ms=None):
    """Powers down; the board restarts after time_ms (None: never by itself). Does not return."""
    world.current().reset("deep_sleep", time_ms)


def disable_irq():
    """Holds interrupts back; gives the state for enable_irq()."""
    clock = world.current().clock
    state = not clock.irq_off
    clock.irq_off = True
    return state


def enable_irq(state=True):
    """Goes back to that state; interrupts that came meanwhile are served, one a pin."""
    if state:
        world.current().irq.on()


def time_pulse_us(pin, pulse_level, timeout_us=1_000_000):
    """Length of the pulse at pin in µs; -2: it never began, -1: it never ended, in timeout_us."""
    here = world.current()
    wire = here.pin(pin.id).net
    wire.edge_watchers += 1
    wire.update()
    try:
        if not _wait_for(here.clock, wire, pulse_level, timeout_us):
            return -2
        start = here.clock.us()
        if not _wait_for(here.clock, wire, 1 - pulse_level, timeout_us):
            return -1
        return here.clock.us() - start
    finally:
        wire.edge_watchers -= 1


def _wait_for(clock, wire, level, timeout_us):
    end = clock.us() + timeout_us
    while wire.read() != level:
        if clock.us() >= end:
            return False
        clock.wait(end)
    return True
