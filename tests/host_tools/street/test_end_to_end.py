"""`kerb street` as a person or a script starts it, with the real firmware on both runtimes."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support import street_run

from host_tools import exits, paths

_DEADLINE_S = 60  # the firmware may wait 20 s for a network that was away, and then backs off


@pytest.fixture
def street():
    """street(*args) starts a Run; it is killed when the test ends and still runs."""
    with street_run.runs() as start:
        yield start


def _gone(pids):
    end_s = time.monotonic() + _DEADLINE_S
    while any(Path("/proc/{}".format(pid)).exists() for pid in pids):
        assert time.monotonic() < end_s, "still there: {}".format(pids)
        time.sleep(0.02)
    return True


def _seconds(line):
    """The street's time of day of a line, in seconds."""
    hour, minute, second = (int(part) for part in line.split(" ")[0].split(":"))
    return hour * 3600 + minute * 60 + second


def test_a_run_of_some_seconds_ends_well_and_prints_its_summary_as_json(runtime):
    done = subprocess.run(
        [
            *(sys.executable, "-m", "host_tools.cli", "street"),
            *("--for", "6", "--json", "--runtime", runtime, "--time", "21:30"),
        ],
        cwd=paths.ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_DEADLINE_S,
        check=False,
    )
    assert done.returncode == exits.OK, done.stderr
    summary = json.loads(done.stdout)
    assert summary["ok"]
    assert summary["reasons"] == []
    assert summary["ended_by"] == "time"
    assert summary["duration_s"] >= 6
    assert summary["came_up_after_s"] > 0
    assert summary["events"]["boot"] == 1
    assert summary["resets"] == {"power_on": 1}
    assert summary["lamp"]["reported_permille"] == 1000
    assert summary["lamp"]["agrees"]
    assert summary["longest_watchdog_gap_s"] < 8
    if runtime == "micropython":
        assert "MicroPython" in summary["runtime"]
        assert 50_000 < summary["heap_free_bytes"] < 384 * 1024
    assert "light_state" in done.stderr


def test_a_level_is_obeyed_until_it_is_cleared(runtime, street):
    run = street("--runtime", runtime, "--time", "21:30")
    run.until("event", "light_state: level 100 %", "reason schedule")
    run.type("level 40 for 10m")
    run.until_all(("level 40 %", "reason command"), ("result", "set_level: ok"))
    run.type("auto")
    run.until_all(("level 100 %", "reason schedule"), ("result", "clear_override: ok"))
    run.type("schedule 20:00=20")
    run.until("light_state: level 20 %", "reason schedule")
    run.type("quit")
    assert run.end() == exits.OK


def test_the_lamp_obeys_the_time_of_day_that_the_street_is_moved_to(runtime, street):
    run = street("--runtime", runtime, "--time", "21:30")
    run.until("light_state: level 100 %", "reason schedule")
    run.type("time 12:00")
    line = run.until("light_state: level 0 %", "reason daylight")
    assert abs(_seconds(line) - 12 * 3600) < 60
    run.type("time 23:00")
    run.until("light_state: level 50 %", "reason schedule")


def test_after_a_cut_of_the_network_the_events_of_the_time_between_arrive(runtime, street):
    # The schedule switches to 50 % while nobody can hear it.
    run = street("--runtime", runtime, "--time", "21:59:55")
    run.until("light_state: level 100 %", "reason schedule")
    run.type("net off")
    run.until("wifi lost")
    run.type("net on")
    run.until("device", "online")
    run.until("light_state: level 50 %", "reason schedule")
    run.type("level 10")
    run.until("result", "set_level: ok")


def test_power_that_fails_and_comes_back_starts_the_device_anew(runtime, street):
    run = street("--runtime", runtime, "--time", "23:00")
    run.until("light_state: level 50 %", "reason schedule")
    run.type("power off")
    run.until("device", "offline")
    run.type("power on")
    run.until("boot: reset_cause power_on, boot_count 2")
    # No flash to full before the network brings the time.
    run.until("light_state: level 50 %", "reason starting")
    run.until("light_state: level 50 %", "reason schedule")


