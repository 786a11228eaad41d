"""A simulated crossing that the firmware's own code looks at, without a board."""

import asyncio
import json
import math
import subprocess
import sys

import pytest

from host_tools import exits, paths
from host_tools.crosswalk.replay import ReplaySource
from host_tools.crosswalk.watch import Watch


def _watched(seed, kind):
    """The Watch of a whole encounter."""

    async def act():
        watch = Watch(ReplaySource(seed, kind, speed=0))
        await watch.start()
        await asyncio.wait_for(watch.ending.wait(), 60)
        assert await watch.stop() is None
        assert watch.source.ended.result() is None
        return watch

    return asyncio.run(act())


def test_the_same_seed_shows_the_same_again():
    one, other = _watched(2, "cross"), _watched(2, "cross")
    assert one.scene.summary() == other.scene.summary()
    assert list(one.lines) == list(other.lines)
    assert one.scene.frames_a_second == pytest.approx(10, abs=0.5)


@pytest.mark.parametrize("kind", ["cross", "wait", "wheelchair"])
def test_who_crosses_is_told_with_whether_he_was_warned(kind):
    told = []
    for seed in range(100, 108):
        told += [line for line in _watched(seed, kind).lines if "truth: " + kind in line]
    # How many exactly is the bench's affair.
    assert len(told) >= 8
    assert sum("warned for" in line for line in told) >= 4


@pytest.mark.parametrize("seed", [4, 5, 6])
def test_whoever_is_in_the_radars_view_has_a_track_where_he_truly_is(seed):
    async def act():
        source = ReplaySource(seed, "cross", speed=0)
        watch = Watch(source)
        found = []

        def look(frame):
            for x_mm, y_mm in source.truth():
                if y_mm > 500 and source.plan.sees(x_mm, y_mm):
                    away = (
                        math.hypot(track.x_mm - x_mm, track.y_mm - y_mm) for track in frame.tracks
                    )
                    found.append(min(away, default=9999) < 1000)

        watch.on_frame = look
        await watch.start()
        await asyncio.wait_for(watch.ending.wait(), 60)
        return found

    found = asyncio.run(act())
    assert len(found) > 15
    assert sum(found) / len(found) > 0.7


def _run(*words):
    return subprocess.run(
        [sys.executable, "-m", "host_tools.cli", "crosswalk", *words],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=paths.ROOT,
        stdin=subprocess.DEVNULL,
    )


def test_kerb_crosswalk_shows_it_without_a_port():
    done = _run("--seed", "7", "--kind", "child", "--speed", "0", "--json")
    assert done.returncode == exits.OK, done.stderr
    documents = [json.loads(line) for line in done.stdout.splitlines()]
    assert documents[0]["kind"] == "plan"
    assert documents[-1]["frames"] == sum(it["kind"] == "frame" for it in documents)
    assert any("child steps onto the road" in it.get("text", "") for it in documents)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--kind", "unicorn", "--seed", "1"], "allowed: cross"),
        (["--port", "/dev/null", "--seed", "1"], "leave one out"),
        (["--speed", "-1"], "invalid"),
        (["--for", "never"], "--for"),
    ],
)
def test_wrong_usage_is_said_so(words, said):
    done = _run(*words)
    assert done.returncode == exits.USAGE
    assert said in done.stderr


def test_a_machine_that_is_too_slow_for_the_speed_still_hears_the_end():
    async def act():
        watch = Watch(ReplaySource(1, "street", speed=1000))
        await watch.start()
        await asyncio.sleep(0.3)
        assert watch.scene.frames > 10
        assert await watch.stop() is None

    asyncio.run(act())


def test_what_fails_in_the_simulation_ends_it_and_is_told():
    async def act():
        source = ReplaySource(1, "cross", speed=0)
        watch = Watch(source)
        watch.on_frame = lambda frame: 1 / 0
        await watch.start()
        await asyncio.wait_for(watch.ending.wait(), 60)
        failure = await watch.stop()
        assert "ZeroDivisionError" in failure.reason

    asyncio.run(act())
