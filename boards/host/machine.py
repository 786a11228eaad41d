"""MicroPython's machine module for the virtual board; the world (world.py) is its other side."""

import sys

from sim import chip

# What is a module of its own loads when it is first asked for: a board has little memory.
_PARTS = {
    "ADC": "sim.machine_adc",
    "PWM": "sim.machine_pwm",
    "Pin": "sim.machine_pin",
    "RTC": "sim.machine_time",
    "SPI": "sim.machine_spi",
    "Signal": "sim.machine_pin",
    "Timer": "sim.machine_time",
    "UART": "sim.machine_uart",
    "WDT": "sim.machine_time",
    "mem32": "sim.machine_mem",
    "time_pulse_us": "sim.machine_pulse",
}

PWRON_RESET = 1
HARD_RESET = 2
WDT_RESET = 3
DEEPSLEEP_RESET = 4
SOFT_RESET = 5
_CLOCK_HZ = 125_000_000
_CAUSES = {
    "power_on": PWRON_RESET,
    "brown_out": PWRON_RESET,
    "hard": HARD_RESET,
    "watchdog": WDT_RESET,
    "deep_sleep": DEEPSLEEP_RESET,
    "soft": SOFT_RESET,
}


def __getattr__(name):
    place = _PARTS.get(name)
    if place is None:
        raise AttributeError(name)
    __import__(place)
    part = globals()[name] = getattr(sys.modules[place], name)
    return part


def reset():
    """Restarts the board; does not return."""
    chip.current().reset("hard")


def soft_reset():
    """Restarts the interpreter; does not return."""
    chip.current().reset("soft")


def reset_cause():
    """One of the _RESET constants."""
    return _CAUSES[chip.current().cause]


def unique_id():
    """The chip's number, as bytes."""
    return chip.current().unique_id


def freq(*hz):
    """The CPU clock in Hz; the virtual one can't be changed."""
    if not hz:
        return _CLOCK_HZ
    if hz[0] != _CLOCK_HZ:
        raise ValueError("cannot change frequency")


def idle():
    """Waits for an interrupt, a millisecond at most."""
    chip.current().clock.sleep_us(1000)


def lightsleep(time_ms):
    """Stops the CPU for time_ms; interrupts are served meanwhile."""
    chip.current().clock.sleep_us(time_ms * 1000)


def deepsleep(time_ms=None):
    """Powers down; the board restarts after time_ms (None: never by itself). Does not return."""
    chip.current().reset("deep_sleep", time_ms)


def disable_irq():
    """Holds interrupts back; gives the state for enable_irq()."""
    clock = chip.current().clock
    state = not clock.irq_off
    clock.irq_off = True
    return state


def enable_irq(state=True):
    """Goes back to that state; interrupts that came meanwhile are served, one a pin."""
    if state:
        chip.current().irq.on()
