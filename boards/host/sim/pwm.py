"""PWM slices as the RP2040 has them: two pins share frequency and resolution.

Formulas of ports/rp2/machine_pwm.c at 125 MHz: div is in sixteenths, top at most 65534 so that
duty 65535 is really full.
"""

CLOCK_HZ = 125_000_000
_TOP_MAX = 65534


class Slice:
    """One slice: its counter counts from 0 to top, a div16/16th of the system clock a step."""

    def __init__(self):
        self.div16 = 16
        self.top = 65534
        self.start_us = 0
        self.freq_set = False
        self.stopped_us = None  # a slice that was stopped holds its outputs
        self.channels = [None, None]

    def set_freq(self, freq_hz):
        """Chooses div and top; ValueError when the slice can't count so fast or so slow."""
        if freq_hz <= 0:
            raise ValueError("freq too small")
        rounded = (CLOCK_HZ + freq_hz // 2) // freq_hz
        if rounded < _TOP_MAX:
            div16, top = 16, rounded - 1
        else:
            div16 = -(-16 * CLOCK_HZ // (_TOP_MAX * freq_hz))
            scaled = div16 * freq_hz
            top = (16 * CLOCK_HZ + scaled // 2) // scaled - 1
        if top < 1:
            raise ValueError("freq too large")
        if div16 >= 256 * 16:
            raise ValueError("freq too small")
        self.div16, self.top = div16, top

    def freq_hz(self):
        """The frequency that came of it."""
        scaled = self.div16 * (self.top + 1)
        return (16 * CLOCK_HZ + scaled // 2) // scaled

    def period_ns(self):
        """Length of a period."""
        return (self.top + 1) * self.div16 // 2

    def count_of_u16(self, duty_u16):
        """Counter steps for a duty of 0 to 65535."""
        return (duty_u16 * (self.top + 1) + 65535 // 2) // 65535

    def count_of_ns(self, duty_ns):
        """Counter steps for a time; ValueError when it is longer than a period can be."""
        count = duty_ns * 2 // self.div16
        if count > 65535:
            raise ValueError("duty larger than period")
        return count

    def duty_u16(self, channel):
        """The duty that came of it, 0 to 65535."""
        size = self.top + 1
        return min(65535, (channel.cc * 65535 + size // 2) // size)
