"""The virtual board's world across a socket: JSON lines, as README.md beside this lists them."""

import binascii
import errno
import json
import socket
import sys

from sim.chip import Gone

_IPPROTO_TCP = 6
_TCP_NODELAY = 1
_QUIET_US = 100_000  # without a line for so long, all that was so at power-on is said
_CHUNK = 1024
_BACKLOG = 16_384  # bytes that may wait for a world that is slow to read
_AGAIN = (errno.EAGAIN, errno.EINPROGRESS)


class Link:
    """Wires `world` to the far end at address ("127.0.0.1:port"); OSError when nobody listens."""

    def __init__(self, world, address):
        host, _, port = address.rpartition(":")
        self.sock = socket.socket()
        self.sock.connect(socket.getaddrinfo(host, int(port))[0][-1])
        self.sock.setsockopt(_IPPROTO_TCP, _TCP_NODELAY, 1)
        self.sock.setblocking(False)
        self.bad_lines = 0
        self._world = world
        self._in = b""
        self._out = b""
        self._go = False
        self._linked = False
        world.enforce_watchdog = False
        world.observe(self._tell)
        world.clock.pollers.append(self.poll)

    def hello(self):
        """Introduces the board and waits until the world has said how things are."""
        world = self._world
        self._send(
            {
                "hello": "kerb",
                "cause": world.cause,
                "id": binascii.hexlify(world.unique_id).decode(),
                "runtime": sys.implementation.name,
            }
        )
        clock = world.clock
        quiet_at = clock.us() + _QUIET_US
        while not self._go and clock.us() < quiet_at:
            clock.sleep_us(1000)
            if self.poll():
                quiet_at = clock.us() + _QUIET_US

    def poll(self):
        """Takes what has come, sends what is left; True when something came. Raises Gone."""
        self._flush()
        came = False
        while True:
            try:
                data = self.sock.recv(_CHUNK)
            except OSError as exc:
                if exc.errno in _AGAIN:
                    return came
                data = b""
            if not data:
                self._die()
            came = True
            self._in += data
            while True:
                line, end, rest = self._in.partition(b"\n")
                if not end:
                    break
                self._in = rest
                self._take(line)

    def drain(self):
        """Blocks until all is sent."""
        self.sock.setblocking(True)
        self._flush()

    def _take(self, line):
        try:
            message = json.loads(line.decode())
            self._obey(self._world, message)
        except (ValueError, KeyError, TypeError, AttributeError):
            self.bad_lines += 1

    def _obey(self, world, message):
        # One long function: each function more would cost a board's process 200 bytes.
        if "drive" in message:
            world.drive(message["drive"], message["level"])
        elif "play" in message:
            world.play(message["play"], message["level"], message["us"], message["after_us"])
        elif "pull" in message:
            world.pull(message["pull"], message["to"])
        elif "adc" in message:
            mv, more = message["mv"], message.get("with")
            if more:
                base_mv, pins = mv, [(world.pin(pin), pin_mv) for pin, pin_mv in more]

                def mv():
                    return base_mv + sum(it * pin.net.resolve()[0] for pin, it in pins)

            world.set_adc_mv(message["adc"], mv)
        elif "uart" in message:
            data = binascii.unhexlify(message["hex"])
            far = world.uart(message["uart"])
            far.send(data, message.get("baud"), message.get("parity", "same"))
        elif "rtc" in message:
            day, second = message["rtc"]
            world.rtc.set_day_second(day, second)
        elif "scratch" in message:
            world.scratch[message["scratch"]] = message["value"]
        elif "network" in message:
            network = world.network
            for name in ("ssid", "psk", "rssi_dbm", "connect_ms"):
                setattr(network, name, message.get(name, getattr(network, name)))
            network.set_up(message["network"])
        elif "radio" in message:
            world.radio.take(message)
        elif "power" in message:
            if message["power"] == "off":
                self._die()
        elif "go" in message:
            self._go = True

    def _tell(self, kind, a, b, c=None):
        if kind == "pin":
            self._send({"pin": a, "level": b})
        elif kind == "pwm":
            self._send({"pwm": a, "freq_hz": b, "duty_u16": c})
        elif kind == "pulses":
            self._send({"pulses": a, "level": b, "us": c})
        elif kind == "uart":
            self._send({"uart": a, "hex": binascii.hexlify(b).decode(), "baud": c})
        elif kind == "rtc":
            self._send({"rtc": [a, b]})
        elif kind == "scratch":
            self._send({"scratch": a, "value": b})
        elif kind == "wdt":
            self._send({"wdt": a, "timeout_ms": b} if a == "start" else {"wdt": a})
        elif kind == "wlan":
            if a != self._linked:
                self._linked = a
                self._send({"wlan": a})
        elif kind == "radio":
            b["radio"] = a
            self._send(b)
        elif kind == "reset":
            self._send({"reset": a, "sleep_ms": b})

    def _send(self, message):
        self._out += json.dumps(message).encode() + b"\n"
        self._flush()
        if len(self._out) > _BACKLOG:
            self.drain()
            self.sock.setblocking(False)

    def _flush(self):
        while self._out:
            try:
                sent = self.sock.send(self._out)
            except OSError as exc:
                if exc.errno not in _AGAIN:
                    self._die()
                return
            self._out = self._out[sent:]

    def _die(self):
        self._world.clock.die(Gone())
