"""The crosswalk's pins: a README names those of its board.py, and no two parts share one."""

import ast
import re

import pytest

from host_tools import paths

# What a pole uses, and how its README calls that.
ROWS = {
    "beacon_pattern": "enable inputs",
    "beacon_dim": "PWM dimming input of both",
    "beacon_current": "amplifier at a shunt",
    "push_button": "push button to GND",
    "pedestrian_lamp": "small lamp",
    "sounder": "sounder without",
    "battery": "22 kΩ (to GND)",
    "charging_input": "solar charger",
    "light_sensor": "what dims by night",
    "radar_serial": '`"radar"`',
    "car_radar_serial": '`"car_radar"`',
}
_PARTS = {"Twin", "Pwm", "AnalogIn", "Watched", "Output", "Input", "Serial"}


def pins(board):
    """{function: the pins that it takes}, of those in ROWS."""
    found = {}
    for node in ast.parse((paths.BOARDS / board / "board.py").read_text()).body:
        if not isinstance(node, ast.FunctionDef) or node.name not in ROWS:
            continue
        for call in ast.walk(node):
            if isinstance(call, ast.Call) and getattr(call.func, "id", None) in _PARTS:
                if call.func.id == "Serial":
                    given = [k.value for k in call.keywords if k.arg in ("tx", "rx")]
                else:
                    given = call.args[: 2 if call.func.id == "Twin" else 1]
                found[node.name] = [pin.value for pin in given]
    return found


@pytest.mark.parametrize("board", ["rpi_pico_w", "esp32_devkit"])
def test_the_readme_names_the_pins_of_each_part_of_a_pole(board):
    text = (paths.BOARDS / board / "README.md").read_text()
    text = text[text.index("## A crosswalk's pole") :]
    taken = pins(board)
    assert taken.keys() == ROWS.keys()
    for name, words in ROWS.items():
        (row,) = [line for line in text.splitlines() if line.startswith("|") and words in line]
        named = re.findall(r"GP(?:IO )?(\d+)", "".join(row.split("|")[1:3]))
        if name.endswith("_serial"):
            named = re.findall(r"GP(?:IO )?(\d+) (?:to|from)", row)
        assert [int(pin) for pin in named] == taken[name], name


# By the Pico W's datasheet: the GPIOs in the order of the board's pins, the others None.
_PICO_W = (
    *(0, 1, None, 2, 3, 4, 5, None, 6, 7, 8, 9, None, 10, 11, 12, 13, None, 14, 15),
    *(16, 17, None, 18, 19, 20, 21, None, 22, None, 26, 27, None, 28),
)


def test_the_readme_of_the_pico_w_numbers_each_gpio_as_the_board_does():
    text = (paths.BOARDS / "rpi_pico_w" / "README.md").read_text()
    numbered = 0
    for row in text.splitlines():
        found = re.match(r"\| ([\d, ]+) \| (.*?GP\d.*?) \|", row)
        if found:
            named = [int(gpio) for gpio in re.findall(r"GP(\d+)", found[2])]
            assert [_PICO_W[int(pin) - 1] for pin in found[1].split(",")] == named, row
            numbered += len(named)
    assert numbered >= 14


@pytest.mark.parametrize("board", ["rpi_pico_w", "esp32_devkit"])
def test_the_readme_says_what_feeds_a_pole_and_where_its_grounds_meet(board):
    text = (paths.BOARDS / board / "README.md").read_text()
    text = text[text.index("## A crosswalk's pole") :]
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert any("converter from the battery" in row for row in rows)
    assert any("the common ground: battery" in row for row in rows)
    assert "one fuse at its + pole" in text
    assert "switch and sense at the high side" in text


@pytest.mark.parametrize(
    "board", ["rpi_pico", "rpi_pico_w", "rpi_pico_ppp", "esp32_devkit", "host"]
)
def test_no_two_parts_of_a_pole_take_the_same_pin(board):
    taken = [pin for of_part in pins(board).values() for pin in of_part]
    assert len(set(taken)) == len(taken) >= 12


@pytest.mark.parametrize("board", ["rpi_pico", "rpi_pico_w", "rpi_pico_ppp", "host"])
def test_the_lamps_are_on_neighbouring_pins_where_one_state_machine_has_them(board):
    left, right = pins(board)["beacon_pattern"]
    assert right == left + 1


@pytest.mark.parametrize("board", ["rpi_pico_w", "esp32_devkit"])
def test_the_readme_says_what_keeps_the_beacon_of_a_dead_board_dark(board):
    text = (paths.BOARDS / board / "README.md").read_text()
    (row,) = [line for line in text.splitlines() if ROWS["beacon_pattern"] in line]
    assert "10 kΩ from each to GND" in row
    assert "A dead board means a dark beacon" in text
