from kerb.apps import light
from kerb.system import schema
from kerb.system.timezone import Zone

BUSAN = (351800000, 1290800000)
_2026 = 9497  # days from 2000-01-01 to 2026-01-01
KST_S = 9 * 3600

DIMMED = {
    "schedule": [
        {"at": "22:00", "level_permille": 500},
        {"at": "00:00", "level_permille": 300},
        {"at": "05:00", "level_permille": 1000},
    ]
}
BRIGHT_MV, DARK_MV = 2500, 100


def make(doc=DIMMED, tz="KST-9", place=BUSAN):
    cfg, errors = schema.validate(light.SCHEMA, doc)
    assert errors == [] and light.check(cfg) == []
    return light.Light(cfg, place[0], place[1], Zone(tz))


def kst(hour, minute=0, day=_2026 + 100):
    """(day, second) UTC of a time in Busan."""
    second = hour * 3600 + minute * 60 - KST_S
    return day + second // 86400, second % 86400


def level_at(lamp, wall, uptime_s=0, sensor_mv=None):
    return lamp.step(uptime_s, wall, sensor_mv)[1]


def events_of(events, kind):
    return [values for name, values in events if name == kind]


def test_lamp_is_off_from_sunrise_to_sunset_and_on_otherwise():
    lamp = make({})
    assert level_at(lamp, kst(12)) == 0
    assert level_at(lamp, kst(18, 40)) == 0  # sunset is at 18:53 on 11 April
    assert level_at(lamp, kst(19, 0)) == 1000
    assert level_at(lamp, kst(3)) == 1000
    assert level_at(lamp, kst(5, 50)) == 1000  # sunrise is at 5:56
    assert level_at(lamp, kst(6, 5)) == 0


def test_schedule_dims_through_the_night_and_over_midnight():
    lamp = make()
    for hour, minute, level in (
        (19, 30, 1000),
        (21, 59, 1000),
        (22, 0, 500),
        (23, 59, 500),
        (0, 0, 300),
        (4, 59, 300),
        (5, 0, 1000),
    ):
        assert level_at(lamp, kst(hour, minute)) == level, (hour, minute)


def test_schedule_follows_the_clock_of_the_place_through_summer_time():
    berlin = (525200000, 134100000)
    lamp = make(tz="CET-1CEST,M3.5.0,M10.5.0/3", place=berlin)
    winter, summer = _2026 + 10, _2026 + 190
    assert level_at(lamp, (winter, 20 * 3600 + 59 * 60)) == 1000
    assert level_at(lamp, (winter, 21 * 3600)) == 500
    assert level_at(lamp, (summer, 19 * 3600 + 59 * 60)) in (0, 1000)
    assert level_at(lamp, (summer, 20 * 3600 + 1)) == 500


def test_civil_twilight_shortens_the_night():
    sunset, civil = make({}), make({"civil_twilight": True})
    assert level_at(sunset, kst(19, 5)) == 1000
    assert level_at(civil, kst(19, 5)) == 0
    assert level_at(civil, kst(19, 25)) == 1000


def test_lamp_goes_to_full_when_the_clock_is_lost_at_night():
    lamp = make()
    assert level_at(lamp, kst(1), sensor_mv=DARK_MV) == 300
    assert level_at(lamp, None, sensor_mv=DARK_MV) == 1000


def test_lamp_without_clock_follows_the_light_sensor():
    lamp = make()
    assert level_at(lamp, None, sensor_mv=BRIGHT_MV) == 0
    assert level_at(lamp, None, sensor_mv=DARK_MV) == 1000


def test_lamp_without_clock_and_sensor_is_full():
    assert level_at(make(), None) == 1000


def test_lamp_whose_sensor_dies_without_a_clock_goes_to_full():
    lamp = make()
    assert level_at(lamp, None, sensor_mv=BRIGHT_MV) == 0
    assert level_at(lamp, None, sensor_mv=None) == 1000


def test_light_sensor_that_sees_no_dark_for_20_hours_is_a_fault_and_full_light():
    lamp = make()
    events = []
    for hour in range(24):
        some, level = lamp.step(hour * 3600, None, 3300)
        events += events_of(some, "fault")
        assert level == (0 if hour < 20 else 1000), hour
    assert events == [{"part": "light_sensor", "reason": "out_of_range", "active": True}]
    some, _ = lamp.step(25 * 3600, None, DARK_MV)
    assert events_of(some, "fault")[0]["active"] is False


def test_command_sets_the_level_until_its_time_is_up():
    lamp = make()
    assert level_at(lamp, kst(1), 0) == 300
    values = {"id": 1, "level_permille": 800, "for_s": 600}
    assert lamp.command(10, "set_level", values) == ("ok", None)
    assert level_at(lamp, kst(1), 10) == 800
    assert level_at(lamp, kst(1, 9), 609) == 800
    assert level_at(lamp, kst(1, 10), 610) == 300


