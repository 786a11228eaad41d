import asyncio
import time

import machine
import vtime
import world
from machine import PWM, RTC, WDT, Pin, Timer
from support.raised import raised


def test_a_periodic_timer_keeps_its_period_and_a_one_shot_fires_once():
    w = world.World()
    seen = []
    periodic = Timer(period=40, callback=lambda t: seen.append(("p", w.now_ms())))
    Timer(mode=Timer.ONE_SHOT, period=50, callback=lambda t: seen.append(("o", w.now_ms())))
    time.sleep_ms(130)
    periodic.deinit()
    time.sleep_ms(100)
    assert seen == [("p", 40), ("o", 50), ("p", 80), ("p", 120)]


def test_a_timer_takes_a_frequency_and_can_be_set_anew():
    w = world.World()
    seen = []
    timer = Timer()
    timer.init(freq=1000, callback=lambda t: seen.append(w.now_us()))
    time.sleep_us(2500)
    timer.init(freq=2000, callback=lambda t: seen.append(w.now_us()))
    time.sleep_us(1100)
    assert seen == [1000, 2000, 3000, 3500]
    raised(ValueError, Timer, 9)
    raised(ValueError, timer.init, mode=Timer.ONE_SHOT)


def test_a_hard_timer_fires_inside_another_event_and_a_soft_one_after_it():
    w = world.World()
    seen = []

    class Tick:
        def __init__(self):
            self.count = 0

        def call(self, timer):
            self.count += 1

    tick = Tick()
    Timer(period=5, callback=tick.call, hard=True)
    Timer(period=5, callback=lambda t: seen.append(w.now_ms()))

    def slow():
        time.sleep_ms(20)
        seen.append(("hard", tick.count))

    w.at_ms(1, slow)
    time.sleep_ms(22)
    assert seen == [("hard", 4), 21, 21, 21, 21]


def test_a_watchdog_that_is_fed_lets_the_board_run_and_bites_when_it_is_not():
    w = world.World()

    async def main():
        dog = WDT(timeout=1000)
        for _ in range(5):
            await asyncio.sleep_ms(900)
            dog.feed()
        await asyncio.sleep_ms(5000)

    reset = raised(world.Reset, vtime.run, main(), w)
    assert reset.cause == "watchdog"
    assert w.now_ms() == 5 * 900 + 1000


def test_the_watchdog_bites_a_board_that_blocks():
    w = world.World()
    WDT(timeout=8388)
    raised(world.Reset, time.sleep_ms, 9000)
    assert w.now_ms() == 8388


def test_a_reset_ends_the_run_wherever_it_happens():
    async def in_a_task():
        async def task():
            await asyncio.sleep_ms(10)
            try:
                machine.reset()
            except Exception:
                pass

        other = asyncio.create_task(task())
        await asyncio.sleep_ms(1000)
        await other

    async def blocked():
        async def task():
            WDT(timeout=100)
            time.sleep_ms(1000)

        other = asyncio.create_task(task())
        await asyncio.sleep_ms(2000)
        await other

    for main, cause, when_ms in ((in_a_task, "hard", 10), (blocked, "watchdog", 100)):
        w = world.World()
        assert raised(world.Reset, vtime.run, main(), w).cause == cause
        assert w.now_ms() == when_ms


def test_a_dead_board_stays_dead_until_it_is_rebooted():
    w = world.World()
    raised(world.Reset, machine.soft_reset)
    raised(world.Reset, time.sleep_ms, 1)
    w.reboot("soft")
    time.sleep_ms(1)
    assert machine.reset_cause() == machine.SOFT_RESET


def test_the_watchdog_refuses_what_the_chip_can_not_do():
    world.World()
    for timeout in (0, -1, 8389):
        raised(ValueError, WDT, timeout=timeout)
    raised(ValueError, WDT, 1)


def test_a_reboot_leaves_no_pin_timer_or_watchdog_running():
    w = world.World()
    seen = []
    Pin(1, Pin.OUT, value=1)
    Pin(2, Pin.IN, Pin.PULL_UP).irq(seen.append)
    PWM(Pin(3), freq=100, duty_u16=65535)
    Timer(period=10, callback=seen.append)
    WDT(timeout=100)
    raised(world.Reset, machine.reset)
    w.reboot("hard")
    assert w.is_floating(1) and w.is_floating(2) and w.pwm(3) is None
    w.drive(2, 0)
    time.sleep_ms(500)
    assert seen == []
    assert machine.reset_cause() == machine.HARD_RESET


def test_a_reboot_switches_interrupts_on_again_and_forgets_those_that_waited():
    w = world.World()
    seen = []
    Pin(2, Pin.IN, Pin.PULL_UP).irq(seen.append)
    machine.disable_irq()
    w.drive(2, 0)
    w.reboot("hard")
    Pin(3, Pin.IN, Pin.PULL_UP).irq(lambda pin: seen.append(pin.id))
    w.drive(3, 0)
    assert seen == [3]


