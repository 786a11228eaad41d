"""The board as a process of its own, its world across a socket, on both runtimes."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import runner

from host_tools.setup import micropython
from host_tools.setup.product import Unavailable

START = Path(__file__).resolve().parents[3] / "boards" / "host" / "start.py"
_PATIENCE_S = 10


class Board:
    """One process, and the lines that it sends."""

    def __init__(self, command, flash, receive_bytes=None, **environment):
        self._server = socket.create_server(("127.0.0.1", 0))
        if receive_bytes:
            self._server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        port = self._server.getsockname()[1]
        world = {"KERB_WORLD": "127.0.0.1:{}".format(port)} | environment
        self.process = subprocess.Popen(
            [*command, START],
            cwd=flash,
            env=os.environ | world,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._server.settimeout(_PATIENCE_S)
        self.socket, _ = self._server.accept()
        self.socket.settimeout(_PATIENCE_S)
        self._lines = self.socket.makefile("r")
        self.hello = self.hear()

    def say(self, **message):
        self.socket.sendall(json.dumps(message).encode() + b"\n")

    def hear(self):
        line = self._lines.readline()
        return json.loads(line) if line else None

    def hear_until(self, **wanted):
        """What it says up to and with a line that has these values."""
        heard = []
        while True:
            message = self.hear()
            assert message is not None, heard
            heard.append(message)
            if wanted.items() <= message.items():
                return heard

    def end(self):
        """(exit code, all that it printed)."""
        printed, _ = self.process.communicate(timeout=_PATIENCE_S)
        return self.process.returncode, printed

    def close(self):
        self.process.kill()
        self.process.communicate()
        self.socket.close()
        self._server.close()


@pytest.fixture(params=["cpython", "micropython"])
def command(request):
    if request.param == "cpython":
        return [sys.executable]
    try:
        return [micropython.find()[0]]
    except Unavailable as why:
        runner.absent(str(why))


@pytest.fixture
def start(command, tmp_path):
    boards = []

    def begin(main, boot="", **environment):
        (tmp_path / "boot.py").write_text(boot)
        (tmp_path / "main.py").write_text(main)
        boards.append(Board(command, tmp_path, **environment))
        return boards[-1]

    yield begin
    for board in boards:
        board.close()


def test_a_board_introduces_itself_and_waits_for_go(start):
    board = start(
        "from machine import ADC, Pin\nprint(ADC(Pin(26)).read_uv() // 1000)",
        KERB_RESET_CAUSE="watchdog",
        KERB_UNIQUE_ID="e661ab01",
    )
    assert board.hello.pop("runtime") in ("cpython", "micropython")
    assert board.hello == {"hello": "kerb", "cause": "watchdog", "id": "e661ab01"}
    time.sleep(0.05)
    board.say(adc=26, mv=1650)
    board.say(go=True)
    assert board.end() == (0, "1650\n")


def test_a_world_that_does_not_say_go_is_waited_for_until_it_is_quiet(start):
    board = start("from machine import Pin\nprint(Pin(4, Pin.IN).value())")
    board.say(drive=4, level=1)
    assert board.end() == (0, "1\n")


def test_boot_runs_before_main_in_the_same_names(start):
    board = start("print('main', a, machine.reset_cause())", boot="a = 5\nimport machine")
    board.say(go=True)
    assert board.end() == (0, "main 5 1\n")


LIVE = """
import asyncio
from machine import ADC, PWM, Pin, UART

async def follow():
    sensor = ADC(Pin(26))
    lamp = PWM(Pin(15), freq=1000, duty_u16=0)
    while True:
        lamp.duty_u16(sensor.read_u16())
        await asyncio.sleep_ms(10)

async def echo():
    port = UART(1, 9600, tx=Pin(4), rx=Pin(5))
    while True:
        data = port.read()
        if data:
            port.write(data)
        await asyncio.sleep_ms(10)

