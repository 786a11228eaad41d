"""A simulated parking bay watched by detectors, and how right each of them was.

`watch` lets a bay's days go by and gives one Score for each detector: the firmware's Bay, which
also decides when to measure, and Naive, which gets the same bursts.
"""

import bisect
import collections
import itertools
import statistics

import cpython  # noqa: F401  what CPython lacks

from host_tools.street.bay import BaySim
from kerb.apps.parking import SCHEMA, Bay, check
from kerb.system.schema import validate

SHORT_PASSER_S = 8
FAULT_S = 60
_AFTER_PASSER_S = 15
_TOGETHER_S = 2
_CARS = 3
_LEARNED_S, _LEARNED_SHARE = 60, 0.05
_GRACE_S = 120
_QUIET_S, _PASSED_S, _SOON_S, _STEADY_S = 180, 40, 20, 60
_NAIVE_BURST = 5
_NAIVE_MPS = 343


class Naive:
    """What one would write first: the median of five at 343 m/s against a fixed threshold, a share
    of the way to the ground by the tape (the best share of 0.5 to 0.95 on the seeds 0 to 2, all
    conditions); readings without an echo are left out, and a burst of only those changes nothing.
    """

    SHARE = 0.75

    def __init__(self, floor_mm, share=SHARE):
        self._threshold_mm = floor_mm * share
        self.state = "free"

    def step(self, echoes_us):
        heard = [us for us in echoes_us[:_NAIVE_BURST] if us is not None]
        if heard:
            away_mm = statistics.median(heard) * _NAIVE_MPS / 2000
            self.state = "occupied" if away_mm < self._threshold_mm else "free"


def config(sim, taped=True, **more):
    """Give the app's config for a bay: its mount, and what the installer's tape said."""
    bay = {"mount": sim.site.mount}
    if taped:
        bay["floor_mm"] = sim.floor_mm()
    cfg, errors = validate(SCHEMA, dict(more, bays=[bay]), check)
    assert not errors, errors
    return cfg


def watch(
    seed, mount, condition, days=3, idle_s=1, taped=True, occupied=None, share=None, quiet_s=0
):
    """Give {"kerb": Score, "naive": Score} of a bay; `idle_s` as in the app's config.

    quiet_s: the time between bursts (if the bay does not want them slower anyhow) while nothing
    happens (Truth.quiet) and no detector has changed its mind for a minute. That saves
    computing; what noise does on its own in quiet times then counts for less.
    """
    sim = BaySim(seed, mount, condition, days, occupied=occupied)
    bay = Bay(config(sim, taped, idle_s=idle_s))
    naive = Naive(sim.floor_mm(), share or Naive.SHARE)
    said = {"kerb": [], "naive": []}
    end_ms = days * 86_400_000
    now_ms = bursts = pings = 0
    truth = Truth(sim, days * 86_400)
    while now_ms < end_ms:
        now_s = now_ms / 1000
        n = bay.burst
        readings = sim.burst(now_s, max(n, _NAIVE_BURST))
        distances, fault = sim.as_read(now_s, readings[:n])
        bay.step(now_ms, distances, sim.temperature_cdeg(now_s), fault)
        naive.step(readings)
        for name, state in (("kerb", bay.state), ("naive", naive.state)):
            if not said[name] or said[name][-1][1] != state:
                said[name].append((now_s, state))
        bursts += 1
        pings += n
        wait_ms = max(100, bay.wait_ms)
        if wait_ms < 1000 * quiet_s and wait_ms == 1000 * idle_s and truth.quiet(now_s):
            if all(now_s - changes[-1][0] >= _STEADY_S for changes in said.values()):
                wait_ms = 1000 * quiet_s
        now_ms += wait_ms
    scores = {name: Score(truth, changes) for name, changes in said.items()}
    scores["kerb"].bursts, scores["kerb"].pings = bursts, pings
    return scores


