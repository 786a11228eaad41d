"""`kerb crosswalk --port` on a virtual board whose firmware is a few lines that trace."""

import itertools
import json
import signal
import subprocess
import sys

import pytest
from support.terminal import Terminal
from support.tracing_board import CONFIG, FIRMWARE

from host_tools import exits, paths

_PATIENCE_S = 60


def _command(*words):
    return [sys.executable, "-m", "host_tools.cli", "crosswalk", *map(str, words)]


def _run(*words, code=exits.OK):
    done = subprocess.run(
        _command(*words),
        capture_output=True,
        text=True,
        timeout=_PATIENCE_S,
        check=False,
        cwd=paths.ROOT,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == code, done
    return done


def test_frames_are_shown_as_json_and_the_board_goes_back_to_work_without_its_trace(
    crossing, wait_for
):
    board = crossing()
    done = _run("--port", board.port, "--for", "2s", "--json")
    documents = [json.loads(line) for line in done.stdout.splitlines()]
    assert documents[0]["kind"] == "plan"
    assert documents[0]["width_mm"] == 4000
    frames = [it for it in documents if it["kind"] == "frame"]
    assert len(frames) > 20
    steps = {later["ms"] - frame["ms"] for frame, later in itertools.pairwise(frames)}
    assert steps == {100}
    assert frames[0]["tracks"][0] == {
        "id": 7,
        "x_mm": 250,
        "y_mm": frames[0]["tracks"][0]["y_mm"],
        "vx_mm_s": 0,
        "vy_mm_s": -1000,
        "thought": "approaching",
    }
    logged = [it["text"] for it in documents if it["kind"] == "log"]
    assert logged == [
        "service, trace True",
        "12 warn: a line of the log",
        "Stopped, outputs safe.",
    ]
    summary = documents[-1]
    assert summary["kind"] == "summary"
    assert summary["frames"] == len(frames)
    assert summary["damaged"] == 0
    wait_for(lambda: board.cause == "hard")
    with Terminal(board.port) as line:
        line.until(b"a line of the log\r\n")
        line.type(b"\x03")
        assert b"~" not in line.until(b"outputs safe.\r\n")


def test_what_changes_is_a_line_and_an_interrupt_gives_the_board_back(
    crossing, watching, wait_for
):
    board = crossing()
    running = watching("--port", board.port)
    said = ""
    for line in running.stdout:
        said += line
        if "dark again" in line:
            break
    running.send_signal(signal.SIGINT)
    rest, _ = running.communicate(timeout=_PATIENCE_S)
    assert running.returncode == exits.INTERRUPTED
    assert "H↑ approaching, 1.0 m/s" in said
    assert "the beacon flashes for 9.0 s: track" in said
    assert "1 track, 1 activation" in rest or "activations" in rest
    wait_for(lambda: board.cause == "hard")


@pytest.mark.parametrize(
    ("config", "changed", "said"),
    [
        ({"app": "light"}, {}, "the board's app is 'light', no crosswalk"),
        ({"app": "crosswalk", "crosswalk": {}}, {}, "no crosswalk that can be drawn"),
        ([], {}, "the board's app is None"),
        (None, {"kerb__apps__crosswalk_app": ""}, "too old"),
        (None, {"kerb__apps__crosswalk_app": "import nowhere"}, "does not load"),
        (None, {"kerb__device": "def run(board): print('no config')"}, "ended by itself"),
        (None, {"kerb__device": "def run(board): 1 / 0"}, "ended: ZeroDivisionError"),
    ],
)
def test_a_board_that_can_not_show_it_says_why_and_is_reset(
    crossing, wait_for, config, changed, said
):
    board = crossing(**({} if config is None else {"config": config}), **changed)
    done = _run("--port", board.port, "--for", "5s", "--json", code=exits.FAILED)
    assert said in done.stderr
    assert "next:" in done.stderr
    wait_for(lambda: board.cause == "hard")


def test_no_board_is_said_so(tmp_path):
    done = _run("--port", tmp_path / "none", code=exits.NO_DEVICE)
    assert "there is no port" in done.stderr


def test_a_pulled_cable_ends_it_with_the_counts_so_far(crossing, watching):
    board = crossing()
    running = watching("--port", board.port, "--json")
    for line in running.stdout:
        if json.loads(line)["kind"] == "frame":
            break
    board.pull()
    rest, error = running.communicate(timeout=_PATIENCE_S)
    assert running.returncode == exits.NO_DEVICE, error
    assert "stopped answering" in error
    assert json.loads(rest.splitlines()[-1])["frames"] >= 1


def test_a_board_that_is_reset_meanwhile_is_said_so_and_left_at_work(crossing, wait_for):
    dies = "        if n == 30 and crosswalk_app.TRACE: machine.reset()\n"
    resets = FIRMWARE["kerb/device.py"].replace("        if n == 3:", dies + "        if n == 3:")
    resets = "import machine\n" + resets
    board = crossing(kerb__device=resets)
    done = _run("--port", board.port, "--json", code=exits.FAILED)
    assert "it was reset" in done.stderr
    summary = json.loads(done.stdout.splitlines()[-1])
    assert summary["frames"] == 30
    # By its own reset it was at work; Ctrl-C stopped it there, and Ctrl-D let it go on.
    wait_for(lambda: board.cause == "soft")
    with Terminal(board.port) as line:
        line.until(b"a line of the log\r\n")


def test_a_run_that_was_killed_leaves_a_board_that_works_and_can_be_watched_again(
    crossing, watching
):
    board = crossing()
    running = watching("--port", board.port, "--json")
    for line in running.stdout:
        if json.loads(line)["kind"] == "frame":
            break
    running.kill()
    running.communicate()
    with Terminal(board.port) as line:
        line.until(b"approaching")
    done = _run("--port", board.port, "--for", "1s", "--json")
    assert json.loads(done.stdout.splitlines()[-1])["frames"] > 10


@pytest.mark.parametrize(
    ("radar", "code", "said"),
    [("ld2450", exits.FAILED, "radar told nothing"), ("none", exits.OK, "")],
)
def test_a_radar_that_tells_nothing_is_a_failure_where_there_is_one(crossing, radar, code, said):
    blind = FIRMWARE["kerb/device.py"].replace('[[7,250,%d,0,-1000,"approaching"]]', "null")
    blind = blind.replace("'null', y))", "'null'))")
    section = CONFIG["crosswalk"] | {"radar": radar}
    board = crossing(config=CONFIG | {"crosswalk": section}, kerb__device=blind)
    done = _run("--port", board.port, "--for", "1s", "--json", code=code)
    summary = json.loads(done.stdout.splitlines()[-1])
    assert summary["frames"] == 0 and summary["blind"] > 10
    assert said in done.stderr


def test_a_damaged_line_is_counted_and_shown_to_nobody(crossing):
    damaged = FIRMWARE["kerb/device.py"].replace(
        'print("12 warn: a line of the log")', "print('~[1,2,')"
    )
    board = crossing(kerb__device=damaged)
    done = _run("--port", board.port, "--for", "1s", "--json")
    documents = [json.loads(line) for line in done.stdout.splitlines()]
    assert documents[-1]["damaged"] == 1
    assert not any("~" in it.get("text", "") for it in documents)
