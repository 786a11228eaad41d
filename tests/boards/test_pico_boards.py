"""The three boards that are a Pico: one wiring, whatever their network."""

import ast

import pytest

from host_tools import paths

_DIFFER = {"status_led", "station"}
# The network of one is on the port that this would take.
_PPP = {"car_radar_serial"}


def functions(board):
    """{name: its code} of a board's functions, and the numbers it gives."""
    tree = ast.parse((paths.BOARDS / board / "board.py").read_text())
    found = {node.name: ast.unparse(node) for node in tree.body if hasattr(node, "args")}
    for node in tree.body:
        if isinstance(node, ast.Assign) and node.targets[0].id != "NAME":
            found[node.targets[0].id] = ast.unparse(node)
    return found


@pytest.mark.parametrize("other", ["rpi_pico_w", "rpi_pico_ppp"])
def test_a_pin_is_the_same_on_all_of_them(other):
    ours, theirs = functions("rpi_pico"), functions(other)
    assert ours.keys() == theirs.keys() >= _DIFFER
    differ = _DIFFER | (_PPP if other == "rpi_pico_ppp" else set())
    for name in ours.keys() - differ:
        assert ours[name] == theirs[name], name
