from kerb.apps import sun
from kerb.apps.dusk import DeepNight, Dusk

DARK_MV = 400
LIT, DIM, BLACK = 600, 450, 100


def looked(dusk, readings, start_s=0):
    """What `dusk` says at each of the readings, one a second."""
    said = []
    for at, mv in enumerate(readings):
        dusk.look(start_s + at, mv)
        said.append(dusk.bright)
    return said


def switches(said):
    return sum(said[at] != said[at - 1] for at in range(1, len(said)))


def test_the_first_reading_is_believed_at_once():
    assert looked(Dusk(DARK_MV), [LIT]) == [True]
    assert looked(Dusk(DARK_MV), [BLACK]) == [False]


def test_dark_counts_at_once_and_bright_after_a_minute():
    said = looked(Dusk(DARK_MV), [LIT] * 10 + [BLACK] * 10 + [LIT] * 100)
    assert said[:10] == [True] * 10
    assert said[10:80] == [False] * 70
    assert said[80:] == [True] * 40


def test_readings_between_the_thresholds_change_nothing():
    said = looked(Dusk(DARK_MV), [LIT, DIM, DIM, BLACK, DIM] + [LIT] * 59 + [DIM] + [LIT] * 61)
    assert said[:3] == [True] * 3
    assert not any(said[3:-1])
    assert said[-1]


def test_headlights_at_night_do_not_count_as_day():
    readings = ([BLACK] * 40 + [LIT] * 20) * 60
    assert not any(looked(Dusk(DARK_MV), readings))


def test_dusk_that_wavers_around_the_threshold_switches_once():
    readings = [500 - at // 10 + 30 * (at % 2) for at in range(3000)]
    said = looked(Dusk(DARK_MV), [LIT] * 200 + readings)
    assert switches(said) == 1


def test_lamp_that_shines_on_its_own_sensor_stays_on_but_for_a_second_in_two_hours():
    dusk = Dusk(DARK_MV)
    lamp_is_on = True
    off_s = 0
    for second in range(8 * 3600):
        dusk.look(second, 300 + (500 if lamp_is_on and second else 0))
        lamp_is_on = not dusk.bright
        off_s += not lamp_is_on
    assert off_s <= 5


def test_sensor_that_saw_no_dark_for_20_hours_is_not_believed_until_it_does():
    dusk = Dusk(DARK_MV)
    for minute in range(30 * 60):
        dusk.look(minute * 60, 3300)
        assert dusk.bright is (minute < 20 * 60 - 1)
        assert dusk.stuck is not dusk.bright
    dusk.look(30 * 3600, BLACK)
    assert not dusk.stuck
    for second in range(61):
        dusk.look(30 * 3600 + 1 + second, LIT)
    assert dusk.bright


def test_sensor_without_a_reading_counts_as_dark():
    assert looked(Dusk(DARK_MV), [LIT, None, LIT]) == [True, False, False]


def test_midnight_sun_is_no_stuck_sensor_while_the_clock_says_day():
    dusk = Dusk(DARK_MV)
    for hour in range(60 * 24):
        dusk.look(hour * 3600, 2500, False)
        assert dusk.bright and not dusk.stuck
    # The clock is lost: who knows which day it is.
    dusk.look(60 * 24 * 3600, 2500)
    assert dusk.stuck and not dusk.bright


def test_sensor_that_is_stuck_in_the_night_stays_so_through_the_day_of_the_clock():
    dusk = Dusk(DARK_MV)
    for hour in range(96):
        dusk.look(hour * 3600, 2500, not 6 <= hour % 24 < 18)
        assert dusk.stuck is (hour >= 1), hour


def test_sensor_that_was_bright_in_the_clocks_night_is_not_believed_without_a_clock_either():
    dusk = Dusk(DARK_MV)
    dusk.look(0, LIT, False)
    dusk.look(3600, LIT, True)
    assert dusk.stuck and not dusk.bright
    for minute in range(60):
        dusk.look(7200 + minute * 60, LIT)
        assert dusk.stuck and not dusk.bright
    dusk.look(14400, BLACK)
    assert not dusk.stuck


def test_headlights_that_stand_before_the_sensor_for_minutes_of_the_night_are_no_fault():
    dusk = Dusk(DARK_MV)
    dusk.look(0, BLACK, True)
    for second in range(1, 590):
        dusk.look(second, LIT, True)
        assert not dusk.stuck


def test_night_is_deep_between_the_moments_nine_degrees_below_and_never_in_a_white_one():
    places = ((351800000, 1290800000), (696500000, 189600000))
    busan, tromso = [DeepNight(*place) for place in places]
    june, december = 9497 + 171, 9497 + 354
    assert busan.at((june, 54000)) and busan.at((december, 54000))  # midnight there
    assert not busan.at((june, 10800)) and not busan.at((december, 10800))
    assert not any(tromso.at((june, hour * 3600)) for hour in range(24))
    assert tromso.at((december, 79200))
    for day in range(9497, 9497 + 365):
        rise_s, set_s = sun.events(day, *places[0], zenith_cdeg=9900)
        for at_s, night in ((rise_s, False), (set_s, True)):
            assert busan.at((day + at_s // 86400, at_s % 86400)) is night
            at_s -= 1
            assert busan.at((day + at_s // 86400, at_s % 86400)) is not night
