import time

import world
from kerb.hal.watchdog import Watchdog
from support.raised import raised


def bitten_at(w, sleep_ms):
    assert raised(world.Reset, time.sleep_ms, sleep_ms).cause == "watchdog"
    return w.now_ms()


def test_it_starts_at_once():
    w = world.World()
    Watchdog(3000)
    assert bitten_at(w, 9000) == 3000


def test_feeding_begins_its_time_anew():
    w = world.World()
    dog = Watchdog(3000)
    for _ in range(4):
        time.sleep_ms(2000)
        dog.feed()
    assert bitten_at(w, 9000) == 11_000


def test_a_time_that_the_chip_can_not_do_is_refused():
    world.World()
    raised(ValueError, Watchdog, 8389)


def test_hold_feeds_for_its_time_and_then_the_board_resets():
    w = world.World()
    Watchdog(3000).hold(900)
    assert 900_000 < bitten_at(w, 1_000_000) <= 903_000


def test_a_new_hold_replaces_the_old_one_and_none_ends_it():
    w = world.World()
    dog = Watchdog(3000)
    dog.hold(900)
    time.sleep_ms(10_000)
    dog.hold(20)
    time.sleep_ms(5_500)
    dog.hold(0)
    assert bitten_at(w, 10_000) == 18_500
