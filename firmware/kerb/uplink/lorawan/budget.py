"""The air time that joins may take: TS001-1.0.4 chapter 7, also across resets and power cuts.

36 s in the first hour, 36 s in the next ten, then 8.7 s a day. `on_s` is how long the device has
been on, which its record of joins keeps: what passes without power is not known, and not counted.
What of the days is over is left out: rolled() gives on_s below 35 hours.
"""

from micropython import const

_HOUR_S = const(3600)
_ELEVEN_HOURS_S = const(39600)
_DAY_S = const(86400)
_FIRST_MS = const(36000)
_DAILY_MS = const(8700)


def until_s(on_s):
    """When the period ends that on_s, below 35 hours, is in."""
    if on_s < _HOUR_S:
        return _HOUR_S
    return _ELEVEN_HOURS_S + (_DAY_S if on_s >= _ELEVEN_HOURS_S else 0)


def rolled(on_s, spent_ms, passed_s):
    """(on_s, spent_ms) so much later."""
    now_s = on_s + passed_s
    if now_s >= until_s(on_s):
        spent_ms = 0
    if now_s >= _ELEVEN_HOURS_S:
        now_s = _ELEVEN_HOURS_S + (now_s - _ELEVEN_HOURS_S) % _DAY_S
    return now_s, spent_ms


def wait_s(on_s, spent_ms, airtime_us):
    """0 if a join-request may be sent now, else in how many seconds at the earliest."""
    most_ms = _FIRST_MS if on_s < _ELEVEN_HOURS_S else _DAILY_MS
    if spent_ms + airtime_us // 1000 < most_ms:
        return 0
    return until_s(on_s) - on_s
