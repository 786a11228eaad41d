"""machine.PWM, quantised as the RP2040's."""

from sim import chip, net
from sim.machine_pin import resolve


class PWM:
    """A PWM output. Its two-pin slice has one frequency: the last one set counts for both."""

    def __init__(self, dest, *, freq=None, duty_u16=None, duty_ns=None, invert=None):
        self._world = chip.current()
        self._id = resolve(dest)
        self._state = self._world.pin(self._id)
        self._slice = self._world.pwm_slice(self._id)
        self._channel = net.Channel(self._slice)
        self._slice.channels[self._id & 1] = self
        self._duty = None  # what was asked for: (how, value)
        self._told = None
        self._state.mode = net.ALT
        self._state.pwm = self._channel
        self.init(freq=freq, duty_u16=duty_u16, duty_ns=duty_ns, invert=invert)

    def init(self, *, freq=None, duty_u16=None, duty_ns=None, invert=None):
        """Sets what is given."""
        if invert is not None:
            self._channel.inverted = bool(invert)
        if freq is not None:
            self.freq(freq)
        if duty_u16 is not None:
            self.duty_u16(duty_u16)
        elif duty_ns is not None:
            self.duty_ns(duty_ns)
        else:
            self._changed()

    def deinit(self):
        """Stops the slice where it stands: the output keeps its level, which may be high."""
        self._slice.stopped_us = self._world.clock.us()
        self._tell(0)
        self._update()

    def freq(self, *hz):
        """The frequency that the slice really has, or sets it; ValueError out of range."""
        slice_ = self._slice
        if not hz:
            return slice_.freq_hz()
        slice_.set_freq(hz[0])
        slice_.freq_set = True
        for pwm in slice_.channels:
            if pwm is not None:
                pwm._set_count()
                pwm._changed()

    def duty_u16(self, *duty):
        """The duty as quantised by the slice, 0 to 65535, or sets it."""
        if not duty:
            return self._slice.duty_u16(self._channel)
        self._set_duty("u16", duty[0])

    def duty_ns(self, *duty):
        """The time at high level in nanoseconds, or sets it; ValueError when too long."""
        if not duty:
            return self._channel.cc * self._slice.div16 // 2
        self._set_duty("ns", duty[0])

    def _set_duty(self, how, value):
        if not isinstance(value, int):
            raise TypeError("can't convert %s to int" % type(value).__name__)
        self._duty = (how, value)
        self._set_count()
        self._changed()

    def _set_count(self):
        if self._duty is not None:
            how, value = self._duty
            if how == "u16":
                count = self._slice.count_of_u16(value)
            else:
                count = self._slice.count_of_ns(value)
            self._channel.cc = count & 0xFFFF

    def _changed(self):
        if self._slice.freq_set and self._duty is not None:
            self._slice.stopped_us = None
            self._tell(self.freq())
        self._update()

    def _tell(self, freq_hz):
        now = (freq_hz, self._channel.high_u16())
        if now != self._told:
            self._told = now
            self._world.tell("pwm", self._id, *now)

    def _update(self):
        if self._world.pin(self._id).pwm is self._channel:
            self._state.net.update()
