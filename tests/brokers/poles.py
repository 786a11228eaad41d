"""Whole crosswalk poles, each a process with a flash folder and a world of its own."""

import json
import os
import socket
import subprocess
import threading
import time

from brokers import parts

START = parts.ROOT / "boards" / "host" / "start.py"
LEFT, BUTTON, SKY = 20, 19, 26


class Pole:
    """A pole with a button and no radar; nobody answers on its broker's port.

    espnow: the port of the processes' ether, None for UDP in the Wi-Fi.
    """

    def __init__(self, argv, folder, config, secrets, number, espnow=None):
        folder.mkdir()
        (folder / "config.json").write_text(json.dumps(config))
        (folder / "secrets.json").write_text(json.dumps(secrets))
        self.printed = []
        self.rounds = 0  # of its beacon, so far
        self._links = 0  # how often its radio found the network
        self._new = threading.Condition()
        with socket.create_server(("127.0.0.1", 0)) as server:
            env = dict(os.environ, KERB_WORLD="127.0.0.1:%d" % server.getsockname()[1])
            env["KERB_UNIQUE_ID"] = (b"%04d" % number * 2).hex()
            if espnow:
                env["KERB_ESPNOW"] = str(espnow)
            self._process = subprocess.Popen(
                [*argv, START],
                cwd=folder,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            server.settimeout(parts.LIMIT_S)
            self._sock, _ = server.accept()
        self._sock.settimeout(None)
        self._tell(adc=SKY, mv=2500)
        self._tell(drive=BUTTON, level=1)
        self._tell(network=True, ssid=config["uplink"]["wifi"]["ssid"], connect_ms=50)
        self._tell(go=True)
        threading.Thread(target=self._read, daemon=True).start()
        threading.Thread(target=self._print, daemon=True).start()

    def _tell(self, **message):
        self._sock.sendall(json.dumps(message).encode() + b"\n")

    def _read(self):
        try:
            for line in self._sock.makefile("r"):
                message = json.loads(line)
                with self._new:
                    self.rounds += message.get("pulses") == LEFT
                    self._links += message.get("wlan") is True
                    self._new.notify_all()
        except (OSError, ValueError):
            pass

    def _print(self):
        for line in self._process.stdout:
            self.printed.append(line)

    def push(self):
        """Somebody pushes its button."""
        self._tell(drive=BUTTON, level=0)
        time.sleep(0.05)
        self._tell(drive=BUTTON, level=1)

    def wait_for_network(self):
        """Until its radio has found it."""
        self._wait(lambda: self._links, "no network")

    def wait_for_rounds(self, more=2):
        """Until its beacon has flashed so many rounds more."""
        before = self.rounds
        self._wait(lambda: self.rounds >= before + more, "it does not flash")

    def wait_for_dark(self):
        """Until its beacon has begun no round for more than two of them."""
        end = time.monotonic() + parts.LIMIT_S
        while True:
            before = self.rounds
            time.sleep(2)
            if before == self.rounds:
                return
            assert time.monotonic() < end, f"it flashes for ever: {self.printed}"

    def _wait(self, done, what):
        with self._new:
            assert self._new.wait_for(done, parts.LIMIT_S), f"{what}: {self.printed}"

    def kill(self):
        self._process.kill()
        self._process.wait()
        self._sock.close()
