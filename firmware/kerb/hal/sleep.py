"""Light sleep: the processor stands still, what is in the RAM and at the pins stays.

RP2040: all clocks but the crystal's and the timer's are off, so PIO, PWM, serial lines, ADC and
RTC stand still too; the ticks go on, and so does the watchdog, as far as anybody knows. An
interrupt, of a timer or of a USB that is in use, ends it early. ESP32: the Wi-Fi has to be off
before, or it is lost; what comes by a serial line meanwhile is lost as well.
"""

import sys

import machine
from micropython import const

# SIE_STATUS of the RP2040's USB (data sheet, 4.1.4): a host is there, and it is not asleep.
_SIE_STATUS = const(0x50110050)
_CONNECTED, _SUSPENDED = const(0x10000), const(0x10)


def light(ms):
    """Sleeps for `ms` at most; the ticks tell how long it was."""
    machine.lightsleep(ms)


def has_host():
    """Whether a computer is at the board's USB; False where the chip cannot tell (ESP32)."""
    if sys.platform != "rp2":
        return False
    return machine.mem32[_SIE_STATUS] & (_CONNECTED | _SUSPENDED) == _CONNECTED