async def main():
    led = Pin(25, Pin.OUT, value=0)
    button = Pin(3, Pin.IN, Pin.PULL_UP)
    button.irq(lambda pin: led.value(not pin.value()))
    await asyncio.gather(follow(), echo())

asyncio.run(main())
"""


def test_pins_voltages_and_bytes_go_both_ways_while_tasks_run(start):
    board = start(LIVE)
    board.say(adc=26, mv=0)
    board.say(go=True)
    board.hear_until(pin=25, level=0)
    board.say(adc=26, mv=3300)
    board.hear_until(pwm=15, freq_hz=1000, duty_u16=65535)
    board.say(drive=3, level=0)
    board.hear_until(pin=25, level=1)
    board.say(drive=3, level=None)
    board.hear_until(pin=25, level=0)
    board.say(uart=1, hex="ff07a1a7")
    heard = ""
    while heard != "ff07a1a7":
        heard += board.hear_until(uart=1, baud=9600)[-1]["hex"]


def test_a_voltage_follows_the_outputs_that_it_is_measured_of(start):
    board = start(
        "from machine import ADC, Pin\na, b = Pin(20, Pin.OUT), Pin(21, Pin.OUT)\n"
        "for left, right in ((0, 0), (1, 0), (0, 1), (1, 1), (0, 0)):\n"
        "    a.value(left); b.value(right)\n"
        "    print((ADC(Pin(27)).read_uv() + 500) // 1000, end=' ')\n"
    )
    board.say(**{"adc": 27, "mv": 100, "with": [[20, 1000], [21, 600]]})
    board.say(go=True)
    assert board.end() == (0, "100 1100 700 1700 100 ")


def test_timers_fire_while_every_task_sleeps(start):
    board = start(
        "import asyncio\nfrom machine import Pin, Timer\nled = Pin(25, Pin.OUT, value=0)\n"
        "Timer(period=50, callback=lambda timer: led.toggle())\n"
        "async def main():\n    await asyncio.sleep_ms(2000)\n"
        "asyncio.run(main())\n"
    )
    board.say(go=True)
    board.hear_until(pin=25, level=0)
    begun = time.monotonic()
    for level in (1, 0, 1, 0):
        board.hear_until(pin=25, level=level)
    assert 0.1 < time.monotonic() - begun < 1


def test_a_duty_that_stays_is_said_once(start):
    board = start(LIVE)
    board.say(adc=26, mv=1000)
    board.say(go=True)
    time.sleep(0.3)
    board.say(drive=3, level=0)
    heard = board.hear_until(pin=25, level=1)
    assert len([message for message in heard if "pwm" in message]) == 2


def test_the_world_reaches_a_board_that_blocks_in_a_sleep(start):
    board = start(
        "import time\nfrom machine import Pin\npin = Pin(3, Pin.IN, Pin.PULL_UP)\n"
        "while pin.value():\n    time.sleep_ms(1)\n"
    )
    board.say(go=True)
    time.sleep(0.2)
    board.say(drive=3, level=0)
    assert board.end()[0] == 0


def test_the_watchdog_is_said_and_left_to_the_world(start):
    board = start(
        "import time\nfrom machine import WDT\ndog = WDT(timeout=100)\ndog.feed()\n"
        "time.sleep_ms(300)\nprint('alive')"
    )
    board.say(go=True)
    assert board.hear() == {"wdt": "start", "timeout_ms": 100}
    assert board.hear() == {"wdt": "feed"}
    assert board.end() == (0, "alive\n")


def test_the_last_line_arrives_even_when_the_world_is_slow_to_read(start):
    board = start(
        "import machine\nled = machine.Pin(25, machine.Pin.OUT, value=0)\n"
        "for _ in range(20000):\n    led.toggle()\nmachine.reset()\n",
        receive_bytes=4096,
    )
    board.say(go=True)
    time.sleep(1)
    heard = board.hear_until(reset="hard")
    assert len(heard) == 1 + 20_000 + 1
    assert board.end()[0] == 44


@pytest.mark.parametrize(
    ("how", "cause", "code"),
    [
        ("machine.reset()", "hard", 44),
        ("machine.soft_reset()", "soft", 45),
        ("machine.deepsleep(5000)", "deep_sleep", 46),
    ],
)
@pytest.mark.parametrize("where", ["plain", "task"])
def test_a_reset_is_the_last_word_and_has_its_exit_code(start, how, cause, code, where):
    if where == "plain":
        main = "import machine\n" + how
    else:
        main = (
            "import asyncio, machine\n"
            "async def task():\n"
            "    await asyncio.sleep_ms(10)\n"
            "    try:\n"
            "        {}\n"
            "    except Exception:\n"
            "        pass\n"
            "async def main():\n"
            "    other = asyncio.create_task(task())\n"
            "    await asyncio.sleep_ms(5000)\n"
            "    print('survived')\n"
            "asyncio.run(main())\n"
        ).format(how)
    board = start(main)
    board.say(go=True)
    ms = 5000 if cause == "deep_sleep" else None
    assert board.hear_until(reset=cause)[-1] == {"reset": cause, "sleep_ms": ms}
    assert board.end() == (code, "")


def test_the_rtc_goes_both_ways_and_runs(start):
    board = start(
        "import time\nfrom machine import RTC\nrtc = RTC()\nprint(rtc.datetime())\n"
        "rtc.datetime((2027, 1, 1, 4, 12, 0, 0, 0))\ntime.sleep_ms(1100)\nprint(rtc.datetime())\n"
    )
    board.say(rtc=[9822, 45296])
    board.say(go=True)
    assert board.hear() == {"rtc": [9862, 43200]}
    assert board.end()[1] == "(2026, 11, 22, 6, 12, 34, 56, 0)\n(2027, 1, 1, 4, 12, 0, 1, 0)\n"


def test_scratch_registers_go_both_ways(start):
    board = start(
        "from machine import mem32\nprint(mem32[0x4005800C], mem32[0x40058010])\n"
        "mem32[0x40058018] = 0xFFFFFFFF\nmem32[0x4005800C] = 6\n"
    )
    board.say(scratch=0, value=1073741823)
    board.say(go=True)
    assert board.hear() == {"scratch": 3, "value": 4294967295}
    assert board.hear() == {"scratch": 0, "value": 6}
    assert board.end()[1] == "1073741823 0\n"


WLAN = """
import asyncio, network
async def main():
    wlan = network.WLAN()
    wlan.active(True)
    wlan.connect("street", "secret")
    while not wlan.isconnected():
        await asyncio.sleep_ms(5)
    while wlan.isconnected():
        await asyncio.sleep_ms(5)
    print(wlan.status("rssi"))
