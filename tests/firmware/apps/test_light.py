from kerb.apps import light
from kerb.devices import light as device
from kerb.system import schema
from kerb.system.counters import Counters
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


class Store:
    def get(self, name):
        return None

    def put(self, name, data):
        return True


def make(doc=DIMMED, tz="KST-9", place=BUSAN, start_permille=None):
    cfg, errors = schema.validate(device.schema(), doc)
    assert errors == [] and device.check(cfg) == []
    counters = Counters(Store(), "energy", 3)
    return light.Light(cfg, place[0], place[1], Zone(tz), counters, "power_on", start_permille)


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
    assert lamp.command(10, None, "set_level", values) == ("ok", None)
    assert level_at(lamp, kst(1), 10) == 800
    assert level_at(lamp, kst(1, 9), 609) == 800
    assert level_at(lamp, kst(1, 10), 610) == 300


def test_command_counts_its_time_without_the_clock():
    lamp = make()
    lamp.command(0, None, "set_level", {"id": 1, "level_permille": 800, "for_s": 600})
    # The clock steps by ten years and is lost: the command still lasts ten minutes.
    assert level_at(lamp, (_2026 + 3650, 0), 300) == 800
    assert level_at(lamp, None, 599) == 800
    assert level_at(lamp, None, 600) == 1000


def test_clearing_the_command_returns_to_the_schedule_at_once():
    lamp = make()
    lamp.command(0, None, "set_level", {"id": 1, "level_permille": 800, "for_s": 600})
    assert level_at(lamp, kst(1), 1) == 800
    assert lamp.command(2, None, "clear_override", {"id": 2}) == ("ok", None)
    assert level_at(lamp, kst(1), 2) == 300


def test_schedule_by_command_replaces_all_steps():
    lamp = make()
    values = {"id": 1, "steps": [["clock", 23 * 60, 700]]}
    assert lamp.command(0, None, "set_schedule", values) == ("ok", None)
    assert level_at(lamp, kst(22, 30)) == 1000
    assert level_at(lamp, kst(4)) == 700


def test_schedule_with_two_levels_for_one_minute_is_refused_and_changes_nothing():
    lamp = make()
    values = {"id": 1, "steps": [["clock", 1320, 700], ["clock", 1320, 200]]}
    assert lamp.command(0, None, "set_schedule", values)[0] == "refused"
    assert level_at(lamp, kst(23)) == 500


def test_command_of_another_app_is_unknown():
    assert make().command(0, None, "find_me", {"id": 1})[0] == "unknown"


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


def test_level_of_before_the_start_is_held_until_the_network_may_have_brought_the_time():
    lamp = make(start_permille=300)
    assert lamp.step(0, None, DARK_MV)[1] == 300
    assert lamp.reason == "starting"
    assert level_at(lamp, kst(23), 20, DARK_MV) == 500
    lamp = make(start_permille=300)
    assert level_at(lamp, None, light.START_S - 1, DARK_MV) == 300
    assert level_at(lamp, None, light.START_S, DARK_MV) == 1000


def test_level_of_before_the_start_does_not_light_the_day():
    lamp = make(start_permille=300)
    assert level_at(lamp, None, 0, BRIGHT_MV) == 0


def nights(lamp, count, dark_s=12 * 3600, uptime_s=0):
    """Lets days and nights go by without a clock, the day first; gives the uptime at the end."""
    for _ in range(count):
        for mv, length_s in ((BRIGHT_MV, 86400 - dark_s), (DARK_MV, dark_s)):
            for _ in range(0, length_s, 60):
                lamp.step(uptime_s, None, mv)
                uptime_s += 60
    return uptime_s


