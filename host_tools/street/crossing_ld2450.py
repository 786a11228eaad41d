"""An HLK-LD2450: echoes in, frames out, as far as that is known of the part.

Known: 30 bytes ten times a second, sign bit 1 for positive, `resolution` always 320 or 360 (the
protocol V1.03 and the user guide, FAQ 4.3; the examples' speeds are 0, 16 and 17 cm/s, one
Doppler line). Negative speed is coming closer (ESPHome, whose components agree). The others move
up when a target goes (csRon/HLK-LD2450 #5); what went may stay in its slot (esphome/esphome
#15025); who stands stays for a while with the same numbers and is dropped (HA forum, TillFleisch
#14); configuration stops the frames until it is ended (user guide 2.3).

Not published, so drawn for each part (`Manner`): how many frames it wants before it shows
somebody, how much it smooths, how long it keeps what it no longer hears and whether that goes on
or stays, and what an emptied slot holds. A tracker of the plainest kind stands for its own.
"""

import math
import struct

from host_tools.street.crossing_echo import Echo
from host_tools.street.crossing_hilink import HiLinkPart
from host_tools.street.crossing_site import odds

LINE_MPS = 0.164  # one line of Doppler
_SLOTS = 3
_GATE_M = 0.8
_STILL_M = 0.02  # a frame
_HEAD, _TAIL = b"\xaa\xff\x03\x00", b"\x55\xcc"


class Manner:
    """What one part's firmware does; all by `chance`.

    confirm: frames of the last `confirm + 1` that must have heard somebody; alpha, beta: share of
    what is new in place and velocity; keeps, keeps_still: frames without an echo before somebody
    is dropped, moving or standing; freezes: meanwhile the place stays, else it goes on; empty:
    what an emptied slot holds, "zero", "stale" (the last place, speed 0) or "bare" (the same with
    resolution 0); clears_s: a stale slot is zero after that.
    """

    def __init__(self, chance):
        self.confirm = chance.choice((2, 2, 3))
        self.alpha = chance.uniform(0.4, 0.75)
        self.beta = chance.uniform(0.1, 0.3)
        self.keeps = chance.randrange(4, 9)
        self.keeps_still = chance.randrange(10, 31)
        self.freezes = odds(chance, 0.5)
        self.empty = chance.choice(("zero", "zero", "stale", "bare"))
        self.clears_s = chance.uniform(2, 20)
        self.resolution_mm = chance.choice((320, 360))


class _Track:
    def __init__(self, x, y, echo):
        self.x, self.y, self.vx, self.vy = x, y, 0.0, 0.0
        self.speed_mps = echo.speed_mps
        self.heard = [True]
        self.missed = 0
        self.shown = False
        self.body = echo.body
        self.life = None  # frames left, for what is only clutter


