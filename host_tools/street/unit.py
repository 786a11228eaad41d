"""One device of a street as its world holds it: a process, its link to the pins, its flash."""

from host_tools.street import flash
from host_tools.street.board import Board, flash_environment
from host_tools.street.link import Link

_WIFI_RSSI_DBM = -61


class Unit:
    """`document` and `secrets` are the device's config files, which go into `folder`; `command`
    runs the firmware. `on_pins(unit, message)` hears what it does with its pins, `note(kind,
    text)` the rest, and `prepare(unit)` is called before each start.
    """

    def __init__(self, command, folder, document, secrets, note, on_pins, prepare):
        self.name = document["name"]
        self.link = Link(self._on_link)
        self.board = self.flash_dir = None
        self._command = command
        self._folder = folder
        self._files = (document, secrets)
        self._note = note
        self._on_pins = on_pins
        self._prepare = prepare

    async def start(self):
        """Make all that the process needs; `board.power_on()` then starts it."""
        await self.link.start()
        self._folder.mkdir(mode=0o700, exist_ok=True)
        self.flash_dir = flash.write(self._folder, *self._files)
        environment = flash_environment(self.link.port)
        self.board = Board(
            self._command, self.flash_dir, environment, self._note, self._before_start
        )

    def set_wifi(self, there, psk):
        """Let the access point be in sight, or not."""
        self.link.set_network(there, flash.WIFI_SSID, psk, _WIFI_RSSI_DBM)

    async def close(self):
        """End the process and all that belongs to it."""
        if self.board:
            await self.board.power_off()
        await self.link.close()

    def _before_start(self, board):
        """The board is about to start: its pins are open, its clock is as the chip kept it."""
        self._prepare(self)
        self.link.set_rtc(board.rtc.read())
        self.link.set_scratch(board.scratch)

    def _on_link(self, message):
        if not self._on_pins(self, message):
            self.board.take(message)
