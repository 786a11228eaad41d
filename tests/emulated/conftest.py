"""The frozen firmware on the emulated RP2040, its pins in the tests' hands; with --emulated only.

What is missing on this machine skips a test with the reason; where CI=true it fails.
"""

import json

import pytest
import runner

from host_tools.emulator.process import Emulator
from host_tools.emulator.repl import Repl
from host_tools.setup import emulator as setup
from host_tools.setup.product import BUILD, Unavailable

IMAGES = BUILD / "firmware"
BUSAN = {"lat_e7": 351800000, "lon_e7": 1290800000, "tz": "KST-9"}


def pytest_ignore_collect(collection_path, config):
    if not config.getoption("--emulated"):
        return True
    return None


def pytest_collection_modifyitems(items):
    for item in items:
        if "emulated" in item.path.parts:
            item.add_marker("emulated")


def image(name):
    """The path of an image that was built, by its folder; absent() without it or an emulator."""
    try:
        setup.find()
    except Unavailable as error:
        runner.absent(str(error))
    path = IMAGES / name / "firmware.uf2"
    if not path.is_file():
        board = "rpi_pico_ppp" if name.lower().endswith("rpi_pico_ppp") else "rpi_pico"
        runner.absent(f"no {path}: run `make firmware BOARD={board}`")
    return path


def light(**section):
    """The files of a street light in Busan that works alone."""
    config = {"app": "light", "name": "lamp-0001", "site": BUSAN, "light": section}
    return {"config.json": json.dumps(config).encode()}


class Pico(Emulator):
    """An Emulator with a REPL and what the firmware's pins are called."""

    LAMP = 15
    RELAY = 14
    SENSOR = 26

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.repl = Repl(self)

    def lamp(self):
        """The lamp's dimming input in per mille."""
        pwm = self.pwm(self.LAMP)
        return None if pwm is None else round(pwm[1] * 1000)

    def become(self, permille, ms):
        """Run until the lamp is at that level, at most for ms; gives how long it took."""
        start = self.ms
        while True:
            now = self.lamp()
            if now is not None and abs(now - permille) <= 1:
                break
            assert self.ms - start < ms, f"lamp at {now} and not at {permille}: {self.serial}"
            self.run(50)
        return self.ms - start


@pytest.fixture
def make_pico(request):
    """make_pico(files, image_name): a Pico with those files, switched on."""

    def make(files=None, name="rpi_pico", seed=1):
        pico = Pico(image(name), files, seed)
        request.addfinalizer(pico.close)
        pico.start()
        return pico

    return make


@pytest.fixture
def bare(make_pico):
    """A Pico with nothing but MicroPython, at its raw prompt."""
    pico = make_pico(name="bare")
    pico.repl.enter()
    return pico