asyncio.run(main())
"""


PATTERNS = """
import time
from esp32 import RMT
from machine import Pin
pin = Pin(17, Pin.IN, Pin.PULL_UP)
edges = []
pin.irq(lambda pin: edges.append(pin.value()))
RMT(0, pin=Pin(16), clock_div=80, idle_level=True).write_pulses([417, 833, 417], False)
while len(edges) < 4:
    time.sleep_ms(1)
print(edges)
"""


def test_exact_patterns_go_both_ways_whole(start):
    board = start(PATTERNS)
    board.say(go=True)
    assert {"pin": 16, "level": 1} in board.hear_until(pulses=16, level=0, us=[417, 833, 417])
    board.say(play=17, level=0, us=[5000, 5000, 5000, 5000], after_us=1000)
    assert board.end() == (0, "[0, 1, 0, 1]\n")


def test_the_network_comes_and_goes_with_the_world(start):
    board = start(WLAN)
    board.say(network=True, ssid="street", psk="secret", rssi_dbm=-71, connect_ms=20)
    board.say(go=True)
    assert board.hear() == {"wlan": True}
    time.sleep(0.2)  # let the firmware see it
    board.say(network=False)
    assert board.hear() == {"wlan": False}
    assert board.end() == (0, "-71\n")


FOR_EVER = """
import asyncio
async def main():
    try:
        print("up")
        while True:
            await asyncio.sleep_ms(10)
    except Exception:
        print("caught")
