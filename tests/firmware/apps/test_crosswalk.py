from kerb.apps.crosswalk import REASONS, Crosswalk

ROUND_MS = 800
PERIOD_MS = 20000
WRAP = 1 << 30  # of MicroPython's ticks


def make(**options):
    return Crosswalk(PERIOD_MS, ROUND_MS, **options)


def numbers(seed):
    """Numbers below 1000 that look random, the same on every runtime."""
    while True:
        seed = (seed * 1103 + 12345) % 65537
        yield seed % 1000


def run(walk, start, end, step=50, **seen):
    """Steps up to `end` ms; gives the ticks at which it flashed, and all that began."""
    lit, begun = [], []
    for ms in range(start, end, step):
        begun += walk.step(ms % WRAP, **seen)
        if walk.flashing:
            lit.append(ms)
    return lit, begun


def test_a_push_of_the_button_flashes_at_once_for_the_whole_period_and_no_longer():
    walk = make()
    walk.detect(1000, "button")
    assert walk.flashing and walk.tell
    lit, begun = run(walk, 1000, 60000)
    assert begun == [("button", False, 0, 20)]
    assert lit[0] == 1000
    # It ends in the dark part of the last round.
    assert 0 <= 1000 + PERIOD_MS - lit[-1] <= 200
    assert walk.counts[REASONS.index("button")] == 1
    assert walk.flashing_s == 19


def test_every_detection_begins_the_whole_period_anew_and_the_pattern_goes_on():
    for second_ms in (1700, 9000, 19000):
        walk = make()
        walk.detect(0, "button")
        run(walk, 0, second_ms)
        walk.detect(second_ms, "button")
        assert walk.began_ms == 0
        lit, begun = run(walk, second_ms, 60000)
        assert [event[:2] for event in begun] == ([("button", True)] if second_ms > 2000 else [])
        end_ms = lit[-1] + 50
        assert second_ms + PERIOD_MS - 150 <= end_ms <= second_ms + PERIOD_MS + ROUND_MS
        assert walk.until_ms % ROUND_MS == 0
        assert walk.counts[REASONS.index("button")] == 2


def test_it_flashes_as_long_as_somebody_wants_to_cross_and_a_period_more_and_says_so_once():
    walk = make()
    lit, begun = run(walk, 0, 45000, reason="track", who=3)
    more, none = run(walk, 45000, 90000)
    assert begun == [("track", False, 0, 20)] and none == []
    assert len(lit) == 900
    assert 45000 + PERIOD_MS - 200 <= more[-1] <= 45000 + PERIOD_MS + ROUND_MS
    assert walk.counts[REASONS.index("track")] == 1


def test_another_person_is_another_detection():
    walk = make()
    run(walk, 0, 5000, reason="track", who=1)
    begun = run(walk, 5000, 9000, reason="track", who=2)[1]
    assert begun == [("track", True, 0, 20)] or begun == [("track", True, 0, 21)]
    assert walk.counts[REASONS.index("track")] == 2


def test_who_waits_for_a_car_is_warned_of_the_first_that_comes():
    walk = make(wait_for_car=True)
    lit, begun = run(walk, 0, 3000, reason="track", who=1, approaching=False)
    assert lit == [] and begun == [] and walk.waiting
    lit, begun = run(walk, 3000, 4000, reason="track", who=1, approaching=True)
    assert lit[0] == 3000
    assert begun == [("track", False, 3000, 20)]


def test_who_leaves_again_waits_no_more():
    walk = make(wait_for_car=True)
    run(walk, 0, 3000, reason="track", who=1, approaching=False)
    assert run(walk, 3000, 9000, approaching=True)[0] == []
    assert not walk.waiting


def test_nobody_waits_for_a_car_that_nobody_could_see_nor_for_longer_than_eight_seconds():
    for approaching in (None, True):
        walk = make(wait_for_car=True)
        assert run(walk, 0, 100, reason="track", who=1, approaching=approaching)[0][0] == 0
    walk = make(wait_for_car=True)
    assert run(walk, 0, 20000, reason="track", who=1, approaching=False)[0][0] == 8000


def test_the_button_waits_for_no_car():
    walk = make(wait_for_car=True)
    run(walk, 0, 1000, reason="track", who=1, approaching=False)
    walk.detect(1000, "button")
    assert walk.flashing


def test_a_car_on_this_side_ends_the_waiting_at_the_other_pole():
    walk = make(wait_for_car=True)
    walk.armed(1000)
    assert run(walk, 1000, 2000, approaching=False)[0] == []
    assert run(walk, 2000, 2100, approaching=True)[0][0] == 2000
    assert walk.tell  # so that the other one begins too
    walk = make(wait_for_car=True)
    walk.armed(1000)
    assert run(walk, 5000, 6000, approaching=True)[0] == []


def test_what_the_other_pole_says_is_followed_to_the_round_and_not_told_back():
    walk = make()
    walk.heard(1000, 960, 960 + 25 * ROUND_MS)
    assert walk.flashing and not walk.tell
    assert (walk.began_ms, walk.until_ms) == (960, 960 + 25 * ROUND_MS)
    lit, begun = run(walk, 1000, 60000)
    assert begun == [("peer", False, 0, 20)]
    assert 0 <= 960 + 25 * ROUND_MS - lit[-1] <= 200


def test_a_period_can_begin_a_little_later_than_its_cause_and_lasts_no_shorter():
    walk = make()
    walk.lead_ms = 40
    walk.detect(1000, "button")
    assert walk.flashing and walk.began_ms == 1040
    assert walk.until_ms >= 1000 + PERIOD_MS


def test_what_has_ended_is_not_begun_by_late_news():
    walk = make()
    walk.heard(90000, 50000, 70000)
    assert not walk.flashing


def test_two_poles_that_begin_by_themselves_get_into_one_step_and_end_together():
    random = numbers(5)
    for trial in range(200):
        start = WRAP - 5000 if trial % 3 == 0 else 7000
        poles = make(), make()
        apart = next(random)
        when = (start, start + apart)
        news, alone_ms = [], 0
        for ms in range(start, start + 60000, 20):
            now = ms % WRAP
            for at, pole in enumerate(poles):
                if when[at] <= ms < when[at] + 20:
                    pole.detect(now, "button")
                pole.step(now)
            for due, to, began, until in news:
                if due <= ms < due + 20:
                    poles[to].heard(now, began, until)
            for at, pole in enumerate(poles):
                if pole.tell:
                    pole.tell = False
                    news.append(
                        (ms + 20 + next(random) // 20, 1 - at, pole.began_ms, pole.until_ms)
                    )
            if ms > when[1] + 200:
                alone_ms += 20 * (poles[0].flashing != poles[1].flashing)
                if poles[0].flashing and poles[1].flashing:
                    phase = (poles[0].began_ms - poles[1].began_ms) % ROUND_MS
                    assert min(phase, ROUND_MS - phase) <= 25, (trial, apart)
        assert not poles[0].flashing and not poles[1].flashing
        assert alone_ms <= 40, (trial, apart)


def test_nothing_is_different_when_the_ticks_begin_anew():
    def life(start):
        walk = make(wait_for_car=True)
        random = numbers(11)
        out = []
        for ms in range(start, start + 300000, 50):
            chance = next(random)
            if chance < 3:
                walk.detect(ms % WRAP, "button")
            seen = chance < 20
            out += walk.step(ms % WRAP, "track" if seen else None, 1, chance % 2 == 0)
            out.append(walk.flashing)
        return out, walk.counts, walk.flashing_s

    assert life(WRAP - 150000) == life(4000)
