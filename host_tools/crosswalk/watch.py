"""Ties a source of frames to a scene, and tells of what changes. No screen here."""

import asyncio
import collections
import time

from host_tools.crosswalk.scene import Scene

_KEPT_LINES = 200


class Watch:
    """`source` as source.BoardSource. `scene` is there once `start` is done. `on_line(text)` hears
    what changes and what the board prints, `on_frame(Frame)` each frame; set `ending` to end it.
    """

    hint = "q or ^C end"

    def __init__(self, source):
        self.source = source
        self.scene = None
        self.ending = asyncio.Event()
        self.lines = collections.deque(maxlen=_KEPT_LINES)
        self.on_line = self.on_frame = self.on_log = lambda it: None
        self._heard_s = time.monotonic()

    async def start(self):
        """Begin; Failure when the source can't."""
        self.source.on_frame = self._take
        self.source.on_line = self._log
        self.source.on_damage = self._lose
        await self.source.start()
        self.scene = Scene(self.source.plan)
        self.source.ended.add_done_callback(self._on_end)
        self._heard_s = time.monotonic()

    async def stop(self):
        """End; gives the Failure of the source, or None."""
        return await self.source.stop()

    def silent_s(self):
        """Give how long no frame has come, seconds."""
        return time.monotonic() - self._heard_s

    def _on_end(self, future):
        self.ending.set()

    def _take(self, frame):
        if self.scene is None:
            return
        self._heard_s = time.monotonic()
        changes = self.scene.take(frame)
        self.on_frame(frame)
        for text in changes:
            self._tell(text)

    def _lose(self):
        if self.scene is not None:
            self.scene.lose()

    def _log(self, text):
        shown = "".join(it if it.isprintable() else "?" for it in text)
        self.on_log(shown)
        self._tell("| " + shown)

    def _tell(self, text):
        line = "{}  {}".format(self.source.stamp(), text)
        self.lines.append(line)
        self.on_line(line)