asyncio.run(main())
"""


def test_the_board_ends_when_the_power_is_switched_off(start):
    board = start(FOR_EVER)
    board.say(go=True)
    time.sleep(0.3)
    board.say(power="off")
    assert board.end() == (43, "up\n")


def test_the_board_ends_when_its_world_is_gone(start):
    board = start(FOR_EVER)
    board.say(go=True)
    time.sleep(0.3)
    board.socket.shutdown(socket.SHUT_RDWR)
    assert board.end() == (43, "up\n")


def test_ctrl_c_is_a_keyboard_interrupt_as_on_a_board(start):
    board = start(
        "import asyncio\n"
        "async def main():\n"
        "    print('up')\n"
        "    await asyncio.sleep_ms(5000)\n"
        "try:\n"
        "    asyncio.run(main())\n"
        "except KeyboardInterrupt:\n"
        "    print('safe')\n"
    )
    board.say(go=True)
    time.sleep(0.3)
    board.process.send_signal(signal.SIGINT)
    assert board.end() == (0, "up\nsafe\n")


def test_ctrl_c_that_nobody_takes_and_an_error_have_their_exit_codes(start):
    board = start("raise ValueError('no config')")
    board.say(go=True)
    code, printed = board.end()
    assert code == 1
    assert "ValueError: no config" in printed
    board = start("import time\nprint('up')\ntime.sleep_ms(5000)")
    board.say(go=True)
    time.sleep(0.3)
    board.process.send_signal(signal.SIGINT)
    assert board.end()[0] == 130


def test_lines_that_make_no_sense_do_no_harm(start):
    board = start(FOR_EVER)
    for line in (b"\n", b"{\n", b"[1]\n", b'{"drive": 999, "level": 1}\n', b'{"adc": 1}\n'):
        board.socket.sendall(line)
    board.socket.sendall(b'{"uart": 0, "hex": "zz"}\n{"never heard of": 1}\n\xff\xfe\n')
    board.say(go=True)
    time.sleep(0.3)
    assert board.process.poll() is None
    board.say(power="off")
    assert board.end() == (43, "up\n")


def test_without_a_world_the_pins_are_wired_to_nothing(command, tmp_path):
    (tmp_path / "main.py").write_text(
        "from machine import Pin\nprint(Pin(3, Pin.IN, Pin.PULL_UP).value())"
    )
    environment = {key: value for key, value in os.environ.items() if key != "KERB_WORLD"}
    ended = subprocess.run(
        [*command, START], cwd=tmp_path, env=environment, capture_output=True, check=False
    )
    assert (ended.returncode, ended.stdout) == (0, b"1\n")


def test_a_folder_without_programs_runs_those_of_the_firmware(command, tmp_path):
    ended = subprocess.run(
        [*command, START], cwd=tmp_path, capture_output=True, check=False, timeout=_PATIENCE_S
    )
    assert ended.returncode == 0, ended.stderr
    assert b"does not start" in ended.stdout  # there is no config


def test_the_board_leaves_the_memory_to_the_firmware(start):
    board = start(
        "import gc, sys, network\n"
        "from machine import ADC, PWM, Pin, RTC, WDT, Timer\n"
        "RTC().datetime(), network.WLAN(), PWM(15, freq=1000, duty_u16=1), ADC(26)\n"
        "gc.collect()\n"
        "used = gc.mem_alloc()\n"
        "print(sys.implementation.name == 'cpython' or used < 64_000 or used)\n"
        "print('sim.uart' in sys.modules or 'world' in sys.modules)\n"
    )
    board.say(go=True)
    assert board.end() == (0, "True\nFalse\n")
