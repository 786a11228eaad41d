import json

import pytest

from host_tools import battery, cli


def use(bursts=8640, pings=8640, sessions=30):
    return {"bursts": bursts, "pings": pings, "sessions": sessions}


def a_day(ranger="a02yyuw", board="rpi_pico_w", way="sleep, ranger_switch", wake_s=0.3, **how):
    parts = battery.charges_mah(
        battery.RANGERS[ranger], battery.BOARDS[board], *battery.WAYS[way], use(**how), wake_s
    )
    assert all(mah >= 0 for mah in parts.values())
    return parts


def test_a_processor_that_never_sleeps_draws_what_its_sheet_says_for_24_hours():
    parts = a_day(way="awake")
    assert parts["processor awake"] == pytest.approx(25 * 24)
    assert parts["processor asleep"] == 0
    assert parts["radio"] == pytest.approx(15 * 24)


def test_charges_by_hand():
    parts = a_day("hc_sr04", way="sleep", bursts=1000, pings=4000, sessions=100)
    ranging_s = 3000 * 0.076 + 1000 * 0.03
    assert parts["ranger"] == pytest.approx((15 * ranging_s + 2 * (86400 - ranging_s)) / 3600)
    awake_s = ranging_s + 1000 * 0.02 + 86400 / 3 * 0.02 + 100 * 7
    assert parts["processor awake"] == pytest.approx(25 * awake_s / 3600)
    assert parts["processor asleep"] == pytest.approx(1.3 * (86400 - awake_s) / 3600)
    assert parts["radio"] == pytest.approx(60 * 700 / 3600)
    parts = a_day("hc_sr04", wake_s=0.1, bursts=1000, pings=4000, sessions=100)
    assert parts["ranger"] == pytest.approx(15 * (ranging_s + 100) / 3600)


def test_a_part_that_ranges_unasked_draws_as_much_whatever_the_board_does():
    assert a_day(way="awake")["ranger"] == pytest.approx(8 * 24)
    assert a_day(way="sleep")["ranger"] == pytest.approx(8 * 24)


def test_more_of_anything_never_costs_less():
    for ranger in battery.RANGERS:
        for board in battery.BOARDS:
            least = sum(a_day(ranger, board).values())
            for more in ({"bursts": 20000, "pings": 20000}, {"pings": 20000}, {"sessions": 300}):
                assert sum(a_day(ranger, board, **more).values()) >= least
            for way in battery.WAYS:
                assert sum(a_day(ranger, board, way).values()) >= least


def test_life_is_by_the_derated_capacity_and_shorter_by_the_self_discharge():
    assert battery.life_days(1000, 70) == 9
    assert 2900 < battery.life_days(19000, 4) < 19000 * 0.7 / 4
    assert battery.life_days(10**6, 0.001) == 40 * 365


def test_what_is_routine_goes_with_what_is_urgent_or_after_its_wait():
    for events, count in (
        ([], 0),
        ([(0, True)], 1),
        ([(0, False)], 1),
        ([(0, False), (300, False), (500, True)], 1),
        ([(0, False), (599, False), (601, True)], 1),
        ([(0, False), (700, True)], 2),
        ([(0, True), (5, True), (6, False)], 1),
        ([(0, True), (8, True)], 2),
    ):
        assert battery.sessions(events, 600) == count, events


def test_the_command_shows_all_lives_and_what_the_firmware_measures(capsys):
    assert cli.main(["battery", "--days", "1", "--json"]) == 0
    slow = json.loads(capsys.readouterr().out)
    assert 8000 < slow["a_day"]["bursts"] <= slow["a_day"]["pings"]
    assert 10 < slow["a_day"]["sessions"] <= slow["a_day"]["reports"] + 24
    lives = [slow[way]["life_days"] for way in battery.WAYS]
    assert lives[0] < 30 < lives[1] < lives[2]
    assert cli.main(["battery", "--days", "1", "--idle-s", "30"]) == 0
    text = capsys.readouterr().out
    assert "ranger_switch" in text and "radio is on" in text
    assert all(len(line) < 80 for line in text.splitlines()[3:])
    assert cli.main(["battery", "--days", "1", "--idle-s", "30", "--json"]) == 0
    slower = json.loads(capsys.readouterr().out)
    assert slower["a_day"]["bursts"] < slow["a_day"]["bursts"]
    assert slower["sleep"]["life_days"] > slow["sleep"]["life_days"]


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