def test_lamp_without_clock_dims_by_virtual_midnight_once_it_has_seen_three_nights():
    doc = {"schedule": [{"at": "midnight-60", "level_permille": 400}]}
    lamp = make(doc)
    uptime_s = nights(lamp, 4)
    levels = []
    for mv, length_s in ((BRIGHT_MV, 12 * 3600), (DARK_MV, 12 * 3600)):
        for _ in range(0, length_s, 300):
            levels.append((lamp.step(uptime_s, None, mv)[1], lamp.reason))
            uptime_s += 300
    # Twelve hours of night, its middle six hours after dusk.
    night = levels[144:]
    assert set(night[:59]) == {(1000, "virtual_midnight")}
    assert set(night[62:]) == {(400, "virtual_midnight")}


def test_stuck_sensor_is_believed_no_longer_than_the_days_last_that_the_light_has_learned():
    lamp = make({})
    uptime_s = nights(lamp, 4, dark_s=14 * 3600)
    dark_after_s = None
    for second in range(0, 15 * 3600, 60):
        level = lamp.step(uptime_s + second, None, BRIGHT_MV)[1]
        if level == 0:
            dark_after_s = second
    # Days of ten hours, and one more.
    assert 11 * 3600 - 120 <= dark_after_s <= 11 * 3600 + 120


def test_whoever_is_seen_at_night_raises_the_level_and_it_falls_after_the_hold_time():
    doc = dict(DIMMED, presence={"level_permille": 900, "hold_s": 60})
    lamp = make(doc)
    assert level_at(lamp, kst(1), 0) == 300
    assert lamp.step(10, kst(1), None, True)[1] == 900 and lamp.reason == "presence"
    assert lamp.step(20, kst(1), None, False)[1] == 900
    assert lamp.step(69, kst(1), None, False)[1] == 900
    assert lamp.step(71, kst(1), None, False)[1] == 300 and lamp.reason == "schedule"
    assert lamp.step(80, kst(12), None, True)[1] == 0


def test_presence_by_command_is_as_good_as_seen_and_unknown_to_a_lamp_without_presence():
    lamp = make(dict(DIMMED, presence={"level_permille": 900}))
    assert lamp.command(5, kst(1), "presence", {"id": 1, "issued_s": None}) == ("ok", None)
    assert level_at(lamp, kst(1), 6) == 900
    result = make().command(5, kst(1), "presence", {"id": 1, "issued_s": None})
    assert result == ("unknown", "not_supported")


def test_presence_by_command_counts_from_when_it_was_given_and_not_once_that_is_over():
    now_s = (_2026 + 99) * 86400 + 57600  # 01:00 in Busan
    doc = dict(DIMMED, presence={"level_permille": 900, "hold_s": 60})
    for ago_s, lit_s in ((-100, 60), (0, 60), (20, 40), (59, 1), (60, 0), (86400, 0)):
        lamp = make(doc)
        values = {"id": 1, "issued_s": now_s - ago_s}
        answer = ("ok", None) if lit_s else ("refused", "expired")
        assert lamp.command(5, kst(1), "presence", values) == answer, ago_s
        for second in (0, 1, 39, 40, 59, 60):
            level = level_at(lamp, kst(1), 5 + second)
            assert level == (900 if second < lit_s else 300), (ago_s, second)
    # An older word does not shorten what a newer one has asked for.
    lamp = make(doc)
    lamp.command(5, kst(1), "presence", {"id": 1, "issued_s": None})
    lamp.command(6, kst(1), "presence", {"id": 2, "issued_s": now_s - 50})
    assert level_at(lamp, kst(1), 64) == 900
    # Without a clock nobody can tell how old it is.
    lamp = make(doc)
    assert lamp.command(5, None, "presence", {"id": 1, "issued_s": now_s - 600}) == ("ok", None)


def test_level_of_before_a_start_is_raised_for_whoever_is_seen_too():
    lamp = make(dict(DIMMED, presence={"level_permille": 900, "hold_s": 60}), start_permille=300)
    assert level_at(lamp, None, 0, DARK_MV) == 300
    assert lamp.step(1, None, DARK_MV, True)[1] == 900 and lamp.reason == "presence"
    assert lamp.step(62, None, DARK_MV, False)[1] == 300 and lamp.reason == "starting"


