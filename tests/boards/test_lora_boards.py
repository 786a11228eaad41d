"""The boards with a LoRa chip: its pins are nobody else's, and what is wired to them works."""

import ast
import importlib.util
import json
import re
import time

import machine
import pytest
import vtime
import world
from support import lora_rig  # noqa: F401  finds a driver
from support.sx1262_chip import Sx1262Chip
from support.sx1276_chip import Sx1276Chip

from host_tools import paths
from host_tools.lora.air import Air

BOARDS = ["pico_lora_sx1262", "heltec_v3", "lilygo_tbeam"]
BESIDES = {
    "pico_lora_sx1262": set(),
    "heltec_v3": {17, 18, 21, 35, 36, 37, 1, 43, 44},  # display, LED, supplies, battery, USB
    "lilygo_tbeam": {21, 22, 34, 12, 38, 35, 4, 16, 17, 32},  # I2C, GNSS, button, PSRAM, DIO2
}
LORA = ("sck", "mosi", "miso", "select", "busy", "dio0", "dio1", "reset")
_LIGHT = {"lamp_pwm", "lamp_relay", "dali_bus", "light_sensor", "meter_serial"}
_LIGHT |= {"lamp_temperature", "presence_input"}
_PARTS = {"Twin", "Pwm", "AnalogIn", "Watched", "Output", "Input", "Serial", "Pattern", "Edges"}
_PARTS |= {"OneWire"}


class FakeI2C:
    """A bus with a power chip: its registers by number."""

    registers = None

    def __init__(self, bus, scl, sda, freq):
        assert (scl.id, sda.id) == (22, 21)

    def readfrom_mem(self, address, register, size):
        if self.registers is None or address != 0x34:
            raise OSError(19)
        return bytes([self.registers.get(register, 0)] * size)

    def writeto_mem(self, address, register, data):
        self.registers[register] = data[0]