class Part(HiLinkPart):
    """One LD2450. `frame` makes the next one; shows: [(body or None, right_m, ahead_m)] of what it
    really tells of, in the slots' order. `write` takes commands.
    """

    version = bytes.fromhex("0000020116240622")

    def __init__(self, chance, weather="dry", manner=None):
        super().__init__()
        self._chance = chance
        self.manner = manner or Manner(chance)
        self._tracks = []
        self._slots = [(bytes(8), None)] * _SLOTS
        self.shows = []
        self.single = False
        self.rains(weather)

    def rains(self, weather):
        """Set how often a frame begins a drop's short life near the part: figures of ours."""
        self._drops = {"dry": 0.0, "rain": 0.012, "downpour": 0.06}[weather]

    def frame(self, now_s, echoes):
        """Give the 30 bytes of now, b"" while it is being configured or starts."""
        manner = self.manner
        self._follow(echoes)
        self._clutter()
        told = [it for it in self._tracks if it.shown][: 1 if self.single else _SLOTS]
        self.shows = [(it.body, it.x, it.y) for it in told]
        for at in range(_SLOTS):
            if at < len(told):
                self._slots[at] = (self._target(told[at]), now_s)
            else:
                target, since_s = self._slots[at]
                if since_s is None:
                    continue
                stays = manner.empty != "zero" and now_s - since_s < manner.clears_s
                if not stays:
                    self._slots[at] = (bytes(8), None)
                else:
                    size = manner.resolution_mm if manner.empty == "stale" else 0
                    self._slots[at] = (target[:4] + struct.pack("<HH", 0, size), since_s)
        if not self.reports(now_s):
            return b""
        return _HEAD + b"".join(target for target, _ in self._slots) + _TAIL

    def _target(self, track):
        lines = int(track.speed_mps / LINE_MPS)
        # Only the line's number is kept while it is not heard.
        speed = 0 if track.missed > 1 else int(lines * LINE_MPS * 100)
        words = [_word(round(1000 * track.x)), _word(round(1000 * track.y)), _word(speed)]
        return struct.pack("<HHHH", *words, self.manner.resolution_mm)

    def _follow(self, echoes):
        manner = self.manner
        left = list(echoes)
        for track in self._tracks:
            if track.life is not None:  # a drop: it runs, and nothing holds it
                track.x += self._chance.gauss(0, 0.06)
                track.y = max(0.05, track.y + self._chance.gauss(0, 0.06))
                track.speed_mps = self._chance.gauss(0, 0.5)
                continue
            near_m, best = _GATE_M + 0.08 * track.missed, None
            track.x += track.vx
            track.y += track.vy
            for echo in left:
                x, y = _place(echo)
                far = math.hypot(x - track.x, y - track.y)
                if far < near_m:
                    near_m, best = far, echo
            if best:
                left.remove(best)
                x, y = _place(best)
                dx, dy = x - track.x, y - track.y
                track.x += manner.alpha * dx
                track.y += manner.alpha * dy
                track.vx += manner.beta * dx
                track.vy += manner.beta * dy
                track.speed_mps, track.missed = best.speed_mps, 0
                track.body = best.body or track.body
            else:
                if manner.freezes or track.missed > 4:
                    track.x -= track.vx
                    track.y -= track.vy
                track.missed += 1
            track.y = max(0.05, track.y)
            track.heard = [*track.heard[-manner.confirm :], best is not None]
            if sum(track.heard) >= manner.confirm:
                track.shown = True
        self._tracks = [it for it in self._tracks if self._stays(it)]
        for echo in left:
            x, y = _place(echo)
            if all(math.hypot(x - it.x, y - it.y) > _GATE_M / 2 for it in self._tracks):
                self._tracks.append(_Track(x, y, echo))

    def _stays(self, track):
        if track.life is not None:
            track.life -= 1
            return track.life > 0
        if not track.shown:
            return track.missed < 2
        still = math.hypot(track.vx, track.vy) < _STILL_M and abs(track.speed_mps) < 2 * LINE_MPS
        return track.missed <= (self.manner.keeps_still if still else self.manner.keeps)

    def _clutter(self):
        """Drops that run down near the part; now and then a ghost from nowhere in particular."""
        chance = self._chance
        for rate, near_m, far_m in ((self._drops, 0.3, 2.5), (0.001, 0.5, 6.0)):
            if rate and odds(chance, rate):
                u = chance.uniform(-0.86, 0.86)
                far = chance.uniform(near_m, far_m)
                echo = Echo(far, u, chance.gauss(0, 0.5), 0.0, None)
                track = _Track(*_place(echo), echo)
                track.shown, track.life = True, 1 + int(chance.expovariate(1 / 2.5))
                self._tracks.append(track)

    def obey(self, word):
        if word in (0x80, 0x90):
            self.single = word == 0x80
        elif word == 0x91:
            return b"\x01\x00" if self.single else b"\x02\x00"
        return b""

    def restarted(self):
        self._tracks = []


def _place(echo):
    return echo.range_m * echo.u, echo.range_m * math.sqrt(max(0.0, 1 - echo.u * echo.u))


def _word(value):
    """Sign and magnitude with the top bit for positive; 0 has none, as in the maker's example."""
    return min(abs(value), 0x7FFF) | (0x8000 if value > 0 else 0)