class Truth:
    """What really was, as spans (begin_s, end_s, what): what is "free", "occupied", "moving" or
    the part's fault, which hides the rest.
    """

    def __init__(self, sim, end_s):
        self.end_s = end_s
        self.visits = sim.traffic.visits
        self.passers = sim.traffic.passers
        self.faults = [it for it in sim.weather.faults if it[0] < end_s]
        marks = {0, end_s}
        for it in self.visits:
            marks.update((it.begin_s, it.stand_s, it.go_s, it.end_s))
        for begin_s, stop_s, _ in self.faults:
            marks.update((begin_s, stop_s))
        self._passing = sorted(at for it in self.passers for at in (it.begin_s, it.end_s))
        self._marks = sorted(marks)
        # Who comes while somebody else is there or two seconds later makes him stay longer.
        self.presences = []
        for it in self.passers:
            if self.presences and it.begin_s < self.presences[-1][1] + _TOGETHER_S:
                first_s, last_s = self.presences.pop()
                self.presences.append((first_s, max(last_s, it.end_s)))
            else:
                self.presences.append((it.begin_s, it.end_s))
        marks = sorted(mark for mark in marks if 0 <= mark <= end_s)
        self.spans = []
        for begin_s, stop_s in itertools.pairwise(marks):
            middle_s = (begin_s + stop_s) / 2
            what = sim.fault(middle_s)
            if not what:
                what = sim.truth(middle_s) if sim.settled(middle_s) else "moving"
            self.spans.append((begin_s, stop_s, what))

    def quiet(self, now_s):
        """Say whether no car has moved and no fault begun or ended for three minutes, nobody
        passed for 40 s, and none will for the next 20.
        """
        for times, before_s in ((self._marks, _QUIET_S), (self._passing, _PASSED_S)):
            at = bisect.bisect_left(times, now_s - before_s)
            if at < len(times) and times[at] <= now_s + _SOON_S:
                return False
        return True

    def faulty(self, begin_s, stop_s):
        return any(begin < stop_s and begin_s < stop for begin, stop, _ in self.faults)


