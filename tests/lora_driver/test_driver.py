"""The tests of the LoRa chips again, on micropython-lib's own drivers: `make test-lora-driver`.

They run on unix MicroPython, and are skipped where MICROPYTHON_LIB is not given.
"""

import shutil

import pytest
import runner
from runtimes import Process

from host_tools.paths import ROOT
from host_tools.setup import lora_driver, micropython
from host_tools.setup.product import Unavailable

FILES = (
    "tests/firmware/hal/test_lora.py",
    "tests/firmware/hal/test_lora_faults.py",
    "tests/firmware/uplink/lorawan/test_lora_network.py",
)


def _functions():
    for name in FILES:
        settings, functions = runner.read(ROOT / name)
        for function in functions:
            yield pytest.param(name, settings, function, id=function.name)


@pytest.fixture(scope="module")
def driver(tmp_path_factory):
    """A folder with the package `lora`, complete."""
    try:
        lora_driver.home()
    except Unavailable as why:
        pytest.skip(str(why))
    try:
        found = lora_driver.modules()
    except Unavailable as why:  # one is named, but it is none
        pytest.fail("{}: {}".format(lora_driver.CHECKOUT, why))
    folder = tmp_path_factory.mktemp("driver")
    for name, path in found.items():
        (folder / name).parent.mkdir(exist_ok=True)
        shutil.copyfile(path, folder / name)
    return folder


@pytest.mark.parametrize(("name", "settings", "function"), list(_functions()))
def test_on_the_real_driver(name, settings, function, driver, pytestconfig):
    try:
        exe = micropython.find()[0]
    except Unavailable as why:
        runner.absent(str(why))
    places = [driver, *pytestconfig.getini("pythonpath"), ".frozen"]
    argv = [exe, "-X", "heapsize=4m", str(ROOT / "tests" / "inside.py"), str(ROOT / name)]
    channel = Process(argv, {"MICROPYPATH": ":".join(map(str, places))})
    try:
        outcome = channel.run(function, settings.timeout_s)
    finally:
        channel.close()
    assert outcome.failure is None, outcome.failure + outcome.output
