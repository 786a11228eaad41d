"""Whole devices, each a process with a flash folder and a world of its own."""

import json
import os
import socket
import subprocess
import sys
import threading

from brokers import parts
from runner import absent

from host_tools.setup import micropython
from host_tools.setup.product import Unavailable

START = parts.ROOT / "boards" / "host" / "start.py"


def argv(runtime):
    """What runs a script on "cpython" or "micropython"."""
    if runtime == "cpython":
        return [sys.executable]
    try:
        return [micropython.find()[0]]
    except Unavailable as error:
        return absent(f"micropython: {error}")


class Board:
    """A device that has to be told that all is as it was at power-on: tell(go=True).

    printed: its log. `new` is notified after each line that take() has got.
    """

    def __init__(self, argv, folder, config, secrets, **env):
        folder.mkdir()
        (folder / "config.json").write_text(json.dumps(config))
        (folder / "secrets.json").write_text(json.dumps(secrets))
        self.prepare(folder)
        self.printed = []
        self.new = threading.Condition()
        with socket.create_server(("127.0.0.1", 0)) as server:
            world = "127.0.0.1:%d" % server.getsockname()[1]
            self._process = subprocess.Popen(
                [*argv, START],
                cwd=folder,
                env=dict(os.environ, KERB_WORLD=world, **env),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            server.settimeout(parts.LIMIT_S)
            self._sock, _ = server.accept()
        self._sock.settimeout(None)
        threading.Thread(target=self._read, daemon=True).start()
        threading.Thread(target=self._print, daemon=True).start()

    def prepare(self, folder):
        """What else is in its flash."""

    def take(self, message):
        """A line of the board's, an object."""

    def tell(self, **message):
        """A line of the world's."""
        self._sock.sendall(json.dumps(message).encode() + b"\n")

    def wait(self, done, what):
        """Until it is so, as the board's lines tell."""
        with self.new:
            assert self.new.wait_for(done, parts.LIMIT_S), f"{what}: {self.printed}"

    def kill(self):
        self._process.kill()
        self._process.wait()
        self._sock.close()

    def _read(self):
        try:
            for line in self._sock.makefile("r"):
                with self.new:
                    self.take(json.loads(line))
                    self.new.notify_all()
        except (OSError, ValueError):
            pass

    def _print(self):
        for line in self._process.stdout:
            self.printed.append(line)
