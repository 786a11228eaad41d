import random

from kerb.apps import crossing, intent
from kerb.apps.dwell import Presence
from kerb.system.schema import validate

SCHEMA = dict(crossing.SCHEMA)
SCHEMA.update(intent.SCHEMA)


class Radar:
    """What kerb.drivers.ld2410 gives."""

    def __init__(self, moving_mm=None, still_mm=None):
        self.moving_mm, self.still_mm = moving_mm, still_mm


NOBODY = Radar()


def presence(**given):
    given.setdefault("width_mm", 3000)
    cfg, errors = validate(SCHEMA, given)
    assert not errors, errors
    return Presence(cfg)


def told(it, frames, start_ms=0x3FFFFFFF - 1000):
    return [it.step(start_ms + 100 * at & 0x3FFFFFFF, frame) for at, frame in enumerate(frames)]


def test_who_stays_is_told_after_the_dwell_time_and_until_he_has_gone():
    out = told(presence(), [Radar(still_mm=2000)] * 30 + [NOBODY] * 10)
    assert out == [None] * 15 + ["presence"] * (15 + 6) + [None] * 4


def test_who_moves_and_who_stands_count_the_same():
    frames = [Radar(2500 - 50 * at) if at % 2 else Radar(None, 2500 - 50 * at) for at in range(30)]
    assert told(presence(), frames)[-1] == "presence"


def test_a_short_gap_does_not_begin_the_time_anew():
    frames = [Radar(2000)] * 8 + [NOBODY] * 5 + [Radar(2000)] * 5
    assert told(presence(), frames) == [None] * 15 + ["presence"] * 3
    frames = [Radar(2000)] * 8 + [NOBODY] * 7 + [Radar(2000)] * 14
    assert not any(told(presence(), frames))


def test_somebody_beyond_the_waiting_area_is_nobody():
    it = presence()
    assert it.reach_mm < 4200
    assert not any(told(it, [Radar(it.reach_mm + 50)] * 100))
    assert told(it, [Radar(it.reach_mm)] * 100)[-1] == "presence"


def test_each_visit_has_a_number_of_its_own():
    it = presence()
    seen = []
    for visit in range(600):
        told(it, [Radar(1500)] * 17, 10000 * visit)
        seen.append(it.who)
        assert told(it, [NOBODY] * 10, 10000 * visit + 1700)[-1] is None and it.who is None
    assert all(0 < it < 256 for it in seen)
    assert all(seen[at] != seen[at - 1] for at in range(1, len(seen)))
    assert it.pedestrians == 0 and it.seen() == []


def test_a_radar_that_has_failed_shows_nobody():
    it = presence()
    told(it, [Radar(1500)] * 30)
    assert told(it, [None] * 10, 0x3FFFFFFF - 1000 + 3000)[-1] is None


def test_the_more_sensitive_the_earlier():
    firsts = []
    for sensitivity in ("high", "normal", "low"):
        out = told(presence(sensitivity=sensitivity), [Radar(1500)] * 60)
        firsts.append(out.index("presence"))
    assert firsts == [5, 15, 25]


def test_it_never_tells_of_somebody_who_was_not_there():
    random.seed(4)
    it = presence()
    frames = [Radar(1000) if random.randint(0, 9) == 0 else NOBODY for _ in range(2000)]
    out = told(it, frames)
    for at, word in enumerate(out):
        if word:
            assert any(frame is not NOBODY for frame in frames[max(0, at - 7) : at + 1])
