"""Cars on the road in front of the crossing, and the OPS243-A that looks up the near lane.

Traffic keeps to the right: the near lane's cars go toward +x and come from -x, where the car radar
on the pole looks. Speeds are N(0.95, 0.08) of the limit. Who brakes for somebody does it at 3.4
m/s2 after 2.5 s (the AASHTO's comfortable figures, from which the stopping distances of the README
come), stops 3 m before the crossing, waits until the road is clear and goes on with 2 m/s2.

The part: 10,000 samples a second in blocks of 1,024 make a report every 102 ms in steps of 0.0607
m/s (OPS243 user manual UM-003, `??`); speed along the line of sight, inbound positive; JSON by
`OJ`. How it writes that differs between versions: {"speed":5.2,"direction":"inbound"} in the older
manuals, {"unit":"mps","speed":"5.2"} in later ones.
"""

import math

REPORT_S = 0.1024
_STEP_MPS = 0.0607
_FAR_M, _GONE_M = 120.0, 60.0
_REACT_S, _BRAKES_MPS2, _STARTS_MPS2 = 2.5, 3.4, 2.0
_STOP_M = 3.0
_CRAWL_MPS = 0.4
_YIELD, _YIELD_LIT = 0.3, 0.75  # within what was found before and with an RRFB
_SIGHT_M = 75.0  # half of the reports come, the sheet's 50 to 100 m
_STYLES = (
    '{{"speed":{0:.1f},"direction":"{1}"}}\r\n',
    '{{"unit":"mps","speed":"{0:.1f}"}}\r\n',
    '{{"speed":"{0:.2f}"}}\n',
)
# What a line says of its unit, and how many make a metre a second.
_UNITS = {
    "M": ("mps", 1.0),
    "C": ("cmps", 100.0),
    "F": ("fps", 3.281),
    "K": ("kmph", 3.6),
    "S": ("mph", 2.237),
}
_ANSWERS = {
    "M": "m-per-sec",
    "C": "cm-per-sec",
    "F": "ft-per-sec",
    "K": "km-per-hr",
    "S": "mph",
}
_LANES_M = {1: 1.7, -1: 4.7}  # the middle of a lane, from this kerb
POINTS_M = (0.0, -1.5, -3.0, -4.3)  # what of a car scatters, from the bumper back
CAR_DBSM = 8.0
_HALF_M = 0.85


class Car:
    """side: +1 for the near lane (goes toward +x), -1 for the far one. yields: he brakes for
    somebody; with the beacon flashing, `yields_lit` says it. passed_ms: when his bumper crossed
    the crossing's middle; stopped: he stood for somebody.
    """

    def __init__(self, chance, speed_mps, side):
        self.side = side
        self.free_mps = self.speed_mps = speed_mps
        self.along_m = -_FAR_M  # before the crossing's middle is negative
        draw = chance.random()
        self.yields, self.yields_lit = draw < _YIELD, draw < _YIELD_LIT
        self.passed_ms = None
        self.stopped = False
        self._noticed_s = None

    @property
    def x_m(self):
        """The bumper, along the kerb."""
        return self.side * self.along_m

    @property
    def y_m(self):
        return -_LANES_M[self.side]

    def move(self, now_s, step_s, somebody, lit, half_m):
        """Go on for step_s; somebody: is or wants to be on the road, as a driver sees it."""
        left_m = -self.along_m - half_m - _STOP_M
        brakes = False
        if somebody and left_m > -_STOP_M / 6 and (self.yields_lit if lit else self.yields):
            if self._noticed_s is None:
                self._noticed_s = now_s
            needs_m = self.speed_mps**2 / (2 * _BRAKES_MPS2)
            rides = now_s - self._noticed_s >= _REACT_S
            brakes = rides and needs_m <= left_m + 1.0 and left_m < needs_m * 1.15 + 1.0
            brakes = brakes or (self.speed_mps < 1 and left_m < 3)
        elif not somebody:
            self._noticed_s = None
        if brakes:
            self.speed_mps = max(0.0, self.speed_mps - _BRAKES_MPS2 * step_s)
            self.stopped = self.stopped or self.speed_mps < _CRAWL_MPS
        else:
            self.speed_mps = min(self.free_mps, self.speed_mps + _STARTS_MPS2 * step_s)
        before = self.along_m
        self.along_m += self.speed_mps * step_s
        if before < 0 <= self.along_m:
            self.passed_ms = round(1000 * now_s)

    def scatterers(self):
        """Give [(x, y, vx, vy)] of what of it a small radar beside the road may hear."""
        y = self.y_m + self.side * _HALF_M
        return [
            (self.side * (self.along_m + back), y, self.side * self.speed_mps, 0.0)
            for back in POINTS_M
        ]


