"""The lines in which a crosswalk's firmware tells, frame by frame, what it sees and thinks.

A line is "~" and a JSON list: [ms, flashing_left_ms, reason, tracks, button, cars], tracks a list
of [id, x_mm, y_mm, vx_mm_s, vy_mm_s, thought], or null while the radar tells nothing. ms are the
board's ticks, which wrap at 2^30; x and y are the crossing's: x along the kerb, y positive on the
pavement and negative on the road.
"""

import json
from typing import NamedTuple

MARK = "~"
# What a board runs in place of its main.py, to tell it.
PROGRAM = """\
import board
from kerb.apps import crosswalk_app
crosswalk_app.TRACE = True
from kerb import device
device.run(board)
"""
# ticks_ms() of MicroPython.
_TICKS = 1 << 30
_FAR = 1 << 20  # mm, or mm/s: no track is there, and a view must not be drawn to scale for it
_MOST_TRACKS = 32
_LONGEST_MS = 1 << 29
_LONGEST_WORD = 40


class Track(NamedTuple):
    """Somebody or something that is followed: mm and mm/s in the crossing's coordinates."""

    id: int
    x_mm: int
    y_mm: int
    vx_mm_s: int
    vy_mm_s: int
    thought: str


class Frame(NamedTuple):
    """A moment. `flashing_left_ms` is 0 when the beacon is dark; `reason` None or why it flashes;
    `button` whether it is held; `cars` how many since the board's start, None without car radar;
    `blind`: the radar tells nothing, so that nobody knows who is there.
    """

    ms: int
    flashing_left_ms: int
    reason: str | None
    tracks: tuple
    button: bool
    cars: int | None
    blind: bool = False


def parse(line):
    """Give the Frame of a line, None where the line is no trace. ValueError: a trace, but damaged
    (bytes are lost on a serial line).
    """
    if not line.startswith(MARK):
        return None
    try:
        ms, left_ms, reason, tracks, button, cars = json.loads(line[len(MARK) :])
        return Frame(
            _whole(ms, _TICKS),
            max(0, _whole(left_ms or 0, _LONGEST_MS)),
            _word(reason) if reason else None,
            tuple(_track(*each) for each in _few([] if tracks is None else tracks)),
            bool(_flat(button)),
            None if cars is None else _whole(cars, _TICKS),
            tracks is None,
        )
    except (TypeError, ValueError, RecursionError):
        raise ValueError("damaged trace: {}".format(line[:60])) from None


def ms_between(earlier, later):
    """Give the time from one frame to a later one, whose ticks may have wrapped in between."""
    return (later.ms - earlier.ms) % _TICKS


def as_document(frame):
    """Give a Frame as a JSON document, with the units in the names."""
    return frame._asdict() | {"tracks": [track._asdict() for track in frame.tracks]}


def _track(number, x_mm, y_mm, vx_mm_s, vy_mm_s, thought):
    return Track(
        _whole(number, _LONGEST_MS),
        *(_whole(value, _FAR) for value in (x_mm, y_mm, vx_mm_s, vy_mm_s)),
        _word(thought),
    )


def _few(tracks):
    if not isinstance(tracks, list) or len(tracks) > _MOST_TRACKS:
        raise ValueError
    return tracks


def _whole(value, limit):
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) > limit:
        raise ValueError
    return value


def _word(value):
    """Words of the firmware have underscores for spaces; what a terminal obeys is no word."""
    if not isinstance(value, str) or not value.isprintable() or len(value) > _LONGEST_WORD:
        raise ValueError
    return value.replace("_", " ")


def _flat(value):
    if not isinstance(value, int):
        raise ValueError
    return value
