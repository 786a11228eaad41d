"""Whole crosswalk poles, each a process."""

import time

from brokers import parts
from brokers.boards import Board

LEFT, BUTTON, SKY = 20, 19, 26


class Pole(Board):
    """A pole with a button and no radar; nobody answers on its broker's port.

    number: one for each process. espnow: the port of the processes' ether, None for UDP in the
    Wi-Fi. rounds: of its beacon, so far.
    """

    def __init__(self, argv, folder, config, secrets, number, espnow=None):
        self.rounds = 0
        self._is_linked = False
        env = {"KERB_UNIQUE_ID": (b"%04d" % number * 2).hex()}
        if espnow:
            env["KERB_ESPNOW"] = str(espnow)
        super().__init__(argv, folder, config, secrets, **env)
        self.tell(adc=SKY, mv=2500)
        self.tell(drive=BUTTON, level=1)
        self.tell(network=True, ssid=config["uplink"]["wifi"]["ssid"], connect_ms=50)
        self.tell(go=True)

    def take(self, message):
        self.rounds += message.get("pulses") == LEFT
        self._is_linked |= message.get("wlan") is True

    def push(self):
        """Somebody pushes its button."""
        self.tell(drive=BUTTON, level=0)
        time.sleep(0.05)
        self.tell(drive=BUTTON, level=1)

    def wait_for_network(self):
        """Until its radio has found it."""
        self.wait(lambda: self._is_linked, "no network")

    def wait_for_rounds(self, more=2):
        """Until its beacon has flashed so many rounds more."""
        before = self.rounds
        self.wait(lambda: self.rounds >= before + more, "it does not flash")

    def wait_for_dark(self):
        """Until its beacon has begun no round for more than two of them."""
        end = time.monotonic() + parts.LIMIT_S
        while True:
            before = self.rounds
            time.sleep(2)
            if before == self.rounds:
                return
            assert time.monotonic() < end, f"it flashes for ever: {self.printed}"
