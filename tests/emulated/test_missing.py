"""A machine that lacks a part of this: its tests are skipped with the reason, in CI they fail."""

import pytest

from host_tools.setup import emulator as setup
from host_tools.setup.product import Unavailable

from . import conftest


def reason(name):
    """What image() ends a test with, and how."""
    with pytest.raises((pytest.skip.Exception, pytest.fail.Exception)) as ended:
        conftest.image(name)
    return ended.type, str(ended.value)


@pytest.mark.parametrize(
    ("ci", "how"), [("", pytest.skip.Exception), ("true", pytest.fail.Exception)]
)
def test_what_is_missing_is_named_before_a_pico_is_started(monkeypatch, tmp_path, ci, how):
    def no_node():
        raise Unavailable("node is not installed")

    monkeypatch.setenv("CI", ci)
    with monkeypatch.context() as without_node:
        without_node.setattr(setup, "find", no_node)
        assert reason("bare") == (how, "node is not installed")
    monkeypatch.setattr(setup, "find", lambda: ("node", tmp_path))
    monkeypatch.setattr(conftest, "IMAGES", tmp_path)
    for name, board in (
        ("bare", "rpi_pico"),
        ("rpi_pico", "rpi_pico"),
        ("rpi_pico_ppp", "rpi_pico_ppp"),
        ("bare-RPI_PICO_PPP", "rpi_pico_ppp"),
    ):
        ended, words = reason(name)
        assert ended is how and words.endswith(f"run `make firmware BOARD={board}`")
