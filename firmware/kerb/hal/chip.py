"""The chip itself: why it started, how to restart it, its number."""

from binascii import hexlify

import machine

_CAUSES = (
    ("PWRON_RESET", "power_on"),
    ("WDT_RESET", "watchdog"),
    ("SOFT_RESET", "soft"),
    ("BROWN_OUT_RESET", "brown_out"),
    ("DEEPSLEEP_RESET", "deep_sleep"),
    ("HARD_RESET", "hard"),
)


def reset_cause():
    """ "power_on", "watchdog", "soft", "brown_out", "deep_sleep", "hard" or "unknown".

    Ports tell more or fewer apart: on the RP2040 a reset() is a "watchdog" too, and waking from
    deep sleep as well.
    """
    cause = machine.reset_cause()
    for name, word in _CAUSES:
        if getattr(machine, name, None) == cause:
            return word
    return "unknown"


def reset():
    """Restarts the chip; does not return."""
    machine.reset()


def unique_id():
    """The chip's own number as lower-case hex."""
    return hexlify(machine.unique_id()).decode()
