"""`kerb parking` on a real mosquitto, as a person or a script starts it."""

import itertools
import json
import os
import signal
import subprocess
import sys
import threading
import time

import pytest
from brokers.client import Client
from brokers.parts import LIMIT_S, Mosquitto, free_port

from host_tools import exits, paths

_COMMAND = [sys.executable, "-m", "host_tools.cli", "parking"]


class _Device:
    """What a device with one bay says, by a client of its own."""

    def __init__(self, port, name):
        self.name = name
        self._client = Client(port, "device-" + name, "kerb/all/command/send_status")
        self._numbers = itertools.count()
        self._publish("availability", b"online", retain=True)

    def _publish(self, below, payload, retain=False):
        self._client.publish("kerb/{}/{}".format(self.name, below), payload, retain=retain)

    def says(self, kind, **values):
        document = {"v": 1, "kind": kind, "seq": next(self._numbers), "time": None}
        self._publish("event/" + kind, json.dumps(document | values).encode())

    def state(self, state, stay_s=None, reason="ground"):
        self.says("bay_state", bay=0, state=state, reason=reason, stay_s=stay_s)

    def wait_asked(self):
        self._client.wait_for("kerb/all/command/send_status", limit_s=LIMIT_S)

    def goes(self):
        self._publish("availability", b"offline", retain=True)