class Traffic:
    """Cars by chance, `an_hour` in both lanes together. `gone`: those that are through.

    lit: set it while the beacon flashes; drivers look at it.
    """

    def __init__(self, chance, site, an_hour=300):
        self._chance = chance
        self._site = site
        self._an_hour = an_hour
        self.cars, self.gone = [], []
        self.lit = False
        self._next_s = chance.expovariate(an_hour / 3600) - 5 if an_hour else math.inf

    def add(self, side=1, speed_mps=None):
        """Send a car now; give it."""
        free = speed_mps or self._site.limit_kmh / 3.6 * max(0.5, self._chance.gauss(0.95, 0.08))
        ahead = [it for it in self.cars if it.side == side]
        if ahead:
            free = min(free, *(it.free_mps for it in ahead))
        car = Car(self._chance, free, side)
        self.cars.append(car)
        return car

    def move(self, now_s, step_s, somebody):
        while now_s >= self._next_s:
            self._next_s += self._chance.expovariate(self._an_hour / 3600)
            self.add(self._chance.choice((-1, 1)))
        for side in (1, -1):
            front = None
            for car in sorted((it for it in self.cars if it.side == side), key=_along):
                speed = car.speed_mps
                car.move(now_s, step_s, somebody, self.lit, self._site.width_m / 2)
                if front and front.along_m - car.along_m < 6 + car.speed_mps:
                    # Who is held up keeps a second's distance.
                    car.speed_mps = min(car.speed_mps, front.speed_mps)
                    car.along_m -= max(0.0, speed - car.speed_mps) * step_s
                front = car
        self.gone += [it for it in self.cars if it.along_m > _GONE_M]
        self.cars = [it for it in self.cars if it.along_m <= _GONE_M]


def _along(car):
    return -car.along_m


class Ops243:
    """The car radar, as somebody left it: in JSON. `report` gives the line of now, b"" when it has
    nothing to say; `write` takes commands of two characters and gives what it answers.
    """

    def __init__(self, chance, site):
        self._chance = chance
        self._at_m = site.x_m
        self._style = chance.choice(_STYLES)
        self._json, self._unit, self._ways, self._zero = True, "M", "", False
        self._half = b""

    def report(self, cars):
        """Of what moves, the strongest; beyond the part's back half it hears nothing."""
        chance, best = self._chance, None
        for car in cars:
            away_m = self._at_m - car.x_m
            if away_m < 1 or car.speed_mps < _CRAWL_MPS:
                continue
            if self._ways and (self._ways == "+") != (car.side > 0):
                continue
            range_m = math.hypot(away_m, car.y_m)
            level = chance.expovariate(1) * (_SIGHT_M / range_m) ** 4
            if level > math.log(2) and (best is None or level > best[0]):
                best = (level, car.side * car.speed_mps * away_m / range_m)
        if best is None:
            return self._line(0.0) if self._zero else b""
        return self._line(_STEP_MPS * round((best[1] + chance.gauss(0, 0.05)) / _STEP_MPS))

    def _line(self, mps):
        name, factor = _UNITS[self._unit]
        way = "inbound" if mps >= 0 else "outbound"
        if not self._json:
            return "{:.1f}\r\n".format(factor * mps).encode()
        return self._style.format(factor * mps, way).replace("mps", name).encode()

    def write(self, data):
        """Commands may come in pieces; those that are not known are passed over."""
        self._half += data.replace(b"\r", b"").replace(b"\n", b"")
        answers = ""
        while len(self._half) > 1:
            word, self._half = self._half[:2].decode("latin-1"), self._half[2:]
            if word in ("OJ", "Oj"):
                self._json = word == "OJ"
            elif word in ("R+", "R-", "R|"):
                self._ways = word[1].replace("|", "")
            elif word == "BZ":
                self._zero = True
            elif word[0] == "U" and (word[1] == "?" or word[1] in _UNITS):
                self._unit = self._unit if word[1] == "?" else word[1]
                answers += '{{"Units":"{}"}}\r\n'.format(_ANSWERS[self._unit])
        return answers.encode()
