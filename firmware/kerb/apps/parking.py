"""Parking bay: free, occupied or unknown, from bursts of distances, and how sure that is.

`Bay` decides and is pure; kerb.apps.parking_app feeds it. Each burst is weighed: echoes from the
ground speak for free, a group of echoes well before it for a vehicle, silence for little. The
weights add up to a score, a log of odds in tenths, that is bounded, so that the state changes
after some bursts that agree and stays else. What is new becomes a vehicle when it has come like
one (parking_motion); an ailing part makes the state unknown (parking_doubt).
"""

from kerb.apps.parking_burst import NEAR_MM, Burst
from kerb.apps.parking_doubt import AILMENTS, Doubt
from kerb.apps.parking_floor import Floor
from kerb.apps.parking_motion import Motion
from kerb.apps.parking_setup import MOUNTS, SCHEMA, check  # noqa: F401
from kerb.apps.parking_silence import Silence
from micropython import const

_TENTHS = const(10)
_TICKS_MASK = const(0x3FFFFFFF)  # time.ticks_ms() begins anew after it
_SCORE = const(80)
_OCCUPIED = const(50)
_FREE = const(-50)
_MOST = const(45)  # of one burst
_GROUND, _VEHICLE, _STRAY, _RISEN = const(-25), const(20), const(4), const(-12)
_ECHOES_OVER = const(32)  # bursts, more or less
# So many bursts as they were to be expected, and there is no hurry any more.
_CALM = const(4)
# A command is of what is there now; until it is given again there are so many.
_STALE_MS = const(5000)
_AGAIN = const(40)
# Odds of e^n in permille, and no more than the model can be sure of itself.
_SURE = (500, 731, 881, 953, 982, 990, 990, 990, 990)
_UNHEARD = const(20)
_MOST_BURST = const(15)
_PING_MS = const(80)  # the most that one takes, but for slow serial parts
_JITTER_MS = const(127)
_MAX_STAY_S = const(2621420)
_MAX_S = const((1 << 26) - 2)
_MAX_MM = const(8190)


