"""Whole street lights, each a process with a flash folder and a world of its own."""

import json
import os
import socket
import subprocess
import threading

from brokers import parts
from kerb.system.clock import Clock
from kerb.system.store import Store

START = parts.ROOT / "boards" / "host" / "start.py"
LAMP, MOTION, SKY = 15, 18, 26
NIGHT = (9822, 14 * 3600)  # 2026-11-22, 23:00 in Busan


class _Rtc:
    def read(self):
        return None

    def write(self, day, second):
        pass


class Lamp:
    """One lamp that knows the time and that it is night; nobody answers on its broker's port."""

    def __init__(self, argv, folder, config, secrets):
        folder.mkdir()
        (folder / "config.json").write_text(json.dumps(config))
        (folder / "secrets.json").write_text(json.dumps(secrets))
        Clock(_Rtc(), Store(str(folder / "data"))).set(*NIGHT, "network")
        self.permille = self.printed = None
        self._new = threading.Condition()
        with socket.create_server(("127.0.0.1", 0)) as server:
            world = "127.0.0.1:%d" % server.getsockname()[1]
            self._process = subprocess.Popen(
                [*argv, START],
                cwd=folder,
                env=dict(os.environ, KERB_WORLD=world),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            server.settimeout(parts.LIMIT_S)
            self._sock, _ = server.accept()
        self._sock.settimeout(None)
        self._tell(rtc=[NIGHT[0], NIGHT[1] + 60])
        self._tell(adc=SKY, mv=100)
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
                if message.get("pwm") == LAMP:
                    with self._new:
                        self.permille = round(message["duty_u16"] * 1000 / 65535)
                        self._new.notify_all()
        except (OSError, ValueError):
            pass

    def _print(self):
        self.printed = []
        for line in self._process.stdout:
            self.printed.append(line)

    def see(self, somebody):
        """What its motion sensor says."""
        self._tell(drive=MOTION, level=int(somebody))

    def wait_for(self, permille):
        """Until it burns at this level, within half a percent."""
        with self._new:
            there = self._new.wait_for(
                lambda: self.permille is not None and abs(self.permille - permille) <= 5,
                parts.LIMIT_S,
            )
        assert there, f"at {self.permille}, not {permille}: {self.printed}"

    def kill(self):
        self._process.kill()
        self._process.wait()
        self._sock.close()
