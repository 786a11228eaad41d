"""A board on a serial port that does its work and tells of it, frame by frame."""

import asyncio
import json
import threading
import time

from host_tools import exits
from host_tools.crosswalk import plan, trace

_READ_CONFIG = "import json\nprint(json.dumps(json.load(open('config.json'))))"
_HAS_TRACE = "from kerb.apps import crosswalk_app\nprint(hasattr(crosswalk_app, 'TRACE'))"
_LOADS_S = 60.0
_SILENT_S = 10.0
_FLASH = "bring the firmware onto it: kerb flash --board ... --app crosswalk"
_RESTARTED = exits.Failure(
    "the board tells no more: it was reset, by its watchdog or by somebody",
    "it is at work without its trace: repeat the command",
)


class BoardSource:
    """The board on `port`. It is in service all the while: `start` stops and resets it, and lets
    it work with its trace on; `stop` resets it again, and it works as always.

    `on_frame(Frame)`, `on_line(text)` (anything else that the board prints) and `on_damage()` are
    called from the event loop. `plan` is known once `start` is done; `ended` is a future that
    gives None, or the Failure that ended it.
    """

    def __init__(self, port):
        self.title = port
        self.greeting = "resetting the board on {} ...".format(port)
        self.farewell = "giving the board back to its work ..."
        self.plan = None
        self.ended = None
        self.on_frame = self.on_line = lambda it: None
        self.on_damage = lambda: None
        self._port = port
        self._over = threading.Event()
        self._heard_s = None
        self._loop = None
        self._thread = None

    def truth(self):
        """Nobody knows who is really there."""
        return ()

    def stamp(self):
        """Give the time that a line is marked with."""
        return time.strftime("%H:%M:%S")

    async def start(self):
        """Begin; Failure when there is no board, or not one with a crosswalk."""
        self._loop = asyncio.get_running_loop()
        self.ended = self._loop.create_future()
        ready = self._loop.create_future()
        self._thread = threading.Thread(target=self._work, args=(ready,), daemon=True)
        self._thread.start()
        self.plan = await asyncio.shield(ready)

    async def stop(self):
        """Give the board back to its work; gives the Failure that it ended with, or None."""
        self._over.set()
        if self._thread is None:
            return None
        return await asyncio.shield(self.ended)

    def _work(self, ready):
        """In a thread: a serial port is waited for."""
        from host_tools.device.session import Lost, Refused, Session

        failure = None
        try:
            with Session(self._port) as session:
                # Whatever ends this, the last thing is a reset: so a watchdog may be started.
                session.hold_watchdog()
                try:
                    self._tell(_resolve, ready, _look(session))
                    self._heard_s = time.monotonic() + _LOADS_S
                    said = session.follow(trace.PROGRAM, self._take, self._is_over)
                    failure = self._end(said)
                except Lost:
                    raise
                except BaseException:
                    session.reset()
                    raise
                session.reset()
        except Lost as lost:
            failure = _RESTARTED if self._is_silent() else lost
        except Refused as refused:
            failure = exits.Failure("the board refused: {}".format(_last(str(refused))), _FLASH)
        except exits.Failure as why:
            failure = why
        except Exception as error:  # in a thread nobody else would hear of it
            failure = exits.Failure("reading {} failed: {!r}".format(self._port, error))
        self._tell(self._conclude, ready, failure)

    def _is_silent(self):
        """Whether it tells no more: a frame comes twice a second at least."""
        return self._heard_s is not None and time.monotonic() - self._heard_s > _SILENT_S

    def _is_over(self):
        return self._over.is_set() or self._is_silent()

    def _end(self, said):
        """Give the Failure for a program that ended with this traceback, None when it should."""
        was_told = self._over.is_set()
        if said.strip() and not (self._is_over() and "KeyboardInterrupt" in said):
            return exits.Failure(
                "the firmware ended: {}".format(_last(said)), "see the lines above"
            )
        if was_told:
            return None
        if self._is_silent():
            return exits.Failure("the firmware told of no frame for long", "see the lines above")
        return exits.Failure("the firmware ended by itself", "see the lines above")

    def _conclude(self, ready, failure):
        if not ready.done():
            ready.set_exception(failure or exits.Failure("the board did not start"))
            ready.exception()  # who waits may have been interrupted
        if not self.ended.done():
            self.ended.set_result(failure)

    def _take(self, line):
        try:
            frame = trace.parse(line)
        except ValueError:
            self._tell(self.on_damage)
            return
        if frame is None:
            if line:
                self._tell(self.on_line, line)
        else:
            self._heard_s = time.monotonic()
            self._tell(self.on_frame, frame)

    def _tell(self, function, *values):
        try:
            self._loop.call_soon_threadsafe(function, *values)
        except RuntimeError:  # the loop is gone: nobody listens any more
            self._over.set()


def _resolve(future, value):
    if not future.done():
        future.set_result(value)


def _look(session):
    """Give the Plan of the board's crosswalk; Failure when it has none that can be traced."""
    from host_tools.device.session import Refused

    try:
        document = json.loads(session.run(_READ_CONFIG))
    except (Refused, ValueError):
        raise exits.Failure("the board has no config.json that can be read", _FLASH) from None
    app = document.get("app") if isinstance(document, dict) else None
    if app != "crosswalk":
        raise exits.Failure(
            "the board's app is {!r}, no crosswalk".format(app), "take another --port"
        )
    try:
        found = plan.of_section(document["crosswalk"])
    except (KeyError, TypeError, ValueError) as why:
        raise exits.Failure(
            "the config on the board has no crosswalk that can be drawn ({})".format(why), _FLASH
        ) from None
    try:
        has_trace = session.run(_HAS_TRACE).strip() == "True"
    except Refused as refused:
        raise exits.Failure(
            "the board's firmware does not load: {}".format(_last(str(refused))), _FLASH
        ) from None
    if not has_trace:
        raise exits.Failure("the board's firmware is too old to tell what it sees", _FLASH)
    return found


def _last(said):
    lines = said.strip().splitlines()
    return lines[-1] if lines else "no reason given"