def load(board):
    """A board's module."""
    spec = importlib.util.spec_from_file_location(
        "board_under_test", paths.BOARDS / board / "board.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def calls(board):
    """(function, call) of all calls in a board's functions."""
    for node in ast.parse((paths.BOARDS / board / "board.py").read_text()).body:
        if isinstance(node, ast.FunctionDef):
            for call in ast.walk(node):
                if isinstance(call, ast.Call):
                    yield node.name, call


def lora_pins(board):
    """{line of the chip: pin} of what make() is given."""
    for name, call in calls(board):
        if name == "_lora" and getattr(call.func, "id", None) == "make":
            names = LORA[:3]
            given = dict(zip(names, (arg.value for arg in call.args[1:]), strict=True))
            given.update((k.arg, k.value.value) for k in call.keywords if k.arg in LORA)
            return given
    raise AssertionError("no chip")


def other_pins(board):
    """{function: its pins} of the other parts."""
    found = {}
    for name, call in calls(board):
        kind = getattr(call.func, "id", None)
        if kind in _PARTS:
            given = call.args[:1]
            if kind == "Serial":
                given = [k.value for k in call.keywords if k.arg in ("tx", "rx")]
            values = [arg.value for arg in given if isinstance(arg, ast.Constant)]
            found.setdefault(name, []).extend(values)
    module = load(board)
    for i, pins in enumerate(module._RANGERS):
        found["ranger_echo %d" % i] = list(pins)
    for i, pins in enumerate(module._RANGER_LINES):
        found["ranger_serial %d" % i] = list(pins[1:])
    return found


@pytest.mark.parametrize("board", BOARDS)
def test_nothing_else_hangs_on_the_pins_of_the_radio_and_of_the_boards_own_parts(board):
    taken = set(lora_pins(board).values()) | BESIDES[board]
    assert len(lora_pins(board)) == 7
    for name, pins in other_pins(board).items():
        assert name == "status_led" or not taken & set(pins), name


@pytest.mark.parametrize("board", BOARDS)
def test_no_two_parts_of_an_app_share_a_pin(board):
    pins = other_pins(board)
    for first in ("ranger_echo", "ranger_serial"):
        rows = [first + " 0", first + " 1", "ranger_power", "thermometer_bus", "battery"]
        used = [pin for name in rows for pin in pins[name]]
        assert len(set(used)) == len(used)
    used = [pin for name in _LIGHT & pins.keys() for pin in pins[name]]
    assert len(set(used)) == len(used) >= 7


@pytest.mark.parametrize("board", BOARDS)
def test_the_readme_names_the_pins_as_the_board_has_them(board):
    text = (paths.BOARDS / board / "README.md").read_text()
    radio = text[text.index("## The radio") : text.index("## Wiring")]
    named = {int(pin) for pin in re.findall(r"\| (?:GP)?(\d+) \|", radio)}
    assert named == set(lora_pins(board).values())
    table = text[text.index("## Wiring") : text.index("## What is special")]
    rows = re.findall(r"^\| ((?:GP)?\d.*?) \|(.*)$", table, re.M)
    # "the second" ranger's pins are in the second column.
    cells = " ".join(a + (b if "ranger" in b else "") for a, b in rows)
    named = {int(pin) for pin in re.findall(r"(?<![\dk.])(?:GP)?(\d+)(?!\d| k)", cells)} - {10}
    wanted = {pin for name, pins in other_pins(board).items() for pin in pins}
    wanted -= set(other_pins(board)["status_led"])
    unused = {8, 47}  # a meter only talks
    assert wanted - named <= unused, wanted - named
    assert named <= wanted


@pytest.mark.parametrize("board", BOARDS)
@pytest.mark.parametrize("pmu", [0x03, 0x4A])
def test_the_radio_of_the_board_sends_and_hears(board, pmu, monkeypatch):
    monkeypatch.setattr(machine, "I2C", FakeI2C, raising=False)
    monkeypatch.setattr(FakeI2C, "registers", {0x03: pmu, 0x12: 0x03, 0x28: 0x0C, 0x90: 0x05})
    w = world.World()
    pins = lora_pins(board)
    air = Air(1)
    node, gateway = air.node(300), air.node(0)
    if "busy" in pins:
        lines = (pins["select"], pins["busy"], pins["dio1"], pins["reset"])
        chip = Sx1262Chip(w, air, node, *lines, bus=1, tcxo=True)
    else:
        lines = (pins["select"], pins["dio0"], pins["dio1"], pins["reset"])
        chip = Sx1276Chip(w, air, node, *lines, bus=1)

    async def talk():
        radio = load(board).radio()
        end_us = await radio.transmit(b"hello", 868_100_000, 7, 125_000, 16)
        assert radio.fault is None
        assert chip.sent[0][4] == 14
        air.transmit(gateway, w.now_us() + 1_000_000, b"hi", 868_100_000, 7, 125_000, 14, True)
        open_us = time.ticks_add(end_us, 995_000)
        return await radio.receive(open_us, 24, 868_100_000, 7, 125_000)

    try:
        assert vtime.run(talk(), w)[0] == b"hi"
    finally:
        world.clear()
    assert not chip.complaints
    if board == "lilygo_tbeam":
        found = FakeI2C.registers
        if pmu == 0x03:  # what was on stays on
            assert (found[0x28], found[0x12]) == (0xFC, 0x07)
        else:
            assert (found[0x93], found[0x90]) == (28, 0x07)


@pytest.mark.parametrize("registers", [None, {0x03: 0x55}])
def test_a_power_chip_that_is_not_there_is_a_fault_of_the_radio(registers, monkeypatch):
    monkeypatch.setattr(machine, "I2C", FakeI2C, raising=False)
    monkeypatch.setattr(FakeI2C, "registers", registers)
    w = world.World()
    radio = load("lilygo_tbeam").radio()
    try:
        assert vtime.run(radio.transmit(b"x", 868_100_000, 7, 125_000, 16), w) is None
    finally:
        world.clear()
    assert radio.fault == "no answer"


@pytest.mark.parametrize("board", BOARDS)
def test_board_json_names_the_chip_whose_driver_the_board_needs(board):
    description = json.loads((paths.BOARDS / board / "board.json").read_text())
    kind = description["lora"]
    assert "kerb.hal." + kind in (paths.BOARDS / board / "board.py").read_text()
    assert '"lora-%s"' % kind in (paths.BOARDS / board / "manifest.py").read_text()
    assert "lora-%s lora-sync" % kind in (paths.BOARDS / board / "README.md").read_text()