class Bay:
    """One bay: step() takes bursts and gives events. cfg: of SCHEMA; number: which of its bays.

    state: "free", "occupied" or "unknown"; reason: why. confidence_permille: how sure the state
    is, None while it is unknown. distance_mm: what is there now, None without an echo and when it
    is nearer than the part can measure.
    baseline_mm: the way to the ground, None while it is not known. wait_ms, burst: when the next
    burst is due after this one, and of how many measurements; next_ms: that as a time.
    smoothed(): to be called where the part smooths what it says.
    arrivals: cars since the start, modulo 65536. state_s: how long it has been so.
    """

    def __init__(self, cfg, number=0):
        bay = cfg["bays"][number]
        gap_mm, permille, self._least_mm, come_mm = MOUNTS[bay["mount"]]
        if bay["vehicle_mm"]:
            gap_mm, permille = bay["vehicle_mm"], 0
        self._cfg = cfg
        self._number = number
        self.floor = Floor(gap_mm, permille, bay["floor_mm"])
        self._doubt = Doubt(self._least_mm)
        self.smoothed = self._doubt.smoothed
        self._echoes = Burst()
        self._score = 0
        self._now = 0  # in 0.1 s
        self._now_ms = None
        self._rest_ms = 0
        self._since = self._reported = 0
        self._motion = Motion(come_mm, cfg["settle_s"], cfg["dwell_s"])
        self._restless = _CALM
        self._known = None  # the last state that was known
        self._known_since = None
        self._told = None
        self.state, self.reason = "unknown", "starting"
        self.distance_mm = None
        self.temperature_cdeg = None
        self.arrivals = 0
        self._echo_permille = 1000
        self._silence = Silence(bay["mount"] != "ceiling", come_mm)
        self._jitter = number * 13
        self.wait_ms = cfg["quick_ms"]
        self.burst = cfg["burst"]

    @property
    def heard_ms(self):
        """When the last burst was, on the scale of step()'s now_ms."""
        return self._now_ms or 0

    @property
    def next_ms(self):
        """When the next burst is due, on the same scale."""
        return self.heard_ms + self.wait_ms

    @property
    def ailment(self):
        """Why the sensor is not to be believed, or None while it is."""
        return self.reason if self.state == "unknown" and self.reason in AILMENTS else None

    @property
    def baseline_mm(self):
        return self.floor.mm

    @property
    def confidence_permille(self):
        if self.state == "unknown":
            return None
        score = self._score if self.state == "occupied" else -self._score
        if self.reason == "no_echo":
            score = min(score, _UNHEARD)
        return _SURE[max(0, score) // _TENTHS]

    @property
    def state_s(self):
        return min(_MAX_S, (self._now - self._since) // _TENTHS)

    def step(self, now_ms, distances, temperature_cdeg=None, fault=None):
        """Takes a burst of distances in mm (None: no echo) and gives [(event kind, values)].

        `now_ms` is time.ticks_ms(), at most 6 days after the last. fault: why there are no
        distances at all, as kerb.drivers.rangers names it; None when the part answered.
        """
        self._pass(now_ms)
        self.temperature_cdeg = temperature_cdeg
        echoes = self._echoes
        echoes.take(distances)
        taught = None
        why = self._doubt.look(self._now, echoes, fault)
        sound = not self._doubt.odd
        if sound:
            if self.floor.mm is None:
                self._watch_first(echoes)
            glided = self._motion.glided
            taught = self.floor.look(self._now, echoes, self._known == "free", glided)
        self.distance_mm = echoes.mid_mm if echoes.mid_mm != NEAR_MM else None
        if echoes.count:
            permille = 1000 * (echoes.count - echoes.none) // echoes.count
            self._echo_permille += (permille - self._echo_permille) // _ECHOES_OVER
        odd = self._weigh(echoes, taught) if sound else True
        if self._doubt.silent:
            self._note(0)
            self._take_silence()
        self._judge(why)
        self._plan(self._doubt.suspicious or (odd and not why), why)
        return self._tell()

    def _pass(self, now_ms):
        if self._now_ms is not None:
            spent = now_ms - self._now_ms & _TICKS_MASK
            if spent <= _TICKS_MASK >> 1:
                spent += self._rest_ms
                self._now += spent // 100
                self._rest_ms = spent % 100
        self._now_ms = now_ms

    def _watch_first(self, echoes):
        """While the ground is not known: how something comes before what was there first."""
        first, mid = self.floor.first_mm, echoes.mid_mm
        if first is None or mid is None:
            return
        if mid >= first - self.floor.slack_mm:
            self._motion.gone()
        elif echoes.size > 1:
            self._restless = _CALM
            self._motion.look(self._now, mid)

    def _weigh(self, echoes, taught):
        """Adds a burst to the score; whether it is not what the state makes expect."""
        floor, motion = self.floor, self._motion
        if floor.mm is None:
            self._score = _SCORE if floor.under_car else 0
            return False
        if taught:
            self._score = _SCORE if taught == "occupied" else -_SCORE
            motion.since = None
        slack = floor.slack_mm
        ground = echoes.within(floor.mm - slack, floor.bare_mm + slack)
        self._note(ground)
        near = echoes.within(self._least_mm, floor.mm - floor.gap_mm)
        group = 0
        mid = echoes.mid_mm
        if mid is not None and mid < floor.mm - slack:
            if echoes.size > 1:  # one may be a drop of rain
                motion.look(self._now, mid)
            if mid <= floor.mm - floor.gap_mm:
                group = echoes.size
        elif ground > near:
            motion.gone()
        if group * 2 <= near:  # of chance, or of something that moves
            group = 0
        weight = _GROUND * ground + _VEHICLE * group + _STRAY * (near - group)
        if self.state == "occupied" and not near:
            # What is too near the ground to be a car, but none is there any more.
            stood_mm = self._silence.stood_mm
            if stood_mm is not None and stood_mm <= floor.mm - 2 * floor.gap_mm:
                weight += _RISEN * echoes.within(floor.mm - floor.gap_mm, floor.mm - slack)
        weight = max(-_MOST, min(_MOST, weight))
        self._score = max(-_SCORE, min(_SCORE, self._score + weight))
        if self._score <= _FREE and weight <= 0:
            motion.since = None
        elif weight > 0 and motion.since is None:
            motion.since = self._now
        return weight <= 0 if self._known == "occupied" else weight >= 0

    def _note(self, ground):
        floor, state = self.floor, self.state
        if floor.mm is not None:
            calm = state == "free" and self._score == -_SCORE
            car_mm = floor.mm - floor.gap_mm
            self._silence.hear(self._echoes, ground, car_mm, calm, state == "occupied")

    def _take_silence(self):
        """Weighs a burst without an echo by how well the ground, or the car, was heard before."""
        motion = self._motion
        came = motion.since is not None and self._score > _FREE
        weight = self._silence.weight(self._echoes, came, self._known, self.state)
        self._score = max(-_SCORE, min(_SCORE, self._score + weight))
        if self._score <= _FREE:
            motion.since = None

    def _judge(self, why):
        """Makes a state of the score."""
        if why == "no_echo" and self._keeps():
            self._become(self._known, why)
        elif why:
            self._become("unknown", why)
            self._score = 0  # what comes after it has to speak for itself
        elif self.floor.mm is None and not self.floor.under_car:
            self._become("unknown", "learning")
        elif self._score <= _FREE:
            self._become("free", "ground")
        elif self._score >= _OCCUPIED and (
            self._known == "occupied"
            or self.floor.under_car
            or self._motion.stands(self._now, self._known is None)
        ):
            self._become("occupied", "vehicle")

    def _keeps(self):
        """Whether all is as it was before the silence; what was occupied must still be so."""
        known = self._known
        if known is None or (known == "occupied" and self.state != known):
            return False
        return self._silence.keeps(known)

    def _become(self, state, reason):
        if state == self.state:
            self.reason = reason
            return
        self.state, self.reason = state, reason
        if state == "unknown" or state == self._known:
            self._since = self._now if state == "unknown" else self._known_since
            return
        if state == "occupied" and self._known == "free":
            self.arrivals = self.arrivals + 1 & 0xFFFF
            self.floor.prove(self._motion.glided)
            self._silence.arrived()
        self._since = self._now

    def _plan(self, odd, why):
        cfg = self._cfg
        if odd or (self._motion.since is not None and self.state != "occupied"):
            self._restless = _CALM
        elif self._restless:
            self._restless -= 1
        if self._restless:
            # Of two sensors that ping in step each would hear the other every time.
            self._jitter = (self._jitter * 5 + 7) & _JITTER_MS
            self.wait_ms = cfg["quick_ms"] + self._jitter - (_JITTER_MS >> 1)
            many = self._doubt.silent and self._echoes.count >= cfg["burst"]
            # A weak echo shows among many.
            self.burst = _MOST_BURST if many else cfg["burst"]
            self.wait_ms = max(self.wait_ms, self.burst * _PING_MS)
        else:
            self.wait_ms, self.burst = cfg["idle_s"] * 1000, cfg["idle_burst"]
            if why:
                self.burst = cfg["burst"]

    def _tell(self):
        events = []
        now = self.state
        if now == "unknown" and not self.ailment:
            now = self.reason
        if now != self._told and self.reason != "starting":
            known, since = self._known, self._known_since
            stay_s = None
            if self.state != "unknown":
                if known and known == self._told != self.state:  # else nobody saw it end
                    stay_s = min(_MAX_STAY_S, (self._now - since) // _TENTHS)
                if known != self.state:
                    self._known, self._known_since = self.state, self._now
            self._told = now
            events.append(
                (
                    "bay_state",
                    {
                        "bay": self._number,
                        "state": self.state,
                        "reason": self.reason,
                        "confidence_permille": self.confidence_permille,
                        "stay_s": stay_s,
                    },
                )
            )
        if events or self._now - self._reported >= self._cfg["report_s"] * _TENTHS:
            self._reported = self._now
            events.append(("bay_report", self.values()))
        return events

    def values(self):
        """The values of an event bay_report (see kerb.uplink.fields), without the battery's."""
        return {
            "bay": self._number,
            "state": self.state,
            "reason": self.reason,
            "confidence_permille": self.confidence_permille,
            "state_s": self.state_s,
            "distance_mm": _at_most(self.distance_mm, _MAX_MM),
            "baseline_mm": self.floor.mm,
            "arrivals": self.arrivals,
            "echoes_percent": self._echo_permille // 10,
            "temperature_cdeg": self.temperature_cdeg,
        }

    def calibrate(self, with_car, now_ms=None):
        """The installer's word: a car is here now (True), none is (False), or learn by yourself.

        False, and nothing changed, while there is no steady echo to calibrate by, of the seconds
        before `now_ms`; who asks again soon has one, if there can be one.
        """
        if with_car is not None:
            spent = 0 if now_ms is None else now_ms - self.heard_ms & _TICKS_MASK
            if self._doubt.odd or spent > _STALE_MS or not self.floor.calibrate(with_car):
                self._restless = _AGAIN
                return False
        else:
            self.floor.calibrate(None)
        self._score = 0
        self._motion.since = None
        if with_car is not None and self.floor.mm is not None:
            self._score = _SCORE if with_car else -_SCORE
        return True


def _at_most(value, most):
    return None if value is None else min(value, most)
