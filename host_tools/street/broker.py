"""The MQTT broker of a street: embedded in this process, a mosquitto of its own, or one outside.

Each gives `host`, `port`, `title`, `base` (the root of the topics) and `account`, what device and
street log in with: made up anew for every run, except for a broker outside, and never shown.
"""

import asyncio
import contextlib
import getpass
import hmac
import logging
import os
import re
import secrets
import signal
import subprocess
from dataclasses import dataclass

import amqtt
from amqtt.broker import Broker
from amqtt.plugins.base import BaseAuthPlugin

from host_tools import exits, paths
from host_tools.street.board import die_with_parent
from host_tools.street.patience import within

USER_VARIABLE = "KERB_MQTT_USER"
PASSWORD_VARIABLE = "KERB_MQTT_PASSWORD"
_READY_S = 10.0
_STOP_S = 2.0
_LISTENER = "default"
_BASE = "kerb"


class Account:
    """A user and a password (None: anonymous); its repr shows neither."""

    def __init__(self, user=None, password=None):
        self.user = user
        self.password = password

    @classmethod
    def random(cls):
        return cls("street-" + secrets.token_hex(4), secrets.token_urlsafe(24))


class AccountPlugin(BaseAuthPlugin):
    """amqtt's way to check a log-in: lets the one account of this run in."""

    async def authenticate(self, *, session):
        user = session.username or ""
        password = session.password or ""
        return hmac.compare_digest(user, self.config.user) and hmac.compare_digest(
            password, self.config.password
        )

    @dataclass(repr=False)
    class Config:
        user: str
        password: str


class EmbeddedBroker:
    """amqtt, in this process and this event loop."""

    def __init__(self):
        self.host = "127.0.0.1"
        self.port = 0
        self.base = _BASE
        self.title = "amqtt {} (embedded)".format(amqtt.__version__)
        self.account = Account.random()
        self._broker = None
        self._server = None

    async def start(self):
        # It warns of every client that vanishes, which is what a street's clients do.
        logging.getLogger("amqtt").setLevel(logging.CRITICAL)
        plugin = "{}.{}".format(__name__, AccountPlugin.__name__)
        self._broker = Broker(
            {
                # "external": the socket is ours, so that any free port will do.
                "listeners": {_LISTENER: {"type": "external"}},
                "plugins": {
                    plugin: {"user": self.account.user, "password": self.account.password}
                },
            }
        )
        await self._broker.start()
        self._server = await asyncio.start_server(self._serve, self.host, 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _serve(self, reader, writer):
        with contextlib.suppress(OSError, asyncio.CancelledError):
            await self._broker.stream_connected(reader, writer, listener_name=_LISTENER)

    async def close(self):
        if self._server:
            self._server.close()
        if self._broker:
            await within(_STOP_S, self._broker.shutdown())


class MosquittoBroker:
    """A mosquitto from PATH as a child of this process, with its files in `folder`."""

    def __init__(self, folder):
        self.host = "127.0.0.1"
        self.port = 0
        self.base = _BASE
        self.title = "mosquitto"
        self.account = Account.random()
        self._folder = folder
        self._process = None

    async def start(self):
        program = paths.find_executable("mosquitto")
        hasher = paths.find_executable("mosquitto_passwd")
        if not program or not hasher:
            raise exits.Failure(
                "no mosquitto on PATH",
                "install your system's `mosquitto` package, or leave --broker out",
            )
        # mosquitto takes no "any free port": find one, and try again when someone was quicker.
        for _ in range(3):
            self.port = await _free_port()
            config = self._write_files(hasher)
            self._process = await asyncio.create_subprocess_exec(
                program,
                "-c",
                str(config),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                preexec_fn=die_with_parent,
                start_new_session=True,  # a terminal's Ctrl-C is for this process to handle
            )
            said = await self._wait_ready()
            if said is None:
                return
        raise exits.Failure("mosquitto did not start: {}".format(said), "try without --broker")

    def _write_files(self, hasher):
        accounts = self._folder / "mosquitto.accounts"
        _write_private(accounts, "{}:{}\n".format(self.account.user, self.account.password))
        # Hashed in place from the file: an argument would be readable in the process list.
        subprocess.run([hasher, "-U", str(accounts)], check=True, capture_output=True)
        config = self._folder / "mosquitto.conf"
        lines = (
            "listener {} {}".format(self.port, self.host),
            "allow_anonymous false",
            "password_file {}".format(accounts),
            "persistence false",
            "log_dest stderr",
            "log_type error",
            "log_type information",
            # Started by root it would become a user that may not read the files above.
            "user {}".format(getpass.getuser()),
        )
        _write_private(config, "\n".join(lines) + "\n")
        return config

    async def _wait_ready(self):
        """Give None when it listens, else what it said before it ended."""
        said = []
        try:
            async with asyncio.timeout(_READY_S):
                while line := (await self._process.stdout.readline()).decode(errors="replace"):
                    said.append(line.strip())
                    if found := re.search(r"mosquitto version (\S+) running", line):
                        self.title = "mosquitto {}".format(found[1])
                        self._drain = asyncio.create_task(self._process.stdout.read())
                        return None
        except TimeoutError:
            said.append("no sign of life for {} s".format(_READY_S))
        await self.close()
        return "; ".join(said[-3:])

    @property
    def pid(self):
        return self._process.pid if self._process else None

    async def close(self):
        if self._process is None or self._process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(self._process.wait(), _STOP_S)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()


class OutsideBroker:
    """Somebody's broker; a topic root of its own keeps that broker's real devices out of this."""

    def __init__(self, host, port):
        self.host = host
        self.port = port
        self.base = "kerb-street-" + secrets.token_hex(3)
        self.title = "{}:{} (outside)".format(host, port)
        self.account = Account(os.environ.get(USER_VARIABLE), os.environ.get(PASSWORD_VARIABLE))

    async def start(self):
        try:
            async with asyncio.timeout(_READY_S):
                _, writer = await asyncio.open_connection(self.host, self.port)
            writer.transport.abort()
        except (OSError, TimeoutError) as error:
            raise exits.Failure(
                "no broker at {}:{} ({})".format(self.host, self.port, error or "no answer"),
                "check the address, or leave --broker out to use an embedded one",
            ) from None

    async def close(self):
        pass


def make(spec, folder):
    """Give the broker that `--broker` names: "embedded", "mosquitto" or "HOST:PORT"."""
    if spec == "embedded":
        return EmbeddedBroker()
    if spec == "mosquitto":
        return MosquittoBroker(folder)
    host, _, port = spec.rpartition(":")
    if host and port.isdigit() and 0 < int(port) < 65536:
        return OutsideBroker(host.strip("[]"), int(port))
    raise exits.Failure(
        "broker {!r}: expected embedded, mosquitto or HOST:PORT".format(spec),
        "see `kerb street --help`",
        exits.USAGE,
    )


async def _free_port():
    server = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    return port


def _write_private(path, text):
    """Write a file that only its owner can read, from its first byte on."""
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
