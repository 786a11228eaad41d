"""What the tests here put together: a device's process, a broker's process, a false broker."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LIMIT_S = 90  # for whatever is waited for: a slow machine, not a slow device


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def wait_until(done, what):
    end = time.monotonic() + LIMIT_S
    while not done():
        assert time.monotonic() < end, f"{what}: not within {LIMIT_S} s"
        time.sleep(0.01)


def is_open(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


class Device:
    """A script of this folder in a process; `lines` are what it has printed so far."""

    def __init__(self, argv, umqtt, script="device.py", **settings):
        path = [ROOT / "firmware", umqtt]
        env = dict(os.environ, MICROPYPATH=":".join(map(str, [*path, ".frozen"])))
        env["PYTHONPATH"] = ":".join(map(str, [*path, ROOT / "boards" / "host"]))
        self.lines = []
        self._ended = False
        self._read_up_to = {}
        self._new = threading.Condition()
        self._process = subprocess.Popen(
            [*argv, str(Path(__file__).with_name(script))],
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.tell(json.dumps(settings))
        threading.Thread(target=self._read, daemon=True).start()

    def tell(self, line):
        """Give its stdin a line."""
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def _read(self):
        for line in self._process.stdout:
            try:
                said = json.loads(line)
            except ValueError:
                said = {"other": line}
            with self._new:
                self.lines.append(said)
                self._new.notify_all()
        with self._new:
            self._ended = True
            self._new.notify_all()

    def wait_for(self, key, value=None):
        """The value of the next line, for this key, that has it (and, if given, that value)."""

        hits = []

        def found():
            first = self._read_up_to.get(key, 0)
            for place, said in enumerate(self.lines[first:], first):
                if key in said and (value is None or said[key] == value):
                    self._read_up_to[key] = place + 1
                    hits.append(said[key])
                    return True
            return self._ended

        with self._new:
            self._new.wait_for(found, LIMIT_S)
            assert hits, f"no {key}={value}; it said: {self.lines}"
        return hits[0]

    def logged(self):
        return " ".join(line["log"] for line in self.lines if "log" in line)

    def stop(self):
        """Tell it to close; its summary."""
        self.tell("stop")
        end = self.wait_for("end")
        assert self._process.wait(LIMIT_S) == 0
        return end

    def kill(self):
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        self._process.stdin.close()


class Mosquitto:
    """mosquitto on a port of its own; its log of packets goes on over restarts."""

    def __init__(self, program, folder, *lines, port=None):
        self.port = port or free_port()
        self._argv = [program, "-c", str(folder / "mosquitto.conf")]
        self._log = folder / "mosquitto.log"
        self._process = None
        (folder / "mosquitto.conf").write_text(
            "\n".join(
                [
                    f"listener {self.port} 127.0.0.1",
                    "log_type all",
                    "log_dest stderr",
                    "max_queued_messages 0",
                    "user root",
                    *(lines or ["allow_anonymous true"]),
                    "",
                ]
            )
        )

    def start(self):
        with self._log.open("a") as log:
            self._process = subprocess.Popen(self._argv, stdout=log, stderr=log)
        wait_until(lambda: is_open(self.port) or self._process.poll() is not None, "mosquitto")
        assert self._process.poll() is None, self._log.read_text()
        return self

    def kill(self):
        """As a power cut would: SIGKILL."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()

    def received_kinds(self):
        """The events that reached it, by kind, with how often each came."""
        counts = {}
        pattern = r"Received PUBLISH from lamp-1 \(.*'kerb/lamp-1/event/(\w+)'"
        for kind in re.findall(pattern, self._log.read_text()):
            counts[kind] = counts.get(kind, 0) + 1
        return counts


class Amqtt:
    """amqtt's broker in a process."""

    _SCRIPT = """
import asyncio, sys
from amqtt.broker import Broker
async def main():
    broker = Broker({
        "listeners": {"default": {"type": "tcp", "bind": "127.0.0.1:" + sys.argv[1]}},
        "plugins": {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}},
    })
    await broker.start()
    await asyncio.Event().wait()
asyncio.run(main())
"""

    def __init__(self):
        self.port = free_port()
        self._process = None

    def start(self):
        self._process = subprocess.Popen(
            [sys.executable, "-c", self._SCRIPT, str(self.port)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_until(lambda: is_open(self.port), "amqtt")
        return self

    def kill(self):
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()


class Dns:
    """A DNS server that knows broker.example, 127.0.0.1, and does not answer at first."""

    _QUESTION = b"\0\1\0\0\0\0\0\0\6broker\7example\0\0\1\0\1"
    _RECORD = b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\x7f\0\0\1"

    def __init__(self):
        self.asked = 0
        self._sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._sock.bind(("127.0.0.1", 0))
        self.port = self._sock.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            query, who = self._sock.recvfrom(512)
            self.asked += 1
            if self.asked > 1 and query[4:] == self._QUESTION:
                head = query[:2] + b"\x81\x80\0\1\0\1\0\0\0\0"
                self._sock.sendto(head + query[12:] + self._RECORD, who)


class FalseBroker:
    """Treats each connection to `port` as the next of `scripts` says: a function of the socket."""

    def __init__(self, *scripts):
        self._scripts = list(scripts)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._kept = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self._kept.append(sock)
            script = self._scripts.pop(0) if len(self._scripts) > 1 else self._scripts[0]
            threading.Thread(target=self._play, args=(script, sock), daemon=True).start()

    @staticmethod
    def _play(script, sock):
        try:
            script(sock)
        except OSError:
            pass

    def close(self):
        self._listener.close()
        for sock in self._kept:
            sock.close()


def silent(sock):
    """Accepts and says nothing, for ever."""


def says(*answers, then_close=False):
    """Answers the first packets with these bytes."""

    def script(sock):
        for answer in answers:
            sock.recv(4096)
            sock.sendall(answer)
        if then_close:
            sock.close()

    return script


def passes_to(port):
    """Hands everything through to a real broker."""

    def script(sock):
        there = socket.create_connection(("127.0.0.1", port))
        threading.Thread(target=_pump, args=(there, sock), daemon=True).start()
        _pump(sock, there)

    return script


def _pump(source, target):
    try:
        while data := source.recv(4096):
            target.sendall(data)
    except OSError:
        pass
    for sock in (source, target):
        try:
            sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