class _Parking:
    """A running `kerb parking`, and its lines."""

    def __init__(self, *args):
        self.lines = []
        self._read = 0
        self._new = threading.Condition()
        self.process = subprocess.Popen(
            [*_COMMAND, *args],
            cwd=paths.ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        threading.Thread(target=self._take, daemon=True).start()

    def _take(self):
        for line in self.process.stdout:
            with self._new:
                self.lines.append(line.rstrip("\n"))
                self._new.notify_all()
        with self._new:
            self.lines.append("(ended)")
            self._new.notify_all()

    def until(self, *texts, as_json=None):
        """Wait for a line, after those read, with all texts or for which `as_json` holds."""
        end_s = time.monotonic() + LIMIT_S
        with self._new:
            while True:
                while self._read < len(self.lines):
                    line = self.lines[self._read]
                    self._read += 1
                    if as_json is None and all(text in line for text in texts):
                        return line
                    if as_json and line.startswith("{") and as_json(json.loads(line)):
                        return json.loads(line)
                left_s = end_s - time.monotonic()
                assert left_s > 0, "no {} in {}".format(texts, self.lines)
                assert self.lines[-1:] != ["(ended)"], self.lines
                self._new.wait(left_s)


@pytest.fixture
def broker(tmp_path, need):
    """A mosquitto that runs; it can be killed and started again."""
    one = Mosquitto(need("mosquitto"), tmp_path).start()
    yield one
    one.kill()


@pytest.fixture
def parking(broker):
    """parking(*args) starts `kerb parking` on the broker."""
    runs = []

    def start(*args):
        runs.append(_Parking("--broker", "127.0.0.1:{}".format(broker.port), *args))
        return runs[-1]

    yield start
    for run in runs:
        run.process.kill()
        run.process.wait()


def _once(broker, *args):
    command = [*_COMMAND, "--broker", "127.0.0.1:{}".format(broker.port), "--once", *args]
    return subprocess.run(
        command, cwd=paths.ROOT, capture_output=True, text=True, timeout=LIMIT_S, check=False
    )


def test_a_lot_is_told_line_by_line_and_summed_up_at_the_end(broker, parking):
    run = parking()
    devices = [_Device(broker.port, "deck-{}".format(n)) for n in (1, 2)]
    _wait_listening(run, devices[0])
    devices[1].state("occupied")
    run.until("deck-2/0 occupied", "[1 of 2 free, 1 occupied]")
    devices[1].state("free", stay_s=1260)
    run.until("deck-2/0 free; was occupied", "[2 of 2 free, 0 occupied]")
    devices[0].goes()
    run.until("deck-1/0 unknown (offline)", "[1 of 2 free, 0 occupied, 1 unknown]")
    run.process.send_signal(signal.SIGINT)
    run.until("bay", "state", "why")
    run.until("deck-2/0", "free", "ground")
    run.until("mean stay 21 min (1 stay)")
    assert run.process.wait(LIMIT_S) == exits.INTERRUPTED


def _wait_listening(run, device):
    """Say the same until it is heard: a broker keeps no event for who comes later."""
    end_s = time.monotonic() + LIMIT_S
    while not any(device.name in line for line in run.lines):
        assert time.monotonic() < end_s
        device.state("free")
        time.sleep(0.1)


def test_every_device_is_asked_and_a_snapshot_has_what_they_answer(broker):
    device = _Device(broker.port, "deck-1")

    def answer():
        device.wait_asked()
        values = {"bay": 0, "state": "occupied", "reason": "vehicle", "state_s": 3600}
        values |= {"confidence_permille": 990, "distance_mm": 1083, "battery_mv": 3620}
        device.says("bay_report", **values, arrivals=7)

    threading.Thread(target=answer, daemon=True).start()
    done = _once(broker, "--json")
    assert done.returncode == exits.OK, done.stderr
    lot = json.loads(done.stdout)
    assert (lot["total"], lot["occupied"], lot["connected"]) == (1, 1, True)
    (bay,) = lot["bays"]
    assert (bay["device"], bay["bay"], bay["state"]) == ("deck-1", 0, "occupied")
    assert 3600 <= bay["state_s"] < 3600 + LIMIT_S
    assert (bay["distance_mm"], bay["battery_mv"]) == (1083, 3620)


def test_who_only_listens_asks_nobody_and_an_expected_bay_is_unknown(broker):
    device = _Device(broker.port, "deck-1")
    done = _once(broker, "--no-ask", "--for", "1s", "--expect", "deck-1:2", "--json")
    assert done.returncode == exits.FAILED
    assert "no bay was heard of" in done.stderr
    lot = json.loads(done.stdout)
    assert (lot["total"], lot["unknown"]) == (2, 2)
    assert [topic for topic, *_ in device._client.got if "command" in topic] == []


def test_a_broker_that_goes_away_leaves_nothing_known_until_it_is_back(broker, parking):
    run = parking("--json")
    device = _Device(broker.port, "deck-1")
    _wait_listening(run, device)
    run.until(as_json=lambda lot: lot["free"] == 1)
    broker.kill()
    run.until(as_json=lambda lot: not lot["connected"] and lot["unknown"] == 1)
    broker.start()
    run.until(as_json=lambda lot: lot["connected"] and lot["unknown"] == 1)
    _Device(broker.port, "deck-1").state("occupied")
    run.until(as_json=lambda lot: lot["occupied"] == 1)


def test_a_bay_that_falls_silent_is_unknown_without_anything_being_said(broker, parking):
    run = parking("--silent-after", "3s")
    _wait_listening(run, _Device(broker.port, "deck-1"))
    run.until("deck-1/0 unknown (silent)")


def test_another_citys_topics_and_noise_are_none_of_the_lot(broker, parking):
    run = parking()
    device = _Device(broker.port, "deck-1")
    noise = Client(broker.port, "noise")
    for topic in ("kerb/x/event/bay_state", "kerb/x/event/bay_report", "kerb/x/event/boot"):
        for payload in (b"", b"\xff\xfe", b"[]", b"{", b'{"bay":0}', b"null", b"9" * 5000):
            noise.publish(topic, payload)
    noise.publish("town/deck-9/event/bay_state", b'{"bay":0,"state":"free"}')
    _wait_listening(run, device)
    run.process.send_signal(signal.SIGTERM)
    run.until("1 of 1 free")
    assert run.process.wait(LIMIT_S) == exits.INTERRUPTED


def test_a_password_is_taken_from_the_environment_and_shown_nowhere(tmp_path, need):
    accounts = tmp_path / "accounts"
    accounts.write_text("city:s3cret-word\n")
    subprocess.run([need("mosquitto_passwd"), "-U", str(accounts)], check=True)
    lines = ("allow_anonymous false", "password_file {}".format(accounts))
    broker = Mosquitto(need("mosquitto"), tmp_path, *lines).start()
    try:
        command = [*_COMMAND, "--broker", "127.0.0.1:{}".format(broker.port), "--once"]
        for word, code in (("s3cret-word", exits.FAILED), ("wr0ng-word", exits.FAILED)):
            login = {"KERB_MQTT_USER": "city", "KERB_MQTT_PASSWORD": word}
            done = subprocess.run(
                [*command, "--for", "1"],
                cwd=paths.ROOT,
                env=os.environ | login,
                capture_output=True,
                text=True,
                timeout=LIMIT_S,
                check=False,
            )
            assert done.returncode == code
            said = "no bay was heard of" if word == "s3cret-word" else "lets nobody in"
            assert said in done.stderr
            assert word not in done.stdout + done.stderr
    finally:
        broker.kill()


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--broker", "x:0"], "HOST:PORT"),
        (["--broker", ":1883"], "HOST:PORT"),
        (["--broker", "x", "--base", "a/#"], "without"),
        (["--broker", "x", "--silent-after", "9y"], "1s to 24h"),
        (["--broker", "x", "--for", "x"], "1s to 24h"),
        (["--broker", "x", "--expect", "a:9"], "DEVICE:1 to 8"),
        (["--broker", "x", "--ca", "/nowhere.pem"], "no file"),
    ],
)
def test_what_cannot_be_is_wrong_usage_with_a_next_step(capsys, args, said):
    from host_tools import cli

    assert cli.main(["parking", *args]) == exits.USAGE
    error = capsys.readouterr().err
    assert said in error
    assert "next: see `kerb parking --help`" in error


def test_a_broker_that_is_not_there_fails_with_a_next_step(capsys, monkeypatch):
    from host_tools import cli
    from host_tools.street import observer

    monkeypatch.setattr(observer, "_CONNECT_S", 1)
    assert cli.main(["parking", "--broker", "127.0.0.1:{}".format(free_port())]) == exits.FAILED
    assert "next:" in capsys.readouterr().err
