"""`kerb street --app parking` with the real firmware, and `kerb parking` on the same broker."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from brokers.parts import Mosquitto
from support import street_run

from host_tools import exits, paths

_DEADLINE_S = 90


@pytest.fixture
def lot():
    """lot(*args) starts a street with parking bays."""
    with street_run.runs("--app", "parking") as start:
        yield start


def test_cars_and_a_dead_sensor_are_told_as_they_are_by_parts_of_both_kinds(lot, micropython):
    # Both at once: half of it is waiting.
    runs = [
        lot("--bays", "1", "--runtime", "cpython"),
        lot("--bays", "1", "--runtime", "micropython", "--ranger", "hc_sr04"),
    ]
    for line, told in (
        (None, "bay_state: bay 0, state free"),
        ("car in", "bay_state: bay 0, state occupied, reason vehicle"),
        ("car out", "bay_state: bay 0, state free, reason ground"),
        ("sensor dead", "bay_state: bay 0, state unknown, reason no_answer"),
        ("sensor ok", "bay_state: bay 0, state free"),
    ):
        for run in runs if line else ():
            run.type(line)
        for run in runs:
            run.until(told)
    for run in runs:
        run.type("quit")
        run.until("1 of 1 free", "mean stay")
        run.until("Good.")
        assert run.end() == exits.OK


def test_a_car_that_was_there_at_the_start_is_seen_and_calibration_is_answered(lot):
    run = lot("--bays", "2")
    run.until_all(("bay 0, state free",), ("bay_state: bay 1, state occupied",))
    run.type("calibrate occupied 2")
    run.until("result", "calibrate: ok")
    run.type("calibrate free 9")
    run.until("error", "expected 1 to 8")
    run.type("car in 3")
    run.until("error", "bay 3: there are 2")


def test_a_lot_of_several_boards_is_seen_by_kerb_parking_on_the_same_broker(lot, tmp_path, need):
    broker = Mosquitto(need("mosquitto"), tmp_path).start()
    try:
        place = "127.0.0.1:{}".format(broker.port)
        run = lot("--bays", "4", "--broker", place, "--runtime", "cpython")
        base = run.until("topics ").split("topics ")[1].removesuffix("/#")
        own = [("event    bay_state", state) for state in ("free", "occupied")]
        other = [("event    bay-0002 bay_state", state) for state in ("free", "occupied")]
        run.until_all(*own, *other)
        done = subprocess.run(
            [
                *(sys.executable, "-m", "host_tools.cli", "parking", "--broker", place),
                *("--base", base, "--once", "--json"),
            ],
            cwd=paths.ROOT,
            capture_output=True,
            text=True,
            timeout=_DEADLINE_S,
            check=False,
        )
        assert done.returncode == exits.OK, done.stderr
        seen = json.loads(done.stdout)
        names = [(bay["device"], bay["bay"]) for bay in seen["bays"]]
        assert names == [("bay-0001", 0), ("bay-0001", 1), ("bay-0002", 0), ("bay-0002", 1)]
        assert [bay["state"] for bay in seen["bays"]] == ["free", "occupied"] * 2
        run.type("quit")
        assert run.end() == exits.OK
    finally:
        broker.kill()


def test_a_street_prints_the_command_that_shows_its_lot_and_no_password(lot):
    run = lot("--bays", "1", "--runtime", "cpython")
    program, name, *words = run.until("watch the lot: ").split("watch the lot: ")[1].split()
    assert (program, name) == ("kerb", "parking")
    run.until("bay_state: bay 0, state free")
    secrets = json.loads(Path(words[words.index("--secrets") + 1]).read_text())
    done = subprocess.run(
        [sys.executable, "-m", "host_tools.cli", name, *words, "--once", "--json"],
        cwd=paths.ROOT,
        capture_output=True,
        text=True,
        timeout=_DEADLINE_S,
        check=False,
    )
    assert done.returncode == exits.OK, done.stderr
    (bay,) = json.loads(done.stdout)["bays"]
    assert (bay["device"], bay["state"]) == ("bay-0001", "free")
    run.type("quit")
    assert run.end() == exits.OK
    shown = "\n".join(run.history) + done.stdout + done.stderr
    assert len(secrets["mqtt_password"]) > 8 and secrets["mqtt_password"] not in shown


def test_the_summary_of_a_lot_is_json_for_scripts():
    done = subprocess.run(
        [
            *(sys.executable, "-m", "host_tools.cli", "street", "--app", "parking"),
            *("--for", "15", "--json", "--mount", "post", "--ranger", "jsn_serial"),
        ],
        cwd=paths.ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_DEADLINE_S,
        check=False,
    )
    assert done.returncode == exits.OK, done.stdout + done.stderr
    summary = json.loads(done.stdout)
    assert [bay["truth"] for bay in summary["bays"]] == ["free", "occupied"]
    assert [bay["reported"] for bay in summary["bays"]] == ["free", "occupied"]
    assert summary["lot"]["total"] == 2
    assert "lamp" not in summary


def test_a_part_that_would_not_hear_the_ground_is_wrong_usage(lot):
    run = lot("--mount", "kerb", "--ranger", "hc_sr04")
    run.until("does not hear the ground")
    run.until("next:")
    assert run.end() == exits.USAGE
