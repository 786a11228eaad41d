"""An emulated Pico as a Python object: a node process that does as it is told, in virtual time."""

import base64
import json
import os
import select
import subprocess
import tempfile
import time
from pathlib import Path

from host_tools import exits
from host_tools.setup import emulator as setup
from host_tools.setup.product import Unavailable
from host_tools.vboard import image as littlefs

_SCRIPT = Path(__file__).with_name("control.mjs")
FILE_BLOCKS = 352  # what MicroPython's RPI_PICO keeps of the flash for files
_PATIENCE_S = 600


class Stopped(Exception):
    """The emulator's process ended or reported an error; the text has its last words."""


class TooLate(Exception):
    """What was waited for did not come in the virtual time given; the text has the serial line."""


def file_blocks(contents):
    """The blocks of a Pico's file system that holds {path: bytes}."""
    with tempfile.TemporaryDirectory(prefix="kerb-emulator-") as folder:
        path = Path(folder, "files")
        littlefs.make(path, contents, FILE_BLOCKS)
        return path.read_bytes()


class Emulator:
    """with Emulator(image) as pico: a Pico with this firmware, powered, in an own process.

    image: path of a UF2. files: {path: bytes} on its file system, None: blank flash. seed: of all
    that is random. limit_s: real seconds that one order may take.
    Virtual time passes in run(), wait() and the REPL's calls alone. `serial` collects what the
    board writes to its USB line, `ended` why it was reset ("watchdog", "forced", "power_cut").
    """

    def __init__(self, image, files=None, seed=1, limit_s=_PATIENCE_S):
        self._image = Path(image)
        self._files = files
        self._seed = seed
        self._process = None
        self._left = b""
        self.limit_s = limit_s
        self.serial = ""
        self.ended = []
        self.ns = 0

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.close()

    def start(self):
        """Start the process and switch the board on."""
        try:
            node, home = setup.find()
        except Unavailable as error:
            raise exits.Failure(str(error), "run `make emulator`") from None
        self._process = subprocess.Popen(
            [node, str(_SCRIPT)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            bufsize=0,
            env={**os.environ, "KERB_EMULATOR": str(home)},
        )
        self.load(self._image, self._files, self._seed)

    def load(self, image, files=None, seed=1):
        """Begin anew with another board; the process stays."""
        self.serial = ""
        self.ended = []
        blocks = None if files is None else base64.b64encode(file_blocks(files)).decode()
        self.order("open", image=str(image), seed=seed, files=blocks)

    def close(self):
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.stdin.close()
            self._process.stdout.close()
            self._process.wait()
            self._process = None

    def order(self, do, **words):
        """Give an order of control.mjs; gives its result. Stopped on an error."""
        if self._process is None:
            raise Stopped("the emulator is closed")
        data = json.dumps({"do": do, **words}).encode() + b"\n"
        try:
            self._write(data)
            answer = json.loads(self._line())
        except (BrokenPipeError, ValueError):
            raise Stopped(self._last_words()) from None
        self.ns = answer["ns"]
        self.serial += answer["serial"]
        self.ended += answer["ended"]
        if "error" in answer:
            raise Stopped(answer["error"])
        return answer["result"]

    def _write(self, data):
        view = memoryview(data)
        while view:
            view = view[self._process.stdin.write(view) :]

    def _line(self):
        deadline = time.monotonic() + self.limit_s
        while b"\n" not in self._left:
            left_s = deadline - time.monotonic()
            if left_s <= 0 or not select.select([self._process.stdout], [], [], left_s)[0]:
                self.close()
                raise Stopped(f"no answer in {self.limit_s} s")
            data = self._process.stdout.read(1 << 16)
            if not data:
                raise BrokenPipeError
            self._left += data
        line, _, self._left = self._left.partition(b"\n")
        return line

    def _last_words(self):
        self._process.kill()  # else there may be no end to read to
        self._left += self._process.stdout.read() or b""
        words = self._left.decode(errors="replace")
        self.close()
        return words[-2000:] or "the emulator ended"

    # ---- time

    @property
    def ms(self):
        """Virtual milliseconds since the first power-on."""
        return self.ns / 1e6

    def run(self, ms):
        """Let virtual time pass."""
        self.order("run", ms=ms)

    def wait(self, text, ms=10_000):
        """Run until the board's serial line has `text`; gives all up to its end, and drops it."""
        until = self.ms + ms
        while text not in self.serial:
            left = until - self.ms
            if left <= 0:
                raise TooLate(f"no {text!r} in {ms} ms, but {self.serial[-800:]!r}")
            # The board's text of before stays here; a match may begin in it.
            self.order("run_until", text=text[-1], ms=left)
        end = self.serial.index(text) + len(text)
        taken, self.serial = self.serial[:end], self.serial[end:]
        return taken

    def wait_pin(self, pin, level, ms=10_000):
        """Run until the board has a pin at a level."""
        if self.order("run_until", pin=pin, level=level, ms=ms) is None:
            raise TooLate(f"pin {pin} not at {level} in {ms} ms")

    def wait_reset(self, ms=20_000):
        """Run until the board is reset or loses power; gives the reason."""
        if self.order("run_until", reset=True, ms=ms) is None:
            raise TooLate(f"no reset in {ms} ms; {self.serial[-800:]!r}")
        return self.ended[-1]

    def go(self):
        """Let the board run by itself in real time; gives the TCP port of its serial line."""
        return self.order("go")

    def halt(self):
        """Time stands still again; ends what go() began."""
        self.order("halt")

    # ---- pins

    def drive(self, pin, level):
        """Drive a pin from outside: 0, 1, or None to let go."""
        self.order("drive", pin=pin, level=level)

    def pull(self, pin, to):
        """Put a resistor outside: to 0, to 1, or None."""
        self.order("pull", pin=pin, to=to)

    def connect(self, a, b):
        """Wire two pins together."""
        self.order("connect", a=a, b=b)

    def level(self, pin):
        """0, 1, or None while nobody drives the pin."""
        return self.order("level", pin=pin)

    def adc(self, pin, mv):
        """Put a voltage on GPIO 26 to 29."""
        self.order("adc", pin=pin, mv=mv)

    def pwm(self, pin):
        """(Hz, high part of the period 0 to 1) of the PWM on a pin, None if none runs."""
        return self.order("pwm", pin=pin)

    def edges(self, pin, ms):
        """Run for a time; gives [(level, ns)] of the pin's edges."""
        self.order("watch", pin=pin)
        self.order("run", ms=ms)
        edges = self.order("edges_of", pin=pin)
        self.order("unwatch", pin=pin)
        return [tuple(edge) for edge in edges]

    def uart_send(self, uart, data, **form):
        """Bytes from the far end of a UART; baud, parity, bits, stop: the board's if left out."""
        self.order("uart_send", uart=uart, hex=bytes(data).hex(), **form)

    def uart_heard(self, uart):
        """What the board has sent since the last call."""
        return bytes.fromhex(self.order("uart_heard", uart=uart))

    def add(self, name, kind, **options):
        """Put a part of parts/ on the pins."""
        self.order("add_part", name=name, kind=kind, **{"with": options})

    def tell(self, name, call, **options):
        """Call a part's method."""
        return self.order("part", name=name, call=call, **{"with": options})

    def ask(self, name, what):
        """A part's property."""
        return self.order("part_state", name=name, what=what)

    # ---- power and flash

    def power(self, on):
        """Switch the supply; the flash and the wiring stay."""
        self.order("power", on=on)

    def cut_power_after(self, operations):
        """Let the power go in the middle of the flash operation after that many."""
        self.order("cut_after", operations=operations)

    def files(self):
        """{path: bytes} of the board's file system as it is in the flash."""
        with tempfile.TemporaryDirectory(prefix="kerb-emulator-") as folder:
            path = Path(folder, "files")
            path.write_bytes(base64.b64decode(self.order("files")))
            return littlefs.read(path)

    def stats(self):
        """instructions executed, flash erases and programs, wear: most erases of one sector."""
        return self.order("stats")