def test_ticks_begin_anew_with_a_reboot_and_the_clock_on_the_wall_goes_on():
    w = world.World(rtc_survives=world.RTC_OF_ESP32)
    RTC().datetime((2026, 11, 22, 0, 23, 59, 58, 0))
    time.sleep_ms(1500)
    w.reboot("watchdog")
    assert time.ticks_ms() == 0
    time.sleep_ms(1500)
    assert time.ticks_ms() == 1500
    assert RTC().datetime() == (2026, 11, 23, 0, 0, 0, 1, 0)
    assert machine.reset_cause() == machine.WDT_RESET


def test_the_rtc_forgets_when_the_power_goes():
    w = world.World()
    assert RTC().datetime() == (2021, 1, 1, 4, 0, 0, 0, 0)
    RTC().datetime((2026, 11, 22, 0, 12, 0, 0, 0))
    w.reboot("power_on")
    time.sleep_ms(61_000)
    assert RTC().datetime() == (2021, 1, 1, 4, 0, 1, 1, 0)
    assert machine.reset_cause() == machine.PWRON_RESET


def test_the_rtc_of_an_rp2040_forgets_in_every_reset_but_a_soft_one():
    for cause in world.CAUSES:
        w = world.World()
        w.rtc.set_day_second(9822, 0)
        w.reboot(cause)
        assert (w.rtc.day_second() == (9822, 0)) == (cause == "soft"), cause


def test_the_rtc_of_an_esp32_forgets_only_without_power():
    for cause in world.CAUSES:
        w = world.World(rtc_survives=world.RTC_OF_ESP32)
        w.rtc.set_day_second(9822, 0)
        w.reboot(cause)
        forgets = cause in ("power_on", "brown_out")
        assert (w.rtc.day_second() == (9822, 0)) != forgets, cause


def test_the_rtc_knows_leap_years_and_weekdays():
    world.World()
    rtc = RTC()
    for before, after in (
        ((2028, 2, 28, 0, 23, 59, 59, 0), (2028, 2, 29, 1, 0, 0, 0, 0)),
        ((2027, 2, 28, 0, 23, 59, 59, 0), (2027, 3, 1, 0, 0, 0, 0, 0)),
        ((2028, 12, 31, 0, 23, 59, 59, 0), (2029, 1, 1, 0, 0, 0, 0, 0)),
        ((2026, 12, 31, 0, 23, 59, 59, 0), (2027, 1, 1, 4, 0, 0, 0, 0)),
        ((2099, 12, 31, 0, 23, 59, 59, 0), (2100, 1, 1, 4, 0, 0, 0, 0)),
    ):
        rtc.datetime(before)
        time.sleep_ms(1000)
        assert rtc.datetime() == after


def test_the_rtc_refuses_dates_that_are_none():
    world.World()
    rtc = RTC()
    for when in (
        (2027, 2, 29, 0, 0, 0, 0, 0),
        (2027, 13, 1, 0, 0, 0, 0, 0),
        (2027, 1, 1, 0, 24, 0, 0, 0),
        (1999, 1, 1, 0, 0, 0, 0, 0),
    ):
        raised(OSError, rtc.datetime, when)
    raised(ValueError, rtc.datetime, (2027, 1, 1))
    assert rtc.datetime()[:3] == (2021, 1, 1)


def test_the_world_sets_the_rtc_in_days_and_seconds():
    w = world.World()
    w.rtc.set_day_second(9822, 45296)
    assert RTC().datetime() == (2026, 11, 22, 6, 12, 34, 56, 0)
    assert w.rtc.day_second() == (9822, 45296)


def test_deep_sleep_says_how_long_and_the_board_starts_again_by_the_world():
    w = world.World()
    reset = raised(world.Reset, machine.deepsleep, 30_000)
    assert (reset.cause, reset.sleep_ms) == ("deep_sleep", 30_000)
    w.reboot(reset.cause)
    assert machine.reset_cause() == machine.DEEPSLEEP_RESET
    raised(ValueError, w.reboot, "boredom")


def test_light_sleep_takes_its_time_and_serves_interrupts():
    w = world.World()
    seen = []
    Pin(1, Pin.IN, Pin.PULL_UP).irq(lambda p: seen.append(w.now_ms()), Pin.IRQ_FALLING)
    w.after_ms(10, w.drive, 1, 0)
    machine.lightsleep(50)
    assert seen == [10]
    assert w.now_ms() == 50


def test_the_chip_has_a_number_and_a_clock():
    world.World(unique_id=b"\x01\x02")
    assert machine.unique_id() == b"\x01\x02"
    assert machine.freq() == 125_000_000
    raised(ValueError, machine.freq, 1)
