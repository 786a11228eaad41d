"""What the benches of the crosswalk make of few encounters, of one kind, and of nonsense."""

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[2] / "bench"))
import bench_crosswalk
import bench_poles
import crosswalk_tables


@pytest.mark.parametrize(
    ("bench", "words", "allowed"),
    [
        (bench_crosswalk, ["--seeds", "0"], "from 1 on"),
        (bench_crosswalk, ["--seeds", "-5"], "from 1 on"),
        (bench_crosswalk, ["--seeds", "many"], "from 1 on"),
        (bench_crosswalk, ["--mounting", "--seeds", "0"], "from 1 on"),
        (bench_crosswalk, ["--jobs", "0"], "from 1 on"),
        (bench_crosswalk, ["--first", "-1"], "from 0 on"),
        (bench_poles, ["--starts", "0"], "from 1 on"),
    ],
)
def test_a_count_that_is_none_is_refused_with_what_is_allowed(
    monkeypatch, capsys, bench, words, allowed
):
    monkeypatch.setattr(sys, "argv", ["bench", *words])
    with pytest.raises(SystemExit) as ended:
        bench.main()
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert "found {!r}, allowed: a whole number {}".format(words[-1], allowed) in said


@pytest.mark.parametrize(
    ("kind", "missing"), [("pass", "by who crosses: "), ("cross", "by who does not cross: ")]
)
def test_one_kind_alone_is_told_with_what_there_is_none_of(
    monkeypatch, capsys, tmp_path, kind, missing
):
    words = ["--seeds", "3", "--jobs", "1", "--kind", kind, "--picture", str(tmp_path / "a.png")]
    monkeypatch.setattr(sys, "argv", ["bench", *words])
    assert bench_crosswalk.main() in (0, 1)
    said = capsys.readouterr().out
    assert missing + "nothing of that kind" in said
    assert "3 encounters" in said and "near lane, what" not in said


def test_a_quick_look_does_without_the_road(monkeypatch, capsys):
    monkeypatch.setattr(bench_crosswalk, "watch_road", None)  # a process that forks has it so, too
    words = ["--seeds", "2", "--jobs", "1", "--no-picture"]
    monkeypatch.setattr(sys, "argv", ["bench", *words])
    assert bench_crosswalk.main() in (0, 1)
    assert "near lane, what" not in capsys.readouterr().out


def test_tables_of_nothing_are_tables():
    crosswalk_tables.by_kind([])
    crosswalk_tables.selectivity([])
    crosswalk_tables.stopping([])
    crosswalk_tables.waiting([])
