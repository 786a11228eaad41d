"""A virtual board for programs that are not asyncio's: it lives in a thread of its own."""

import asyncio
import threading

from host_tools.vboard.board import Board

_ANSWER_S = 15


class Running:
    """with Running(image, port, micropython) as board: the board is there, behind `board.port`.

    image, port: paths. Its events are in `board.notes`.
    """

    def __init__(self, image, port, micropython, **options):
        self.image = image
        self.port = str(port)
        self.notes = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._board = Board(image, port, micropython, note=self.notes.append, **options)

    def __enter__(self):
        self._thread.start()
        self._do(self._board.start())
        return self

    def __exit__(self, *_):
        self._do(self._board.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_ANSWER_S)
        self._loop.close()

    @property
    def pid(self):
        """The process id of the chip, None while it is off."""
        return self._board.pid

    @property
    def boots(self):
        """How often it has started."""
        return self._board.boots

    @property
    def cause(self):
        """The reset cause of the latest start."""
        return self._board.cause

    @property
    def pins(self):
        """{pin: level or (freq_hz, duty_u16)} of its outputs."""
        return dict(self._board.pins)

    def pull(self):
        """Pull the cable."""
        self._call(self._board.pull)

    def plug(self):
        """Put the cable in again."""
        self._call(self._board.plug)

    def power_off(self):
        """Cut its power."""
        self._do(self._board.power_off())

    def power_on(self):
        """Give it power again."""
        self._call(self._board.power_on)

    def set_adc(self, pin, mv):
        """Put a voltage in mV on an analogue pin."""
        self._call(self._board.set_adc, pin, mv)

    def send_uart(self, uart, data, baud=None):
        """Send bytes to one of its UARTs, at its own speed if none is said."""
        self._call(self._board.send_uart, uart, data, baud)

    def _call(self, function, *values):
        async def call():
            function(*values)

        self._do(call())

    def _do(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(_ANSWER_S)
