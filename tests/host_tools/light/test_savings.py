"""`kerb light savings`: the year's hours and energy under a schedule, against full light."""

import json

import pytest

from host_tools import cli, config_files, exits
from host_tools.light import inputs, savings

BUSAN = (35.18, 129.08, "KST-9")
STEPS = "22:00=50% 00:00=30% 05:00=100%"
TIMES = ["--lat", "35.18", "--lon", "129.08", "--tz", "KST-9", "--year", "2026"]


def _result(schedule, place=BUSAN, year=2026, twilight=None, sample_min=None):
    plan = inputs.read(schedule, *place, twilight)
    return savings.Year(plan, year, sample_min).result(60)


def _kerb(capsys, *args):
    code = cli.main(["light", "savings", *map(str, args)])
    return code, *capsys.readouterr()


def test_busan_saves_what_the_check_value_says():
    # The value was reckoned in samples: 4,312 h, 38.1 %, and 45.5 % switched at civil twilight.
    official = _result(STEPS, sample_min=10)
    assert round(official["sunset_to_sunrise_h"]) == 4312
    assert official["saved_percent"] == 38.1
    civil = _result(STEPS, twilight="civil", sample_min=10)
    assert civil["saved_percent"] == 45.5
    assert civil["full_kwh"] == official["full_kwh"]


def test_to_the_second_busan_saves_the_same_but_for_a_tenth_of_a_percent():
    official = _result(STEPS)
    assert abs(official["sunset_to_sunrise_h"] - 4312) < 1
    assert official["saved_percent"] == 38.1
    assert abs(_result(STEPS, twilight="civil")["saved_percent"] - 45.5) < 0.15


def test_full_light_saves_nothing_and_half_light_the_half():
    full = _result("22:00=100%")
    assert full["saved_percent"] == 0
    assert full["dimmed_kwh"] == full["full_kwh"] == pytest.approx(4312.9 * 0.06, abs=0.05)
    half = _result("sunset-60=50%")
    assert half["saved_percent"] == 50
    assert half["hours_at_level"] == {"50 %": half["sunset_to_sunrise_h"]}


def test_months_add_up_to_the_year():
    for year in (2026, 2028):
        result = _result(STEPS, (50.73, 7.1, "CET-1CEST,M3.5.0,M10.5.0/3"), year)
        for key in ("sunset_to_sunrise_h", "burning_h", "full_kwh", "dimmed_kwh"):
            total = sum(month[key] for month in result["months"])
            assert total == pytest.approx(result[key], abs=0.7), key


def test_hours_at_a_clock_time_do_not_shift_with_summer_time():
    # From 01:00 to 05:00 it is dark in Madrid all year, but for the hour that March leaves out
    # and with the hour that October has twice: 4 h on each of 365 nights.
    result = _result("01:00=20% 05:00=100%", (40.42, -3.7, "CET-1CEST,M3.5.0,M10.5.0/3"))
    assert result["hours_at_level"]["20 %"] == pytest.approx(365 * 4, abs=0.1)


def test_where_the_sun_does_not_set_there_is_nothing_to_save_and_in_polar_night_a_lot():
    tromso = (69.65, 18.96, "CET-1CEST,M3.5.0,M10.5.0/3")
    months = _result("midnight-600=50%", tromso)["months"]
    june, december = months[5], months[11]
    assert june["saved_percent"] is None
    assert june["full_kwh"] == june["burning_h"] == 0
    assert december["sunset_to_sunrise_h"] == 744


def test_offsets_of_a_file_change_what_burns_but_not_what_it_is_compared_with(tmp_path):
    file = tmp_path / "schedule.json"
    file.write_text(json.dumps({"on_offset_min": 30, "off_offset_min": -30, "schedule": []}))
    result = _result(str(file))
    assert result["sunset_to_sunrise_h"] - result["burning_h"] == pytest.approx(365, abs=0.1)
    assert result["sunset_to_sunrise_h"] == pytest.approx(4312.9, abs=0.5)


def test_a_config_of_a_device_brings_its_place_and_twilight_may_be_said(tmp_path):
    schedule = [
        {"at": "22:00", "level_permille": 500},
        {"at": "00:00", "level_permille": 300},
        {"at": "05:00", "level_permille": 1000},
    ]
    file = tmp_path / "config.json"
    config = {
        "app": "light",
        "name": "lamp-1",
        "site": {"lat_e7": 351800000, "lon_e7": 1290800000, "tz": "KST-9"},
        "light": {"schedule": schedule, "civil_twilight": True},
    }
    file.write_text(json.dumps(config))
    nowhere = (None, None, None)
    result = _result(str(file), nowhere)
    assert (result["twilight"], result["lat_deg"]) == ("civil", 35.18)
    by_config = {"tz_from": "config"}
    assert result == _result(STEPS, twilight="civil") | by_config
    assert _result(str(file), nowhere, twilight="official") == _result(STEPS) | by_config
    config["light"]["schedule"][1]["at"] = "dusky"
    file.write_text(json.dumps(config))
    with pytest.raises(ValueError, match=r"light.schedule\[1\].at"):
        inputs.read(str(file), *nowhere)


def test_changes_are_found_to_the_second():
    def level_at(second):
        return 0 if second < 100 else 500 if second < 4001 else 300

    assert savings.changes(level_at, 40, 9999) == [(40, 0), (100, 500), (4001, 300)]
    assert savings.changes(level_at, 40, 4001) == [(40, 0), (100, 500), (4001, 300)]
    assert savings.changes(level_at, 40, 99) == [(40, 0)]


