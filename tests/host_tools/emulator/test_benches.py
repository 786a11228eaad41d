"""The benches on the emulated Pico: what they refuse, and how they end when they can't go on."""

import pytest
from bench import bench_memory, bench_timing

from host_tools import exits
from host_tools.emulator.process import Stopped
from host_tools.image import build


@pytest.mark.parametrize(
    ("bench", "option", "value"),
    [
        *((bench_timing, "--minutes", value) for value in ("0", "0.01", "-1", "nan", "inf", "x")),
        *((bench_memory, "--hours", value) for value in ("-1", "nan", "inf", "x")),
    ],
)
def test_a_time_that_measures_nothing_is_a_usage_error(bench, option, value, capsys):
    with pytest.raises(SystemExit) as ended:
        bench.main([option, value])
    assert ended.value.code == exits.USAGE
    assert option in capsys.readouterr().err.splitlines()[-1]


def test_the_least_that_is_taken_is_some_rounds_of_the_pattern():
    round_s = len(bench_timing.FLASH) * bench_timing.TICK_MS / 1000
    assert bench_timing.minutes("0.1") * 60 >= 5 * round_s
    assert bench_memory.hours("0") == 0


def stop(error):
    """A function that raises it, whatever it is called with."""

    def raises(*_, **__):
        raise error

    return raises


def test_the_timings_without_node_end_with_the_next_step(monkeypatch, capsys):
    monkeypatch.setenv("PATH", "/nowhere")
    assert bench_timing.main([]) == exits.FAILED
    said = capsys.readouterr().err
    assert said.startswith("bench-timing: ") and "make emulator" in said


def test_the_timings_tell_what_stopped_the_emulator(monkeypatch, capsys):
    monkeypatch.setattr(bench_timing, "lamp_pwm", stop(Stopped("no such image")))
    assert bench_timing.main([]) == exits.FAILED
    assert capsys.readouterr().err == "bench-timing: no such image\n"


@pytest.mark.parametrize(
    ("bench", "module", "name"),
    [(bench_timing, bench_timing, "lamp_pwm"), (bench_memory, build, "build")],
)
def test_ctrl_c_ends_a_bench_without_a_word(bench, module, name, monkeypatch, capsys):
    monkeypatch.setattr(module, name, stop(KeyboardInterrupt))
    assert bench.main([]) == exits.INTERRUPTED
    assert capsys.readouterr() == ("", "")
