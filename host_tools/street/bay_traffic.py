"""When cars come and go, how they move in, and who is there. Seeded; made once for all days.

Stays: log-normal, median 35 min, sigma 1.1 (mean 64 min), by night a third stay until morning.
Vacancies: exponential, 25 min by day and longer by night, so that a bay sees about 10 cars a day
(Melbourne's 2015 open bay-sensor events: 37.5 million rows of a year for some 4,300 bays, each
stay and each vacancy a row, are 12 stays a bay and day). Long-tailed shapes of stays: Piovesan et
al., "Data Analytics for Smart Parking Applications", Sensors 16 (2016) 1575, of real bay sensors;
the parameters here are round figures of ours. Moving in 6 to 20 s, out 4 to 10 s.

Who walks past, and who gets in and out, stands in bay_people.py.

Where cars stop half in, a third of them stand 0.8 to 1.6 m short for their whole stay, the others
wait half-way, and some leave again: those are no arrivals.
"""

import bisect
import math
import random

from host_tools.street.bay_people import Passer, people_of

DAY_S = 86_400
_STAY_MEDIAN_S, _STAY_SIGMA = 35 * 60, 1.1
_VACANT_S = (14_400, 3600, 1500, 1500, 1500, 2400)  # mean by four hours of the day
_OUTSIDE_M = 6.0
_BACKWARDS = 0.3


class Visit:
    """A car: it moves in from `begin_s`, stands from `stand_s` to `go_s`, and is off the bay by
    `end_s`. `parked` False: it only turned there or changed its mind.
    """

    def __init__(self, chance, begin_s, stay_s, choices, half_in=False, parked=True):
        self.body = chance.choices(choices, [body.share for body in choices])[0]
        self.backwards = chance.random() < _BACKWARDS
        self.aside_m = chance.gauss(0, 0.15)
        self.short_m = max(-0.5, chance.gauss(0, 0.25))
        self.parked = parked
        self.pause = None
        self._in_s, self._out_s = chance.uniform(6, 20), chance.uniform(4, 10)
        waited_s = 0
        if not parked:
            self.short_m = chance.uniform(1.5, 4.5)
        elif half_in:
            if chance.random() < 1 / 3:
                self.short_m = chance.uniform(0.8, 1.6)
            else:
                waited_s = chance.uniform(5, 40)
                self.pause = (chance.uniform(0.3, 0.7), waited_s)
        self.begin_s = begin_s
        self.stand_s = begin_s + self._in_s + waited_s
        self.go_s = self.stand_s + stay_s
        self.end_s = self.go_s + self._out_s
        # From here on more of it is outside than inside.
        self.out_s = self.go_s + self._out_s / 2

    def out_m(self, now_s):
        """Give how far it is from where a car usually stands, in metres."""
        if now_s < self.stand_s:
            gone_s = now_s - self.begin_s
            if self.pause:
                at, long_s = self.pause
                reached_s = at * self._in_s
                gone_s -= max(0, min(long_s, gone_s - reached_s))
            share = gone_s / self._in_s
        elif now_s < self.go_s:
            share = 1
        else:
            share = 1 - (now_s - self.go_s) / self._out_s
        share = max(0, min(1, share))
        share = share * share * (3 - 2 * share)
        return self.short_m + (1 - share) * (_OUTSIDE_M - self.short_m)

    def moving(self, now_s):
        return not self.stand_s <= now_s < self.go_s


class Traffic:
    """The visits and people of `days` days. `occupied`: None for chance, else as it begins.

    passers: all people by the time at which they come, those of the cars among them.
    """

    def __init__(self, seed, days, choices, passers_an_hour=4, half_in=0.0, occupied=None):
        chance = random.Random("bay traffic {}".format(seed))
        self.visits = []
        end_s = days * DAY_S
        now_s = 0.0
        if chance.choice((True, False)) if occupied is None else occupied:
            now_s = -chance.uniform(60, 3600)
        else:
            now_s = self._vacant_s(chance, 0)
        while now_s < end_s:
            if half_in and chance.random() < half_in / 4:
                visit = Visit(chance, now_s, chance.uniform(2, 20), choices, parked=False)
                now_s = visit.end_s + chance.uniform(5, 300)
            else:
                stay_s = max(40, chance.lognormvariate(math.log(_STAY_MEDIAN_S), _STAY_SIGMA))
                if not self.visits and now_s < 0:
                    stay_s += -now_s
                hour = now_s % DAY_S / 3600
                if hour >= 18 and chance.random() < 1 / 3:
                    stay_s = (chance.uniform(30, 33.5) - hour) * 3600
                visit = Visit(chance, now_s, stay_s, choices, chance.random() < half_in)
                now_s = visit.end_s + self._vacant_s(chance, visit.end_s)
            self.visits.append(visit)
        self._begins = [visit.begin_s for visit in self.visits]
        self.passers = []
        now_s = 0.0
        while passers_an_hour:
            hour = now_s % DAY_S / 3600
            rate = passers_an_hour * (1.4 if 7 <= hour < 21 else 0.25)
            now_s += chance.expovariate(rate / 3600)
            if now_s >= end_s:
                break
            self.passers.append(Passer(chance, now_s))
        # By chance of their own: cars and passers are the same with and without them.
        chance = random.Random("bay people {}".format(seed))
        for visit in self.visits:
            self.passers += people_of(visit, chance)
        self.passers = [it for it in self.passers if it.end_s > 0 and it.begin_s < end_s]
        self.passers.sort(key=lambda it: it.begin_s)
        self._passed = [passer.begin_s for passer in self.passers]
        self._longest_s = max((it.stays_s for it in self.passers), default=0)

    def _vacant_s(self, chance, now_s):
        return 20 + chance.expovariate(1 / _VACANT_S[int(now_s % DAY_S // 14_400)])

    def visit(self, now_s):
        """Give the car that is in the bay or moving in or out, or None."""
        at = bisect.bisect_right(self._begins, now_s) - 1
        if at >= 0 and now_s < self.visits[at].end_s:
            return self.visits[at]
        return None

    def people(self, now_s):
        """Give those who are there, in the order in which they came."""
        first = bisect.bisect_left(self._passed, now_s - self._longest_s)
        last = bisect.bisect_right(self._passed, now_s)
        return [it for it in self.passers[first:last] if now_s < it.end_s]

    def next_s(self, now_s):
        """Give when somebody comes or moves next, or somebody here stops or leaves."""
        times = [it.end_s for it in self.people(now_s)]
        for begins in (self._begins, self._passed):
            at = bisect.bisect_right(begins, now_s)
            times += begins[at : at + 1]
        visit = self.visit(now_s)
        if visit:
            times += (visit.stand_s, visit.go_s, visit.end_s)
        return min((at for at in times if at > now_s), default=math.inf)

    def occupied(self, now_s):
        visit = self.visit(now_s)
        return bool(visit and visit.parked and visit.stand_s <= now_s < visit.out_s)