def test_level_by_command_is_not_raised_by_presence():
    lamp = make(dict(DIMMED, presence={"level_permille": 900}))
    lamp.command(0, kst(1), "set_level", {"id": 1, "level_permille": 200, "for_s": 600})
    assert lamp.step(1, kst(1), None, True)[1] == 200


def test_lamp_that_is_too_hot_is_dimmed_and_says_so_once():
    lamp = make({"thermistor": True})
    faults = []
    for second in range(0, 1800, 10):
        some, level = lamp.step(second, kst(1), None, temperature_cdeg=8500)
        faults += events_of(some, "fault")
    assert faults == [{"part": "lamp", "reason": "over_temperature", "active": True}]
    # Half the way from 75 to 95 degrees: half the way from full to the floor of 300.
    assert 640 <= level <= 660 and lamp.reason == "derated"


def test_young_lamp_is_driven_less_than_the_level_that_is_reported():
    lamp = make({"clo": [{"hours": 0, "permille": 800}, {"hours": 1000, "permille": 1000}]})
    events, drive = lamp.step(0, kst(1), None)
    assert drive == 800
    assert events_of(events, "light_state")[0]["level_permille"] == 1000


def test_level_that_the_output_cannot_give_is_reported_and_counted_as_it_comes_out():
    for doc, level in (
        ({"output": "relay"}, 1000),
        ({"output": "analog"}, 300),
        ({"output": "analog", "on_level_permille": 50, "schedule": []}, 100),
        ({"min_level_permille": 400}, 400),
    ):
        lamp = make(dict(DIMMED, **doc))
        events, drive = lamp.step(0, kst(1), None)
        assert drive == level
        assert events_of(events, "light_state")[0]["level_permille"] == level
        assert events_of(events, "light_power")[0]["power_mw"] == 500 + 60 * level
        assert lamp.step(60, kst(12), None)[1] == 0


def test_of_two_commands_the_one_given_later_holds_whichever_comes_first():
    now_s = (_2026 + 99) * 86400 + 57600  # 01:00 in Busan
    early = {"id": 1, "level_permille": 800, "for_s": 3600, "issued_s": now_s - 60}
    late = {"id": 2, "level_permille": 100, "for_s": 3600, "issued_s": now_s - 30}
    for first, second, answer in ((early, late, "ok"), (late, early, "refused")):
        lamp = make()
        assert lamp.command(0, kst(1), "set_level", first)[0] == "ok"
        assert lamp.command(1, kst(1), "set_level", second)[0] == answer
        assert level_at(lamp, kst(1), 2) == 100


def test_schedule_given_earlier_does_not_replace_one_given_later():
    now_s = (_2026 + 99) * 86400 + 57600
    steps = [["clock", 1320, 700]]
    lamp = make()
    late = {"id": 1, "steps": steps, "issued_s": now_s}
    assert lamp.command(0, kst(1), "set_schedule", late) == ("ok", None)
    early = {"id": 2, "issued_s": now_s - 1}
    assert lamp.command(1, kst(1), "clear_schedule", early) == ("refused", "superseded")
    assert level_at(lamp, kst(1), 2) == 700
    assert lamp.command(3, kst(1), "clear_schedule", {"id": 3, "issued_s": None})[0] == "ok"
    assert level_at(lamp, kst(1), 4) == 300


def test_presence_sensor_that_never_rests_is_a_fault():
    lamp = make(dict(DIMMED, presence={"stuck_s": 600}))
    faults = []
    for second in range(0, 700, 10):
        faults += events_of(lamp.step(second, kst(1), None, True)[0], "fault")
    assert faults == [{"part": "presence", "reason": "stuck", "active": True}]


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
        energy_wh.append(lamp.energy.energy_wh)
        hours = lamp.energy.burn_s / 3600
        assert abs(hours - 4312) < 3, hours
    saved = 1 - energy_wh[0] / energy_wh[1]
    assert abs(saved - 0.381) < 0.002, saved
