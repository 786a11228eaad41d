"""`kerb parking` over TLS: it proves the broker, and tells nothing to one that it can't."""

import json
import ssl
import subprocess
import sys
import time

import pytest
from brokers.client import Client
from brokers.parts import LIMIT_S, Mosquitto, free_port, is_open, wait_until
from support import certs

from host_tools import exits, paths

_SECRET = "a password of nobody"


@pytest.fixture
def folder(tmp_path):
    """The certificates as mosquitto and people keep them."""
    for name in ("CA", "OTHER_CA", "SERVER", "SERVER_KEY"):
        pem = ssl.DER_cert_to_PEM_cert(getattr(certs, name))
        if name.endswith("KEY"):
            pem = pem.replace("CERTIFICATE", "PRIVATE KEY")
        (tmp_path / (name + ".pem")).write_text(pem)
    return tmp_path


@pytest.fixture
def broker(folder, need):
    """A mosquitto on a port with TLS, with a bay of which is told on another one without."""
    plain = free_port()
    one = Mosquitto(
        need("mosquitto"),
        folder,
        "allow_anonymous true",
        *("{} {}/{}.pem".format(*it) for it in _files(folder)),
        "listener {} 127.0.0.1".format(plain),
    ).start()
    one.plain = plain
    wait_until(lambda: is_open(plain), "its other listener")
    yield one
    one.kill()


def _files(folder):
    return (
        ("cafile", folder, "CA"),
        ("certfile", folder, "SERVER"),
        ("keyfile", folder, "SERVER_KEY"),
    )


def _parking(place, *args, **more):
    command = [sys.executable, "-m", "host_tools.cli", "parking", "--broker", place, *args]
    options = {"cwd": paths.ROOT, "text": True, "stderr": subprocess.PIPE}
    return subprocess.Popen(command, stdout=subprocess.PIPE, **options, **more)


def test_a_lot_is_seen_through_tls_at_a_broker_that_proves_itself(broker, folder):
    device = Client(broker.plain, "device-deck", "kerb/all/command/send_status")
    place = "localhost:{}".format(broker.port)
    run = _parking(place, "--ca", str(folder / "CA.pem"), "--once", "--json", "--for", "20s")
    device.wait_for("kerb/all/command/send_status", limit_s=LIMIT_S)  # by TLS it asks
    document = {"v": 1, "kind": "bay_state", "seq": 0, "time": None, "bay": 0}
    document |= {"state": "occupied", "reason": "vehicle", "stay_s": None}
    device.publish("kerb/deck/event/bay_state", json.dumps(document).encode())
    out, errors = run.communicate(timeout=LIMIT_S)
    assert run.returncode == exits.OK, errors
    assert [bay["state"] for bay in json.loads(out)["bays"]] == ["occupied"]


@pytest.mark.parametrize(
    ("host", "authority"), [("localhost", "OTHER_CA"), ("127.0.0.1", "CA"), ("localhost", None)]
)
def test_a_broker_that_does_not_prove_itself_is_not_logged_in_to(broker, folder, host, authority):
    secrets = folder / "secrets.json"
    secrets.write_text(json.dumps({"mqtt_user": "somebody", "mqtt_password": _SECRET}))
    args = ["--secrets", str(secrets), "--once"]
    if authority:
        args += ["--ca", str(folder / (authority + ".pem"))]
    began_s = time.monotonic()
    run = _parking("{}:{}".format(host, broker.port), *args)
    out, errors = run.communicate(timeout=LIMIT_S)
    assert run.returncode == exits.FAILED, out
    assert errors.strip() and "Traceback" not in errors and _SECRET not in out + errors
    assert time.monotonic() - began_s < LIMIT_S
    log = (folder / "mosquitto.log").read_text()
    assert "somebody" not in log and "New client connected" not in log
