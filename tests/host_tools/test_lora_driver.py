"""How the driver of a board's LoRa chip gets onto it: out of a checkout that is named, or not."""

import pytest

from host_tools import build, exits, flash
from host_tools.image.recipe import Recipe
from host_tools.setup import lora_driver
from host_tools.setup.product import Unavailable

PACKAGES = {
    "lora": ("__init__", "modem"),
    "lora-sync": ("sync_modem",),
    "lora-async": ("async_modem",),
    "lora-sx126x": ("sx126x",),
    "lora-sx127x": ("sx127x",),
}


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A checkout of micropython-lib, as far as the drivers go."""
    for package, names in PACKAGES.items():
        folder = tmp_path / "micropython" / "lora" / package / "lora"
        folder.mkdir(parents=True)
        for name in names:
            (folder / (name + ".py")).write_text("NAME = {!r}\n".format(name))
    monkeypatch.setenv(lora_driver.CHECKOUT, str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(
    ("board", "chip"),
    [("pico_lora_sx1262", "sx126x"), ("heltec_v3", "sx126x"), ("lilygo_tbeam", "sx127x")],
)
def test_a_board_gets_the_driver_of_its_own_chip(checkout, board, chip):
    names = [name for name in build.sources(board) if name.startswith("lib/lora")]
    modules = sorted(["__init__", "modem", "sync_modem", chip])
    assert names == ["lib/lora/{}.mpy".format(name) for name in modules]
    files = build.build(board)
    assert all(files[name].read_bytes()[:1] == b"M" for name in names)


def test_a_board_without_the_chip_gets_none(checkout):
    assert not any("lib/lora" in name for name in build.sources("rpi_pico_w"))


def test_without_a_checkout_the_driver_is_left_as_it_is(monkeypatch):
    monkeypatch.delenv(lora_driver.CHECKOUT, raising=False)
    assert not any("lib/lora" in name for name in build.sources("heltec_v3"))
    with pytest.raises(Unavailable, match="names no checkout"):
        lora_driver.modules()


def test_a_checkout_that_is_none_is_told(monkeypatch, tmp_path):
    monkeypatch.setenv(lora_driver.CHECKOUT, str(tmp_path))
    with pytest.raises(exits.Failure, match=r"there is no .*micropython/lora/lora") as caught:
        build.sources("heltec_v3")
    assert "MICROPYTHON_LIB" in caught.value.next_step


def test_an_image_finds_the_driver_after_micropythons_own_library(checkout):
    text = Recipe("pico_lora_sx1262").manifest(True)
    library, include = text.splitlines()
    assert library == "add_library('lora', '{}/micropython/lora')".format(checkout)
    assert include.startswith("include(")
    assert "add_library" not in Recipe("rpi_pico").manifest(True)


def test_an_image_without_the_driver_is_not_begun(monkeypatch):
    monkeypatch.delenv(lora_driver.CHECKOUT, raising=False)
    with pytest.raises(exits.Failure, match="pico_lora_sx1262 needs the driver") as caught:
        Recipe("pico_lora_sx1262").prepare()
    assert "MICROPYTHON_LIB=" in caught.value.next_step


class Board:
    """What a board holds, as kerb flash asks for it."""

    def __init__(self, config, *files):
        self.config = config
        self.files = {"config.json", "secrets.json", *files}

    def exists(self, name):
        return name in self.files

    def read_json(self, name):
        return self.config


def test_what_lorawan_lacks_on_a_board_is_said():
    config = {"app": "light", "uplink": {"lorawan": {}}}
    heltec = build.describe("heltec_v3", "light")
    (note,) = flash._notes(Board(config), "light", heltec)
    assert "mpremote mip install lora-sx126x lora-sync" in note
    for name in ("lib/lora/sx126x.mpy", "lib/lora/sx126x.py"):
        assert flash._notes(Board(config, name), "light", heltec) == []
    assert flash._notes(Board({"app": "light", "uplink": {"mqtt": {}}}), "light", heltec) == []
    bare = Board(config, "lib/lora/sx126x.py")
    bare.files.remove("secrets.json")
    (note,) = flash._notes(bare, "light", heltec)
    assert "kerb lora keys --secrets" in note
    other = {"app": "parking", "uplink": {"lorawan": {}}}
    assert len(flash._notes(Board(other), "light", heltec)) == 2
    for strange in (None, [], {"app": "light", "uplink": 7}):
        assert isinstance(flash._notes(Board(strange), "light", heltec), list)
