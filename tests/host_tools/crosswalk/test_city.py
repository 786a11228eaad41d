"""What is known of a city's crosswalks from their events alone."""

from host_tools.crosswalk.city import City, table, totals

_REPORT = {
    "flashing": False,
    "by_button": 3,
    "by_track": 40,
    "by_presence": 0,
    "by_peer": 2,
    "flashing_s": 600,
    "pedestrians": 38,
    "cars": 120,
    "cars_flashing": 4,
    "car_speed_cm_s": 1100,
    "peer": "ok",
    "battery_mv": 12900,
    "charging": None,
    "dim_permille": 1000,
}


def _activation(reason="track", again=False, period_s=14):
    return {"reason": reason, "again": again, "waited_ms": 0, "period_s": period_s}


def _pole(city, now_s):
    (pole,) = city.snapshot(now_s)["poles"]
    return pole


def test_an_activation_flashes_for_its_period_and_each_more_extends_it():
    city = City()
    said = city.take_event(100, "a", "crosswalk_activation", _activation())
    assert said == "a flashes for 14 s: track"
    assert _pole(city, 113)["flashing"]
    said = city.take_event(110, "a", "crosswalk_activation", _activation("button", True))
    assert said == "a goes on for 14 s: button"
    assert _pole(city, 123)["flashing"]
    pole = _pole(city, 124)
    assert (pole["flashing"], pole["last_reason"], pole["last_s"]) == (False, "button", 14)
    assert pole["activations"] == 2


def test_an_event_that_waited_for_the_network_does_not_flash_now():
    city = City()
    city.take_event(100, "a", "crosswalk_activation", _activation(), ago_s=60)
    pole = _pole(city, 100)
    assert (pole["flashing"], pole["last_s"]) == (False, 60)


def test_counts_are_those_of_the_latest_report_and_unknown_before_it():
    city = City()
    city.take_event(1, "a", "crosswalk_activation", _activation())
    assert _pole(city, 2)["by_track"] is None
    city.take_event(3, "a", "crosswalk_report", _REPORT)
    pole = _pole(city, 4)
    assert (pole["by_track"], pole["cars_flashing"], pole["heard_s"]) == (40, 4, 1)
    assert not pole["flashing"]
    assert "dim_permille" not in pole


def test_faults_come_and_go_and_a_reboot_forgets_them():
    city = City()
    city.take_event(1, "a", "crosswalk_report", _REPORT)
    fault = {"part": "car_radar", "reason": "no_answer", "active": True}
    assert city.take_event(2, "a", "fault", fault) == "a: car radar no answer"
    assert _pole(city, 2)["faults"] == {"car_radar": "no_answer"}
    gone = fault | {"active": False}
    assert city.take_event(3, "a", "fault", gone) == "a: car radar is well again"
    assert _pole(city, 3)["faults"] is None  # it may have others from before
    city.take_event(4, "a", "fault", fault)
    assert city.take_event(5, "a", "boot", {}) == "a has started"
    assert _pole(city, 5)["faults"] == {}


def test_a_pole_that_is_offline_is_not_said_to_be_dark():
    city = City()
    city.take_event(1, "a", "crosswalk_report", _REPORT)
    assert city.take_availability("a", True) == "a is online"
    assert city.take_availability("a", True) is None
    assert city.take_availability("a", False) == "a is offline"
    assert _pole(city, 2)["flashing"] is None
    assert "offline" in table(city.snapshot(2))


def test_other_devices_and_no_json_are_no_pole():
    city = City()
    assert city.take_event(1, "lamp", "light_state", {"level_permille": 400}) is None
    fault = {"part": "lamp", "reason": "lamp_failure", "active": True}
    assert city.take_event(1, "lamp", "fault", fault) is None
    assert city.take_event(1, "b", "crosswalk_report", None) is None
    assert city.take_availability("lamp", True) is None
    assert city.snapshot(2)["poles"] == []
    assert table(city.snapshot(2)) == "no crosswalk was heard of: no broker"


def test_nonsense_in_an_event_ends_nothing():
    city = City()
    for document in ({}, {"period_s": "x"}, {"period_s": -1, "reason": None}, {"reason": ["x"]}):
        city.take_event(1, "a", "crosswalk_activation", document)
        city.take_event(1, "a", "fault", document)
    city.take_event(1, "a", "crosswalk_report", {"by_peer": None})
    shown = table(city.snapshot(2))
    assert shown.count("\n") == 1


def test_the_table_and_the_totals_say_it_all():
    city = City()
    city.connected = True
    for device in ("b", "a"):
        city.take_event(1, device, "crosswalk_report", _REPORT)
    city.take_event(2, "a", "crosswalk_activation", _activation("peer"))
    city.take_event(2, "b", "fault", {"part": "radar", "reason": "garbled", "active": True})
    lines = table(city.snapshot(4)).split("\n")
    assert [line.split()[0] for line in lines] == ["pole", "a", "b"]
    assert "flashing" in lines[1]
    assert "peer 2 s ago" in lines[1]
    assert "120 (4 while flashing)" in lines[1]
    assert lines[2].endswith("radar garbled")
    said = totals(city.snapshot(4))
    assert said == "2 poles, 1 flashing, 1 with a fault or offline; 1 activation seen"


def test_who_asks_while_it_flashes_hears_so_from_the_report_alone():
    city = City()
    city.take_event(100, "a", "crosswalk_report", _REPORT | {"flashing": True})
    pole = _pole(city, 105)
    assert (pole["flashing"], pole["flashing_left_s"]) == (True, None)
    assert "flashing, end unknown" in table(city.snapshot(105))
    assert "1 flashing," in totals(city.snapshot(105))
    city.take_event(106, "a", "crosswalk_activation", _activation())
    assert _pole(city, 110)["flashing_left_s"] == 10
    assert _pole(city, 120)["flashing"] is False
    city.take_event(130, "a", "crosswalk_report", _REPORT | {"flashing": True})
    assert _pole(city, 131)["flashing"] is True
    assert _pole(city, 1000)["flashing"] is None  # no period is so long, and nothing came since
    city.take_event(1001, "a", "crosswalk_report", _REPORT)
    assert _pole(city, 5000)["flashing"] is False


def test_what_was_not_heard_of_is_never_said_to_be_dark_or_without_faults():
    city = City()
    city.take_event(1, "a", "crosswalk_report", {"by_track": 4})
    pole = _pole(city, 2)
    assert pole["flashing"] is None and pole["faults"] is None
    row = table(city.snapshot(2)).split("\n")[1]
    assert row.split()[:5] == ["a", "?", "?", "?", "4"] and row.endswith("none heard")
    assert "0 flashing (1 not known)" in totals(city.snapshot(2))
    city.take_event(3, "a", "boot", {})
    assert _pole(city, 4)["faults"] == {} and _pole(city, 4)["flashing"] is False
    row = table(city.snapshot(4)).split("\n")[1]
    assert "dark" in row and row.endswith("none")