def test_command_counts_its_time_without_the_clock():
    lamp = make()
    lamp.command(0, "set_level", {"id": 1, "level_permille": 800, "for_s": 600})
    # The clock steps by ten years and is lost: the command still lasts ten minutes.
    assert level_at(lamp, (_2026 + 3650, 0), 300) == 800
    assert level_at(lamp, None, 599) == 800
    assert level_at(lamp, None, 600) == 1000


def test_clearing_the_command_returns_to_the_schedule_at_once():
    lamp = make()
    lamp.command(0, "set_level", {"id": 1, "level_permille": 800, "for_s": 600})
    assert level_at(lamp, kst(1), 1) == 800
    assert lamp.command(2, "clear_override", {"id": 2}) == ("ok", None)
    assert level_at(lamp, kst(1), 2) == 300


def test_schedule_by_command_replaces_all_steps():
    lamp = make()
    values = {"id": 1, "steps": [[23 * 60, 700]]}
    assert lamp.command(0, "set_schedule", values) == ("ok", None)
    assert level_at(lamp, kst(22, 30)) == 1000
    assert level_at(lamp, kst(4)) == 700


def test_schedule_with_two_levels_for_one_minute_is_refused_and_changes_nothing():
    lamp = make()
    values = {"id": 1, "steps": [[1320, 700], [1320, 200]]}
    assert lamp.command(0, "set_schedule", values)[0] == "refused"
    assert level_at(lamp, kst(23)) == 500


def test_command_of_another_app_is_unknown():
    assert make().command(0, "find_me", {"id": 1})[0] == "unknown"


def test_state_is_reported_when_level_or_reason_changes_and_not_otherwise():
    lamp = make()
    state = events_of(lamp.step(0, kst(23, 58), None)[0], "light_state")
    assert state == [{"level_permille": 500, "power_state": "low", "reason": "schedule"}]
    assert lamp.step(60, kst(23, 59), None)[0] == []
    state = events_of(lamp.step(120, kst(0), None)[0], "light_state")
    assert state == [{"level_permille": 300, "power_state": "low", "reason": "schedule"}]
    state = events_of(lamp.step(180, None, None)[0], "light_state")
    assert state == [{"level_permille": 1000, "power_state": "on", "reason": "clock_lost"}]


def test_energy_is_the_estimated_power_over_time_and_survives_long_gaps():
    lamp = make({"rated_power_mw": 1000000, "standby_power_mw": 10000})
    lamp.step(0, kst(20), None)
    power = events_of(lamp.step(7 * 3600, kst(3), None)[0], "light_power")[0]
    assert power["power_mw"] == 1010000
    assert power["energy_wh"] == 7 * 1010
    assert power["burn_s"] == 7 * 3600
    assert power["estimated"] is True


def test_power_is_reported_at_the_interval_of_the_config():
    lamp = make({"report_s": 600})
    times = []
    for uptime_s in range(0, 3600, 10):
        if events_of(lamp.step(uptime_s, kst(1), None)[0], "light_power"):
            times.append(uptime_s)
    assert times == [0, 600, 1200, 1800, 2400, 3000]


def test_a_year_in_busan_burns_4312_hours_and_the_schedule_saves_38_percent():
    # Check value from a double-precision computation of the same year: 4,312 h from sunset to
    # sunrise, 38.1 % saved against full power.
    doc = {"standby_power_mw": 0, "rated_power_mw": 100000, "report_s": 86400}
    dimmed, full = make(dict(doc, schedule=DIMMED["schedule"])), make(doc)
    energy_wh = []
    for lamp in (dimmed, full):
        for minute in range(0, 365 * 1440, 4):
            wall = (_2026 + minute // 1440, minute % 1440 * 60)
            lamp.step(minute * 60, wall, None)
        energy_wh.append(lamp._energy_wh)
        hours = lamp._burn_s / 3600
        assert abs(hours - 4312) < 3, hours
    saved = 1 - energy_wh[0] / energy_wh[1]
    assert abs(saved - 0.381) < 0.002, saved


def test_config_names_a_step_that_is_no_time_of_day_and_one_that_is_there_twice():
    for bad in ("24:00", "7:005", "ab:cd", "12-30", "-1:30"):
        cfg, errors = schema.validate(
            light.SCHEMA, {"schedule": [{"at": bad, "level_permille": 1}]}
        )
        assert errors == []
        assert bad in light.check(cfg)[0] and "schedule[0].at" in light.check(cfg)[0]
    twice = [{"at": "22:00", "level_permille": 1}] * 2
    cfg, _ = schema.validate(light.SCHEMA, {"schedule": twice})
    assert "schedule[1].at" in light.check(cfg)[0]
