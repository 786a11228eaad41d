"""The real mpremote on the emulated board's serial line."""

import json
import subprocess
import sys

from emulated.conftest import light

_PATIENCE_S = 60


def mpremote(port, *words):
    """What mpremote printed."""
    line = ["connect", f"socket://127.0.0.1:{port}", *map(str, words)]
    argv = [sys.executable, "-m", "mpremote", *line]
    done = subprocess.run(argv, capture_output=True, check=False, timeout=_PATIENCE_S)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.decode().replace("\r\n", "\n")


def test_mpremote_stops_the_app_and_copies_files_both_ways(make_pico, tmp_path):
    pico = make_pico(light())
    pico.adc(pico.SENSOR, 60)
    pico.become(1000, ms=3000)
    pico.run(2000)
    port = pico.go()
    try:
        config = json.loads(mpremote(port, "cat", ":config.json"))
        assert config["app"] == "light"
        here = tmp_path / "sent.bin"
        here.write_bytes(bytes(range(256)) * 20)
        mpremote(port, "cp", here, ":sent.bin")
        mpremote(port, "cp", ":sent.bin", tmp_path / "back.bin")
        assert (tmp_path / "back.bin").read_bytes() == here.read_bytes()
        assert "kerb" in mpremote(port, "exec", "import sys, kerb; print(kerb.__name__)")
    finally:
        pico.halt()
    assert pico.files()["sent.bin"] == bytes(range(256)) * 20
