"""The parts of a pole, made by each board's own functions, on the pins of the virtual board."""

import importlib.util

import pytest

import cpython  # noqa: F401  what CPython lacks of MicroPython
import world
from boards.test_crosswalk_wiring import pins
from host_tools import paths

BOARDS = ["rpi_pico", "rpi_pico_w", "rpi_pico_ppp", "esp32_devkit", "host"]


@pytest.fixture
def board(request):
    """(a board's module, in a new world; the world; {function: its pins})."""
    w = world.World()
    path = paths.BOARDS / request.param / "board.py"
    spec = importlib.util.spec_from_file_location("board_under_test", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module, w, pins(request.param)
    world.clear()


each = pytest.mark.parametrize("board", BOARDS, indirect=True)


@each
def test_the_lamps_flash_on_their_pins_and_nothing_else_does(board):
    module, w, taken = board
    left, right = taken["beacon_pattern"]
    twin = module.beacon_pattern(50000000, 16)
    assert (w.level(left), w.level(right)) == (0, 0)
    twin.repeat(b"\x01\x00\x02" + bytes(13), 0)
    w.advance_ms(825)
    assert (w.level(left), w.level(right)) == (1, 0)
    w.advance_ms(100)
    assert (w.level(left), w.level(right)) == (0, 1)
    twin.off()
    assert (w.level(left), w.level(right)) == (0, 0)


@each
def test_dimming_and_sounder_are_pwm_and_the_small_lamp_is_off(board):
    module, w, taken = board
    for name in ("beacon_dim", "sounder"):
        part = getattr(module, name)()
        (pin,) = taken[name]
        assert w.pwm(pin)[1] == 0
        part.set_steps(part.steps // 2)
        assert abs(w.pwm(pin)[1] - 32768) < 40
    module.pedestrian_lamp().on()
    assert w.level(*taken["pedestrian_lamp"]) == 1


@each
def test_the_button_and_the_charger_are_active_when_low_and_not_when_open(board):
    module, w, taken = board
    for name in ("push_button", "charging_input"):
        part = getattr(module, name)()
        (pin,) = taken[name]
        assert part.get() is False and w.floating_reads == 0
        w.drive(pin, 0)
        assert part.get() is True


@each
def test_the_battery_is_told_in_its_own_voltage_and_the_current_at_its_pin(board):
    module, w, taken = board
    w.set_adc_mv(*taken["battery"], 12000 * 22 // 122)
    assert abs(module.battery().read_mv() - 12000) < 30
    w.set_adc_mv(*taken["beacon_current"], 1000)
    assert abs(module.beacon_current().read_mv() - 1000) <= 1


@each
def test_radars_are_heard_at_their_rates_where_there_is_a_port(board):
    module, w, taken = board
    for name, baud in (("radar_serial", 256000), ("car_radar_serial", 19200)):
        if name not in taken:
            with pytest.raises(ValueError, match="no port for a car radar"):
                module.car_radar_serial(baud)
            continue
        port = getattr(module, name)(baud)
        far = w.uart({8: 1, 0: 0, 17: 2, 23: 1}[taken[name][0]])
        # Over a second and a half of reports between two looks.
        far.send(bytes(range(200)) * 2, baud)
        w.advance_ms(300)
        heard = bytearray(512)
        assert port.read_into(heard) == 400 and bytes(heard[:200]) == bytes(range(200))
        assert far.lost == 0