def test_a_year_of_the_firmware_agrees_with_a_look_at_each_minute():
    config_files.firmware()
    from kerb.apps.schedule import Schedule

    plan = inputs.read(STEPS, -33.87, 151.21, "AEST-10AEDT,M10.1.0,M4.1.0/3")
    year = savings.Year(plan, 2027)
    schedule = Schedule(plan.cfg, plan.lat_e7, plan.lon_e7, plan.zone)
    looked = sum(
        schedule.at(divmod(second, 86400)) or 0 for second in range(year.first_s, year.last_s, 60)
    )
    assert year.result(60)["full_load_h"] == pytest.approx(looked / 1000 / 60, abs=0.5)


def test_the_command_prints_text_or_json_and_draws_the_year(capsys, tmp_path):
    png = tmp_path / "year.png"
    code, out, _ = _kerb(capsys, *TIMES, "--schedule", STEPS, "--rated-w", 100, "--plot", png)
    assert code == exits.OK
    assert "38.1 %" in out
    assert str(png) in out
    data = png.read_bytes()
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = (int.from_bytes(data[i : i + 4], "big") for i in (16, 20))
    assert width >= 800
    assert height >= 600
    code, out, _ = _kerb(capsys, *TIMES, "--schedule", STEPS, "--rated-w", 100, "--json")
    result = json.loads(out)
    assert result["saved_percent"] == 38.1
    assert result["full_kwh"] == pytest.approx(431.3, abs=0.1)
    assert len(result["months"]) == 12


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--schedule", "dusky=50%"], "found 'dusky', allowed: HH:MM, or sunset"),
        (["--schedule", "22:00=300%"], "found '22:00=300%'"),
        (["--schedule", "22:00=50% 21:00=30%"], "the order of the night"),
        (["--schedule", "nowhere.json"], "nowhere.json"),
        (["--schedule", STEPS, "--lat", "95"], "--lat: found 95, allowed: -90 to 90"),
        (["--schedule", STEPS, "--lat", "nan"], "--lat"),
        (["--schedule", STEPS, "--lon", "181"], "--lon: found 181, allowed: -180 to 180"),
        (["--schedule", STEPS, "--tz", "Asia/Seoul"], "timezone"),
        (["--schedule", STEPS, "--year", "1999"], "2000 to 2099"),
        (["--schedule", STEPS, "--rated-w", "0"], "--rated-w"),
        (["--schedule", STEPS, "--sample-min", "0"], "--sample-min"),
        (["--schedule", STEPS, "--plot", "/no/such/folder/year.png"], "no folder"),
    ],
)
def test_wrong_input_is_named_with_what_is_allowed_and_the_next_step(capsys, args, said):
    code, out, err = _kerb(capsys, *TIMES, *args)
    assert code == exits.USAGE
    assert out == ""
    assert said in err
    assert "next: " in err


def test_without_a_time_zone_the_longitude_gives_it_and_the_output_says_so(capsys):
    place = ["--lat", "35.18", "--lon", "129.08", "--year", "2026", "--schedule", STEPS]
    code, out, _ = _kerb(capsys, *place)
    assert code == exits.OK
    assert "38.1 %" in out
    assert "local time UTC+9, taken from the longitude, without summer time; --tz" in out
    code, out, _ = _kerb(capsys, *place, "--tz", "KST-9")
    assert code == exits.OK
    assert "local time KST-9\n" in out
    assert "longitude" not in out
    code, out, _ = _kerb(capsys, *place, "--json")
    result = json.loads(out)
    assert (result["tz"], result["tz_from"], result["saved_percent"]) == (
        *("<+09>-9", "longitude"),
        38.1,
    )


@pytest.mark.parametrize(
    ("lon_deg", "ahead_h"),
    [(129.08, 9), (7.1, 0), (7.6, 1), (-74, -5), (-9.1, -1), (0, 0), (180, 12), (-180, -12)],
)
def test_a_longitudes_zone_is_its_sun_to_half_an_hour(lon_deg, ahead_h):
    zone = inputs.read(STEPS, 0, lon_deg, None).zone
    assert (zone.standard_s, zone.dst_s) == (ahead_h * 3600, ahead_h * 3600)


def test_a_place_must_be_given_with_steps_in_words(capsys):
    code, _, err = _kerb(capsys, "--schedule", STEPS)
    assert code == exits.USAGE
    assert "--lat: missing" in err


def test_a_file_that_is_no_schedule_is_refused(capsys, tmp_path):
    file = tmp_path / "x.json"
    for text, said in (
        ("{", "not JSON"),
        ("3", "no list and no object"),
        ('{"schedul": []}', "did you mean schedule?"),
        ('[{"at": "22:00"}]', "light.schedule[0].level_permille: missing"),
        ('{"app": "light"}', "would be refused by the device"),
    ):
        file.write_text(text)
        code, _, err = _kerb(capsys, *TIMES, "--schedule", file)
        assert (code, said in err) == (exits.USAGE, True), err


def test_help_does_not_load_matplotlib():
    import subprocess
    import sys

    from host_tools import paths

    asked = "import sys; from host_tools import cli; cli.parser(); print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", asked], capture_output=True, text=True, check=True, cwd=paths.ROOT
    )
    assert not {"matplotlib", "numpy"} & set(done.stdout.split())
