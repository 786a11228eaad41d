"""What the boards' READMEs have to say of a lamp whose board is dead."""

import pytest

from host_tools import paths

_DARK_BOARD = {
    "pwm": ("open: full light", "4.7 kΩ"),
    "analog": ("so that a dead board means 10 V",),
    "relay": ("so that a dead board means light",),
    "dali": ("POWER ON LEVEL set to 255 (MASK)",),
}


@pytest.mark.parametrize("board", ["rpi_pico_w", "esp32_devkit"])
def test_each_lamp_output_has_a_row_that_says_what_lights_the_lamp_of_a_dead_board(board):
    lines = (paths.BOARDS / board / "README.md").read_text().splitlines()
    for output, texts in _DARK_BOARD.items():
        (row,) = [line for line in lines if line.startswith("| `{}` |".format(output))]
        assert all(text in row for text in texts), row


@pytest.mark.parametrize("board", ["rpi_pico", "rpi_pico_w", "esp32_devkit"])
def test_the_row_of_the_pwm_pin_asks_for_a_driver_that_is_bright_without_it(board):
    text = (paths.BOARDS / board / "README.md").read_text()
    (row,) = [line for line in text.splitlines() if "PWM (dimming) input of the LED" in line]
    assert "full light with it open" in row
