"""The world around a virtual board: what is wired to its pins, and the hand on its power switch.

Used by tests in the same process. Times are of the world's clock: virtual unless real=True. See
README.md beside this file.
"""

# All parts of the chip load here and now: who gives a board its flash in place of this machine's
# disk has them in memory by then.
import sim.ap
import sim.irq
import sim.machine_adc
import sim.machine_mem
import sim.machine_pin
import sim.machine_pulse
import sim.machine_pwm
import sim.machine_time
import sim.machine_uart
import sim.net
import sim.pwm
import sim.rtc
import sim.uart  # noqa: F401
from sim import chip as _chip
from sim.chip import SUPPLY_MV, Chip, Reset, clear, current, exists  # noqa: F401
from sim.clock import Clock
from sim.vclock import VirtualClock

CAUSES = ("power_on", "watchdog", "soft", "hard", "deep_sleep", "brown_out")
# The rp2 port sets its RTC at every start of the chip, whatever the cause; a soft reset is none.
RTC_OF_RP2040 = ("soft",)
RTC_OF_ESP32 = ("soft", "hard", "watchdog", "deep_sleep")


class World(Chip):
    """One virtual board and what is around it. Making one makes it the current one.

    rtc_survives: the causes of a reset through which the RTC keeps its time, of CAUSES.
    floating_reads: reads of an input that neither a driver nor a pull holds.
    shorts: [(time_us, pin)] of each moment when two drivers disagreed.
    irq.lost: soft interrupts for which the scheduler had no room.
    """

    def __init__(
        self,
        real=False,
        start_ticks_ms=0,
        cause="power_on",
        unique_id=b"kerbhost",
        rtc_survives=RTC_OF_RP2040,
    ):
        clock = Clock(start_ticks_ms) if real else VirtualClock(start_ticks_ms)
        super().__init__(clock, cause, unique_id)
        self.rtc_survives = rtc_survives

    # time

    def now_us(self):
        """Microseconds since the world was made."""
        return self.clock.us()

    def now_ms(self):
        """Milliseconds since the world was made."""
        return self.clock.us() // 1000

    def at_ms(self, ms, fn, *args):
        """Calls fn(*args) at that time; gives a handle for cancel()."""
        return self.clock.at(ms * 1000, fn, *args)

    def after_ms(self, ms, fn, *args):
        """Calls fn(*args) that much later; gives a handle for cancel()."""
        return self.clock.after(ms * 1000, fn, *args)

    def after_us(self, us, fn, *args):
        """Calls fn(*args) that much later; gives a handle for cancel()."""
        return self.clock.after(us, fn, *args)

    def cancel(self, handle):
        """The event won't happen; None and past events are ignored."""
        self.clock.cancel(handle)

    def advance_ms(self, ms):
        """Lets time pass outside any task; events fire."""
        self.clock.sleep_us(ms * 1000)

    # pins

    def connect(self, pin_id, other_id):
        """Wires two pins together."""
        net, gone = self.pin(pin_id).net, self.pin(other_id).net
        if net is gone:
            return
        for state in gone.pins:
            state.net = net
            net.pins.append(state)
        net.watchers += gone.watchers
        net.edge_watchers += gone.edge_watchers
        net.pull |= gone.pull
        net.drive = gone.drive if net.drive is None else net.drive
        net.update()

    def level(self, pin_id):
        """0 or 1 as a voltmeter would decide it now; a floating net gives 0."""
        return self.pin(pin_id).net.resolve()[0]

    def is_floating(self, pin_id):
        """True when neither a driver nor a pull holds the pin."""
        return self.pin(pin_id).net.resolve()[1]

    def watch(self, pin_id, fn, pwm_edges=False):
        """Calls fn(level, time_us) at each edge; those of a PWM too, at its cost, if asked for."""
        net = self.pin(pin_id).net
        net.watchers.append(fn)
        net.edge_watchers += pwm_edges
        net.update()

    # PWM and analogue

    def pwm(self, pin_id):
        """(freq_hz, high part of the period as 0 to 65535), or None when it is no PWM output."""
        state = self.pin(pin_id)
        if state.pwm is None:
            return None
        return state.pwm.slice.freq_hz(), state.pwm.high_u16()

    def average_mv(self, pin_id):
        """What a filter behind the pin would hold: level or PWM duty, as millivolts."""
        pwm = self.pwm(pin_id)
        if pwm is None:
            return self.level(pin_id) * SUPPLY_MV
        return pwm[1] * SUPPLY_MV // 65535

    # the power switch

    def reboot(self, cause="power_on", start_ticks_ms=0):
        """The board starts again: parts as after a reset, the RTC kept or not by rtc_survives."""
        if cause not in CAUSES:
            raise ValueError("unknown reset cause " + cause)
        self.cause = cause
        for timer in list(self.timers):
            timer.deinit()
        if self.watchdog is not None:
            self.watchdog.stop()
        for line in self._uarts.values():
            line.close()
        for state in self._pins.values():
            state.clear()
            state.net.update()
        self.irq.forget()
        self.network.board_reset()
        if cause not in self.rtc_survives:
            self.rtc.forget()
        if cause in ("power_on", "brown_out"):
            self.scratch.clear()
        self.clock.restart(start_ticks_ms)


_chip.make_default = lambda: World(real=True)
