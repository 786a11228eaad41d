"""The world's end of the link to a board's pins: JSON lines over a loopback socket.

The messages are those of boards/host/README.md. One board is connected at a time; what is outside
the board is remembered here and told to every board that connects, so that one that restarts
finds the street as it is.
"""

import asyncio
import json

_LINE_LIMIT_BYTES = 65536
_WIFI_CONNECT_MS = 500


class Link:
    """Listens on 127.0.0.1:`port`; calls `on_message(dict)` for what the board says."""

    def __init__(self, on_message):
        self._on_message = on_message
        self._server = None
        self._writer = None
        self._outside = {}
        self.port = 0
        self.bad_lines = 0

    @property
    def connected(self):
        return self._writer is not None

    async def start(self):
        """Take a free port; gives the port."""
        self._server = await asyncio.start_server(
            self._serve, "127.0.0.1", 0, limit=_LINE_LIMIT_BYTES
        )
        self.port = self._server.sockets[0].getsockname()[1]
        return self.port

    def set_adc(self, pin, mv, more=()):
        """Put a voltage in mV on an analogue pin; `more` has (pin, mV) of what flows besides
        while a pin is high.
        """
        message = {"adc": pin, "mv": mv}
        self._put(("adc", pin), message | ({"with": [list(it) for it in more]} if more else {}))

    def set_level(self, pin, level):
        """Drive a pin to 0 or 1."""
        self._put(("drive", pin), {"drive": pin, "level": level})

    def play(self, pin, level, times_us, after_us=0):
        """Drive a pin to alternating levels for these times, then let go; once."""
        self._send({"play": pin, "level": level, "us": times_us, "after_us": after_us})

    def send_uart(self, uart, data, baud, parity):
        """Send bytes to one of the board's UARTs; a board that is not connected misses them."""
        self._send({"uart": uart, "hex": data.hex(), "baud": baud, "parity": parity})

    def radio(self, message):
        """Let the board's LoRa radio know something, a line of boards/host/README.md."""
        self._send(message)

    def set_network(self, there, ssid, psk, rssi_dbm):
        """Let the access point be there, or not, with its name, its key and its strength."""
        message = {"network": there, "ssid": ssid, "psk": psk, "rssi_dbm": rssi_dbm}
        self._put("network", message | {"connect_ms": _WIFI_CONNECT_MS})

    def set_rtc(self, time):
        """Let a board that connects find its RTC at (day, second); None: without power, unset."""
        if time is None:
            self._outside.pop("rtc", None)
        else:
            self._outside["rtc"] = {"rtc": list(time)}

    def set_scratch(self, values):
        """Let a board that connects find these values in scratch registers, by their numbers."""
        self._outside = {what: m for what, m in self._outside.items() if what[0] != "scratch"}
        for number, value in values.items():
            self._outside["scratch", number] = {"scratch": number, "value": value}

    def _put(self, what, message):
        if self._outside.get(what) != message:
            self._outside[what] = message
            self._send(message)

    def _send(self, message):
        if self._writer:
            self._writer.write(json.dumps(message).encode() + b"\n")

    def drop(self):
        """Close the connection to the board that is on it now."""
        if self._writer:
            self._writer.transport.abort()
            self._writer = None

    async def close(self):
        self.drop()
        if self._server:
            self._server.close()

    async def _serve(self, reader, writer):
        self.drop()
        self._writer = writer
        for message in self._outside.values():
            self._send(message)
        self._send({"go": True})
        try:
            while line := await reader.readline():
                self._take(line)
        except (OSError, ValueError):  # ValueError: a line over the limit
            writer.transport.abort()
        except asyncio.CancelledError:
            writer.transport.abort()
        finally:
            if self._writer is writer:
                self._writer = None
            writer.close()

    def _take(self, line):
        try:
            self._on_message(json.loads(line))
        except (ValueError, KeyError, TypeError, AttributeError):  # not what README.md lists
            self.bad_lines += 1