class Score:
    """How right the `changes` [(seconds, state)] of one detector were.

    hours: {(truth, said): hours} while the part works and no car moves.
    events: parked cars' comings and goings that count; once: found exactly once; missed, again:
    the others. late_s: by how much after the car stood, or was out. extra: changes without cause.
    short, pushed: presences of people under 8 s, and how many became "occupied"; standing,
    pushed_long: the same from 8 s on.
    turns, turned: cars that left at once, and those that changed the state.
    faults, told: faults of the part over a minute long, and those said "unknown" within one (for a
    blocked part the right state will do); wrong_s: the longest that a wrong state was said in one.
    """

    def __init__(self, truth, changes):
        self.bursts = self.pings = 0
        self.days = truth.end_s / 86_400
        self.hours = collections.Counter()
        self.late_s = []
        self._truth = truth
        self._changes = changes
        self._times = [at for at, _ in changes]
        known = [(at, state) for at, state in changes if state != "unknown"]
        self._known = [
            it for before, it in itertools.pairwise([(0, None), *known]) if before[1] != it[1]
        ]
        # The first is no change: it is how the bay was found.
        self._known = self._known[1:] if self._known and self._known[0][0] < 60 else self._known
        self._known_times = [at for at, _ in self._known]
        self._sum_hours()
        self._count_events()
        self._count_passers()
        self._count_faults()

    def cars_until_right(self):
        """Give from which car on, one there at the beginning counted, three in a row were right:
        their stays, and the vacancies after them; None: nowhere; 0: there were fewer than five,
        which says nothing. Cars of whom a fault of the part hid something don't count.
        """
        truth = self._truth
        parked = [it for it in truth.visits if it.parked and it.out_s < truth.end_s]
        nexts = [*(it.begin_s for it in parked[1:]), truth.end_s]
        right = [
            self._mostly("occupied", max(0, it.stand_s), it.go_s)
            and self._mostly("free", it.end_s, next_s)
            for it, next_s in zip(parked, nexts, strict=True)
            if not truth.faulty(it.begin_s, next_s)
        ]
        if len(right) < _CARS + 2:
            return 0
        firsts = range(len(right) - _CARS + 1)
        return next((at + 1 for at in firsts if all(right[at : at + _CARS])), None)

    def _mostly(self, state, begin_s, stop_s):
        """Say whether it was said then, but for a minute or a twentieth of the time."""
        pieces = self._pieces(begin_s, stop_s)
        other_s = sum(last - first for first, last, said in pieces if said != state)
        return other_s <= max(_LEARNED_S, _LEARNED_SHARE * (stop_s - begin_s))

    def said(self, now_s):
        at = bisect.bisect_right(self._times, now_s) - 1
        return self._changes[at][1] if at >= 0 else "unknown"

    def _pieces(self, begin_s, stop_s):
        at = bisect.bisect_right(self._times, begin_s)
        marks = [begin_s, *self._times[at : bisect.bisect_left(self._times, stop_s)], stop_s]
        for first, last in itertools.pairwise(marks):
            yield first, last, self.said(first)

    def _between(self, begin_s, stop_s):
        first = bisect.bisect_left(self._known_times, begin_s)
        return self._known[first : bisect.bisect_left(self._known_times, stop_s)]

    def _sum_hours(self):
        for begin_s, stop_s, what in self._truth.spans:
            if what not in ("free", "occupied"):
                continue
            for first, last, said in self._pieces(begin_s, stop_s):
                self.hours[what, said] += (last - first) / 3600

    def _count_events(self):
        truth = self._truth
        self.events = self.once = self.missed = self.again = self.turns = self.turned = 0
        causes = 0
        for at, it in enumerate(truth.visits):
            next_s = truth.visits[at + 1].begin_s if at + 1 < len(truth.visits) else truth.end_s
            if not it.parked:
                if it.end_s < truth.end_s and not truth.faulty(it.begin_s, it.end_s + _GRACE_S):
                    self.turns += 1
                    self.turned += bool(self._between(it.begin_s, it.end_s + _GRACE_S))
                    causes += 2
                continue
            for begin_s, due_s, stop_s, wanted in (
                (it.begin_s, it.stand_s, it.go_s, "occupied"),
                (it.go_s, it.out_s, next_s, "free"),
            ):
                stop_s = min(stop_s, truth.end_s)
                found = self._between(begin_s, stop_s)
                # Cut off by the beginning or the end of the days, or hidden by a fault.
                cut = begin_s < 0 or due_s + _GRACE_S > truth.end_s
                if cut or truth.faulty(begin_s - FAULT_S, stop_s):
                    causes += any(state == wanted for _, state in found)
                    continue
                self.events += 1
                if not any(state == wanted for _, state in found):
                    self.missed += 1
                    continue
                causes += 1
                self.late_s.append(
                    max(0, next(when for when, state in found if state == wanted) - due_s)
                )
                if len(found) == 1:
                    self.once += 1
                else:
                    self.again += 1
        working = [when for when, _ in self._known if not truth.faulty(when - _GRACE_S, when + 1)]
        self.extra = max(0, len(working) - causes)

    def _count_passers(self):
        truth = self._truth
        self.short = self.pushed = self.standing = self.pushed_long = 0
        spans = [span[0] for span in truth.spans]
        nexts = [*(first_s for first_s, _ in truth.presences[1:]), truth.end_s]
        for (first_s, last_s), next_s in zip(truth.presences, nexts, strict=False):
            until_s = min(last_s + _AFTER_PASSER_S, next_s)
            begin_s, stop_s, what = truth.spans[bisect.bisect_right(spans, first_s) - 1]
            if what != "free" or until_s > stop_s or first_s - begin_s < _GRACE_S:
                continue
            pushed = any(state == "occupied" for _, state in self._between(first_s, until_s))
            if last_s - first_s < SHORT_PASSER_S:
                self.short += 1
                self.pushed += pushed
            else:
                self.standing += 1
                self.pushed_long += pushed

    def _count_faults(self):
        truth = self._truth
        self.faults = self.told = 0
        self.wrong_s = 0.0
        visits = [it.begin_s for it in truth.visits]
        for begin_s, stop_s, kind in truth.faults:
            stop_s = min(stop_s, truth.end_s)
            if stop_s - begin_s <= FAULT_S:
                continue
            self.faults += 1
            due_s = begin_s + FAULT_S
            pieces = list(self._pieces(begin_s, stop_s))
            told = any(said == "unknown" and first <= due_s for first, _, said in pieces)
            if kind == "blocked" and not told:
                told = self.said(due_s) == next(self._really(visits, due_s, due_s + 1))[2]
            self.told += told
            wrong = [
                min(last, stop) - max(first, start)
                for first, last, said in pieces
                for start, stop, really in self._really(visits, first, last)
                if said not in ("unknown", really)
            ]
            self.wrong_s = max([self.wrong_s, *wrong])

    def _really(self, visits, begin_s, stop_s):
        """Give (begin, end, "free" or "occupied") of the time between, whatever the part says."""
        marks = [begin_s]
        first = max(0, bisect.bisect_right(visits, begin_s) - 1)
        for it in self._truth.visits[first:]:
            if it.begin_s > stop_s:
                break
            marks += [at for at in (it.stand_s, it.out_s) if begin_s < at < stop_s and it.parked]
        marks.append(stop_s)
        for start, stop in itertools.pairwise(marks):
            middle_s = (start + stop) / 2
            there = any(
                it.parked and it.stand_s <= middle_s < it.out_s for it in self._truth.visits
            )
            yield start, stop, "occupied" if there else "free"