def test_groups_are_obeyed_the_meter_is_read_and_a_walker_has_light(runtime, street):
    run = street("--runtime", runtime, "--time", "00:30")
    run.until_all(("light_state: level 30 %", "reason schedule"), ("not estimated", "voltage 2"))
    run.type("group north level 40")
    run.until_all(("level 40 %", "reason command"), ("result", "set_level: ok"))
    run.type("all auto")
    run.until_all(("level 30 %", "reason schedule"), ("result", "clear_override: ok"))
    run.type("schedule sunset+30=20 midnight-30=60")
    run.until_all(("level 60 %", "reason schedule"), ("result", "set_schedule: ok"))
    run.type("schedule config")
    run.until_all(("level 30 %", "reason schedule"), ("result", "clear_schedule: ok"))
    run.type("walker")
    run.until("light_state: level 100 %", "reason presence")


def test_a_frozen_device_is_reset_by_its_watchdog_and_the_run_is_not_good(runtime, street):
    run = street("--runtime", runtime, "--time", "21:30")
    run.until("light_state: level 100 %", "reason schedule")
    os.kill(run.family()[0], signal.SIGSTOP)
    run.until("watchdog: not fed for 8.0 s")
    run.until("boot: reset_cause watchdog, boot_count 2")
    # An RP2040's RTC is lost by this, but the time is kept elsewhere.
    run.until("light_state: level 100 %", "reason schedule")
    run.type("quit")
    assert run.end() == exits.FAILED


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("broker", ["embedded", "mosquitto"])
def test_a_signal_ends_it_with_the_summary_and_leaves_nothing(number, broker, street, need):
    if broker == "mosquitto":
        need("mosquitto")
    run = street("--broker", broker)
    run.until("device", "online")
    family = run.family()
    assert len(family) == (2 if broker == "mosquitto" else 1)
    run.process.send_signal(number)
    run.until("Summary")
    run.until("Interrupted.")
    assert run.end() == exits.INTERRUPTED
    assert _gone(family)
    assert list(run.folder.iterdir()) == []


def test_a_signal_before_the_device_is_up_leaves_nothing_either(street):
    run = street()
    run.until("starts (reset cause: power_on)")
    family = run.family()
    run.process.send_signal(signal.SIGINT)
    assert run.end() == exits.INTERRUPTED
    assert _gone(family)
    assert list(run.folder.iterdir()) == []


def test_killed_outright_it_leaves_no_process_and_the_next_run_sweeps_its_folder(street, need):
    need("mosquitto")
    run = street("--broker", "mosquitto")
    run.until("device", "online")
    family = run.family()
    run.process.kill()
    run.end()
    assert _gone(family)
    left = list(run.folder.iterdir())
    assert len(left) == 1
    run = street("--for", "1")
    run.end()
    assert list(run.folder.iterdir()) == []


def test_a_device_that_cannot_start_fails_the_run_and_its_reason_is_seen(street):
    run = street("--for", "6", "--runtime", "micropython", "--heap", "64")
    run.until("MemoryError")
    run.until("never came online")
    assert run.end() == exits.FAILED


def test_a_broker_that_is_none_is_wrong_usage_and_leaves_nothing(street):
    run = street("--broker", "nonsense")
    run.until("expected embedded, mosquitto or HOST:PORT")
    run.until("next:")
    assert run.end() == exits.USAGE
    assert list(run.folder.iterdir()) == []


def test_a_reader_that_has_seen_enough_ends_it(street):
    run = street()
    run.until("device", "online")
    family = run.family()
    run.process.stdout.close()
    run.type("status")
    run.process.wait(_DEADLINE_S)
    assert _gone(family)
