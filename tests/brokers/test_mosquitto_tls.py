"""MQTT over TLS against mosquitto, which asks for a client certificate."""

import ssl

import pytest
from support import certs


@pytest.fixture
def folder(tmp_path):
    """Certificates as a device keeps them (DER) and as mosquitto does (PEM)."""
    for name in ("CA", "OTHER_CA", "SERVER", "DEVICE"):
        der = getattr(certs, name)
        (tmp_path / f"{name}.der").write_bytes(der)
        (tmp_path / f"{name}.pem").write_text(ssl.DER_cert_to_PEM_cert(der))
    for name in ("SERVER_KEY", "DEVICE_KEY"):
        der = getattr(certs, name)
        (tmp_path / f"{name}.der").write_bytes(der)
        pem = ssl.DER_cert_to_PEM_cert(der).replace("CERTIFICATE", "PRIVATE KEY")
        (tmp_path / f"{name}.pem").write_text(pem)
    return tmp_path


@pytest.fixture
def broker(mosquitto, folder):
    return mosquitto(
        "allow_anonymous true",
        f"cafile {folder}/CA.pem",
        f"certfile {folder}/SERVER.pem",
        f"keyfile {folder}/SERVER_KEY.pem",
        "require_certificate true",
    ).start()


@pytest.mark.parametrize("form", ["der", "pem"])
def test_a_device_with_a_certificate_is_let_in(device, each_umqtt, broker, folder, form):
    lamp = device(
        each_umqtt,
        host="localhost",
        port=broker.port,
        ca=f"{folder}/CA.{form}",
        cert=f"{folder}/DEVICE.{form}",
        key=f"{folder}/DEVICE_KEY.{form}",
        send=500,
    )
    lamp.wait_for("ack", 500)
    broker.kill()
    broker.start()
    lamp.wait_for("up", 2)
    end = lamp.stop()
    assert (end["acked"], end["connects"]) == (500, 2)


def test_a_device_without_a_certificate_is_not(device, umqtt, broker, folder):
    lamp = device(umqtt, host="localhost", port=broker.port, ca=f"{folder}/CA.der")
    lamp.wait_for("log")
    lamp.wait_for("log")
    assert not any("up" in line for line in lamp.lines)
    assert lamp.stop()["connects"] == 0


def test_a_server_of_another_authority_is_not_trusted(device, umqtt, broker, folder):
    lamp = device(
        umqtt,
        host="localhost",
        port=broker.port,
        ca=f"{folder}/OTHER_CA.der",
        cert=f"{folder}/DEVICE.der",
        key=f"{folder}/DEVICE_KEY.der",
    )
    lamp.wait_for("log")
    lamp.wait_for("log")
    assert "TLS: " in lamp.logged()
    assert lamp.stop()["connects"] == 0


def test_a_server_of_another_name_is_not_trusted(device, umqtt, broker, folder):
    lamp = device(
        umqtt,
        host="127.0.0.1",
        port=broker.port,
        ca=f"{folder}/CA.der",
        cert=f"{folder}/DEVICE.der",
        key=f"{folder}/DEVICE_KEY.der",
    )
    lamp.wait_for("log")
    lamp.wait_for("log")
    assert "TLS: " in lamp.logged()
    assert lamp.stop()["connects"] == 0


def test_a_server_without_tls_is_a_fault(device, umqtt, mosquitto, folder):
    plain = mosquitto().start()
    lamp = device(umqtt, host="localhost", port=plain.port, ca=f"{folder}/CA.der", late_ms=1000)
    lamp.wait_for("log")
    assert "TLS: " in lamp.logged()
    assert lamp.stop()["connects"] == 0


def test_a_file_that_is_missing_is_named_until_it_is_there(device, umqtt, broker, folder):
    lamp = device(
        umqtt,
        host="localhost",
        port=broker.port,
        ca=f"{folder}/late.der",
        cert=f"{folder}/DEVICE.der",
        key=f"{folder}/DEVICE_KEY.der",
    )
    assert lamp.wait_for("log").endswith(f"TLS: {folder}/late.der: not found")
    (folder / "late.der").write_bytes((folder / "CA.der").read_bytes())
    lamp.wait_for("up", 1)
    assert lamp.stop()["connects"] == 1
