import json

import pytest

from host_tools import battery, cli


def use(bursts=8640, pings=8640, reports=30):
    return {"bursts": bursts, "pings": pings, "reports": reports}


def a_day(ranger="a02yyuw", board="rpi_pico", sleeps=True, **how):
    parts = battery.charges_mah(battery.RANGERS[ranger], battery.BOARDS[board], sleeps, use(**how))
    assert all(mah >= 0 for mah in parts.values())
    return parts


def test_a_processor_that_never_sleeps_draws_what_its_sheet_says_for_24_hours():
    parts = a_day(sleeps=False)
    assert parts["processor awake"] == pytest.approx(25 * 24)
    assert parts["processor asleep"] == 0


def test_charges_by_hand():
    parts = a_day("hc_sr04", bursts=1000, pings=4000, reports=100)
    ranging_s = 4000 * 0.075 + 1000 * 0.1
    assert parts["ranger"] == pytest.approx(15 * ranging_s / 3600)
    assert parts["processor awake"] == pytest.approx(25 * (ranging_s + 100 * 2.19) / 3600)
    assert parts["radio"] == pytest.approx(100 * (90 * 0.19 + 5 * 0.06) / 3600 + 0.048)


def test_more_of_anything_never_costs_less():
    for ranger in battery.RANGERS:
        for board in battery.BOARDS:
            least = sum(a_day(ranger, board).values())
            for more in ({"bursts": 20000}, {"pings": 20000}, {"reports": 300}):
                assert sum(a_day(ranger, board, **more).values()) > least


def test_life_is_by_the_derated_capacity_and_shorter_by_the_self_discharge():
    assert battery.life_days(1000, 70) == 9
    assert 2900 < battery.life_days(19000, 4) < 19000 * 0.7 / 4
    assert battery.life_days(10**6, 0.001) == 40 * 365


def test_the_command_shows_both_lives_and_what_the_firmware_measures(capsys):
    assert cli.main(["battery", "--days", "1", "--json"]) == 0
    slow = json.loads(capsys.readouterr().out)
    assert 8000 < slow["a_day"]["bursts"] <= slow["a_day"]["pings"]
    assert slow["awake"]["life_days"] < 30 < slow["sleeping"]["life_days"]
    assert cli.main(["battery", "--days", "1", "--idle-s", "30"]) == 0
    text = capsys.readouterr().out
    assert "does not sleep between measurements yet" in text
    assert cli.main(["battery", "--days", "1", "--idle-s", "30", "--json"]) == 0
    slower = json.loads(capsys.readouterr().out)
    assert slower["a_day"]["bursts"] < slow["a_day"]["bursts"]
    assert slower["sleeping"]["life_days"] > slow["sleeping"]["life_days"]


@pytest.mark.parametrize(
    "wrong",
    [["--idle-s", "0"], ["--days", "61"], ["--condition", "hail"], ["--capacity-mah", "x"]],
)
def test_wrong_usage_is_named(wrong, capsys):
    try:
        code = cli.main(["battery", *wrong])
    except SystemExit as end:
        code = end.code
    assert code == 2
    said = capsys.readouterr().err
    assert wrong[1] in said
