"""What a crosswalk's firmware says of a moment, in words, signs and colours for people."""

import math

# Of kerb.apps.intent, in the order of importance; the first that is in a thought gives the style.
_THOUGHTS = (
    ("approach", "bold yellow"),
    ("cross", "bold yellow"),
    ("wait", "bold green"),
    ("pass", "cyan"),
    ("vehicle", "magenta"),
    ("unknown", "white"),
)
_ARROWS = "→↗↑↖←↙↓↘"
_STILL_MM_S = 150
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def style(thought):
    """Give the Rich style for what is thought of a track."""
    return next((style for word, style in _THOUGHTS if word in thought), "white")


def weight(thought):
    """Give how much a thought matters: the higher, the more."""
    for at, (word, _) in enumerate(_THOUGHTS):
        if word in thought:
            return len(_THOUGHTS) - at
    return 0


def letter(number):
    """Give a track's letter on the map."""
    return _LETTERS[number % len(_LETTERS)]


def speed_m_s(track):
    return math.hypot(track.vx_mm_s, track.vy_mm_s) / 1000


def arrow(track):
    """Give where a track goes as one character, up being the road; a dot for who stands."""
    if math.hypot(track.vx_mm_s, track.vy_mm_s) < _STILL_MM_S:
        return "•"
    turn = math.atan2(-track.vy_mm_s, track.vx_mm_s)
    return _ARROWS[round(turn / (math.pi / 4)) % 8]


def to_kerb_s(track):
    """Give the seconds until a track reaches the kerb line at its speed; None: it doesn't."""
    if track.y_mm <= 0 or track.vy_mm_s > -_STILL_MM_S:
        return None
    return track.y_mm / -track.vy_mm_s


def track(it):
    """Give a track as one line."""
    left_s = to_kerb_s(it)
    where = "{:.1f} m to the kerb".format(it.y_mm / 1000)
    if it.y_mm < 0:
        where = "{:.1f} m onto the road".format(-it.y_mm / 1000)
    text = "{}{} {}, {:.1f} m/s, {}".format(
        letter(it.id), arrow(it), it.thought, speed_m_s(it), where
    )
    return text if left_s is None else text + " in {:.1f} s".format(left_s)


def short(it):
    """Give a track in 30 characters or so: the metres are those to the kerb."""
    left_s = to_kerb_s(it)
    text = "{}{} {} {:.1f} m/s {:.1f} m".format(
        letter(it.id), arrow(it), it.thought, speed_m_s(it), it.y_mm / 1000
    )
    return text if left_s is None else text + " {:.1f} s".format(left_s)


def beacon(frame):
    """Give what the beacon does as one line."""
    if frame is None:
        return "nothing heard yet"
    if not frame.flashing_left_ms:
        return "dark"
    return "flashing {:.0f} s more ({})".format(
        frame.flashing_left_ms / 1000, frame.reason or "no reason given"
    )


def counted(number, noun):
    return "{} {}{}".format(number, noun, "" if number == 1 else "s")
