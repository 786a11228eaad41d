"""Two poles of a crossing as they hear each other, without a radio between them."""

import random
import time

from kerb.apps import pair
from kerb.apps.pair import BEAT_MS, LEAD_MS, START_MS, Pair, check

WRAP = 1 << 30
ROUND_MS = 800


def config(crossing="Hafenstr 7", pole=1):
    return {"crossing": crossing, "pole": pole}


class Pole:
    """A Pair whose ticks begin at `zero_ms` and go wrong by some ppm; time is the true one."""

    def __init__(self, pole=1, zero_ms=0, ppm=0, crossing="Hafenstr 7"):
        self.pair = Pair(config(crossing, pole))
        self.zero_ms = zero_ms
        self.ppm = ppm

    def ticks(self, true_ms):
        return (self.zero_ms + true_ms + true_ms * self.ppm // 1000000) % WRAP

    def true_ms(self, ticks, near_ms):
        """When it is that its ticks are so, near to a true time."""
        return near_ms + time.ticks_diff(ticks, self.ticks(near_ms))

    def tick(self, true_ms, waits=False):
        return self.pair.tick(self.ticks(true_ms), waits)

    def start(self, true_ms, period_ms=8000, lead_ms=LEAD_MS, reason="button"):
        began = self.ticks(true_ms + lead_ms)
        return self.pair.activation(
            self.ticks(true_ms), began, time.ticks_add(began, period_ms), reason
        )

    def hear(self, true_ms, payload, age_ms=0):
        """(true times of begin and end, reason) or None."""
        runs = self.pair.heard(self.ticks(true_ms), payload, age_ms)
        if runs is None:
            return None
        until = None if runs[1] is None else self.true_ms(runs[1], true_ms)
        return self.true_ms(runs[0], true_ms), until, runs[2]


def two(seed=None):
    """Two poles whose ticks have nothing to do with each other, for one that wraps soon."""
    if seed is None:
        return Pole(1, 5000), Pole(2, WRAP - 20000)
    random.seed(seed)
    return [
        Pole(n, random.randint(0, WRAP - 1), random.randint(-60, 60) if seed else 0)
        for n in (1, 2)
    ]


def beats(a, b, since_ms, until_ms, delay_ms=lambda: 3):
    """Both tell that they live; gives when the next beat is due."""
    for now_ms in range(since_ms, until_ms, 100):
        for one, other in ((a, b), (b, a)):
            payload = one.tick(now_ms)
            if payload:
                other.hear(now_ms + delay_ms(), payload)


def test_a_start_is_understood_in_the_other_poles_own_ticks():
    a, b = two()
    beats(a, b, 0, 3000)
    began, until, reason = b.hear(3005, a.start(3000))
    assert abs(began - (3000 + LEAD_MS)) <= 5
    assert abs(until - (3000 + LEAD_MS + 8000 - 100)) <= 5
    assert reason == "button"


def test_every_payload_fits_into_a_message():
    a = Pole(1, crossing="x" * 16)
    assert len(a.tick(0)) <= 32 and len(a.start(10)) <= 32


def test_however_late_a_message_comes_the_rounds_are_the_same_to_some_ms():
    for seed in range(200):
        a, b = two(seed)
        beats(a, b, 0, 30000, lambda: 2 + random.randint(0, 60))
        for at_ms in (30000, 31000, 35000):
            late_ms = random.randint(1, 400)
            began, until, _ = b.hear(at_ms + late_ms, a.start(at_ms))
            assert abs(began - (at_ms + LEAD_MS)) <= 25, (seed, began)
            assert until - began == 7900


def test_a_busy_loop_at_the_first_word_ever_is_put_right_by_the_next():
    a, b = two()
    began, _, _ = b.hear(400, a.start(0))
    assert began == 400 + LEAD_MS  # it cannot know better
    began, _, _ = b.hear(604, a.tick(600))
    assert began == LEAD_MS + 4


def test_the_end_is_told_so_that_rounding_up_to_rounds_gives_the_same_number():
    for seed in range(300):
        a, b = two(seed)
        beats(a, b, 0, 5000, lambda: 2 + random.randint(0, 30))
        rounds = random.randint(1, 60)
        payload = a.start(5000, rounds * ROUND_MS)
        first = b.hear(5000 + random.randint(2, 300), payload)
        again = first
        for at_ms in range(5400, 5000 + rounds * ROUND_MS - 500, 700):
            payload = a.tick(at_ms)
            if payload:
                again = b.hear(at_ms + random.randint(2, 80), payload) or again
        for _, until, _ in (first, again):
            assert -(-(until - first[0]) // ROUND_MS) == rounds, (seed, rounds)


def test_a_period_comes_again_with_every_beat_until_it_ends():
    a, b = two()
    a.start(0)
    heard = []
    for now_ms in range(100, 12000, 100):
        payload = a.tick(now_ms)
        if payload:
            heard.append((now_ms, b.hear(now_ms + 2, payload) is not None))
    running = [at_ms for at_ms, runs in heard if runs]
    assert running[-1] <= LEAD_MS + 8000 - 100 < 8000
    assert len(running) >= 25
    assert a.tick(13100)[7] == 0
    # And afterwards it lives on in silence.
    assert heard[-1] == (heard[-1][0], False) and len(heard) - len(running) >= 4


def test_an_old_message_that_somebody_kept_back_begins_nothing():
    a, b = two()
    beats(a, b, 0, 4000)
    payload = a.start(4000, 8000)
    for at_ms in range(4100, 60000, 100):
        if at_ms % 1000 == 0:
            b.hear(at_ms, a.tick(at_ms) or b"")
        b.tick(at_ms)
    assert b.hear(60000, payload) is None


def test_one_that_was_kept_back_while_nobody_was_heard_ends_when_it_would_have():
    a, b = two()
    beats(a, b, 0, 4000)
    payload = a.start(4000, 8000)
    for at_ms in range(4100, 9000, 100):
        b.tick(at_ms)
    _, until, _ = b.hear(9000, payload)
    assert abs(until - (4000 + LEAD_MS + 7900)) <= 10


def test_what_is_kept_back_by_seconds_keeps_no_link_alive():
    a, b = two()
    beats(a, b, 0, 4000)
    for at_ms in range(4000, 30000, 100):
        payload = a.tick(at_ms)
        if payload:
            b.hear(at_ms + 3000, payload)
        b.tick(at_ms + 3000)
    assert b.pair.lost and b.pair.lead_ms == 0


def test_two_clocks_that_drift_stay_together():
    random.seed(3)
    for ppm in (40, -40):
        a, b = Pole(1, 77, ppm), Pole(2, WRAP - 9000, -ppm)
        for at_ms in range(0, 1200 * 1000, 1000):
            payload = a.tick(at_ms)
            if payload:
                b.hear(at_ms + 2 + random.randint(0, 50), payload)
            b.tick(at_ms)
            if at_ms % 600000 == 599000:
                began, _, _ = b.hear(at_ms + 20, a.start(at_ms))
                assert -3 <= began - (at_ms + LEAD_MS) <= 20, began - at_ms


def test_the_other_pole_is_understood_after_its_reboot():
    for zero_ms in (WRAP - 3000, 0, 123456):
        a, b = two()
        beats(a, b, 0, 3000)
        a = Pole(1, zero_ms)
        began, _, _ = b.hear(4003, a.start(4000))
        assert began == 4000 + LEAD_MS + 3


def test_what_was_sent_again_is_as_good_as_the_first():
    a, b = two()
    began, _, _ = b.hear(203, a.start(0), age_ms=200)
    assert began == LEAD_MS + 3


def test_what_ends_in_a_moment_is_not_joined():
    a, b = two()
    payload = a.start(0, lead_ms=0)
    assert b.hear(8000 - 310, payload) is not None
    a, b = two()
    b.hear(2, a.tick(0))
    payload = a.start(1000, lead_ms=0)
    assert b.hear(9000 - 290, payload) is None


def test_what_we_told_comes_back_without_an_end_and_after_it_not_at_all():
    for delay_ms in (2, 300, 700):
        a, b = two()
        b.hear(delay_ms, a.start(0, lead_ms=0))
        began, until, _ = a.hear(4000 + delay_ms, b.tick(4000))
        assert until is None and 0 <= began <= 2 * delay_ms
        a.tick(8000)
        payload = b.tick(8000)
        assert delay_ms == 2 or payload[7]
        assert a.hear(8000 + delay_ms, payload) is None


def test_a_pole_that_boots_in_the_middle_of_its_own_period_joins_it_again():
    a, b = two()
    beats(a, b, 0, 3000)
    b.hear(3002, a.start(3000))
    a = Pole(1, 999)
    joined = None
    assert b.tick(4900)[0] & 8 and not Pole(1).start(0)[0] & 8
    for at_ms in range(5000, 6000, 100):
        payload = b.tick(at_ms)
        if payload:
            joined = joined or a.hear(at_ms + 2, payload)
    began, until, reason = joined
    assert abs(began - (3000 + LEAD_MS)) <= 10 and abs(until - (11000 + LEAD_MS - 200)) <= 110
    assert reason == "button"


def test_two_that_pass_a_period_on_to_each_other_do_not_prolong_it():
    a, b = two()
    beats(a, b, 0, 3000)
    first = b.hear(3004, a.start(3000))
    ends = []
    for at_ms in range(3100, 14000, 100):
        for one, other in ((a, b), (b, a)):
            payload = one.tick(at_ms)
            runs = payload and other.hear(at_ms + 5, payload)
            if runs:
                if runs[1] is not None:
                    ends.append(runs[1])
                assert at_ms < 3000 + LEAD_MS + 8000
    assert max(ends) - min(ends) <= 110 + 10 and max(ends) <= first[1] + 10


def test_the_link_is_lost_after_five_seconds_and_found_with_the_first_word():
    a, b = two()
    for at_ms in range(0, 10000, 100):
        payload = a.tick(at_ms)
        if payload and at_ms < 3000:
            b.hear(at_ms + 2, payload)
        b.tick(at_ms + 2)
        if at_ms < 7000:
            assert not b.pair.lost
    assert b.pair.lost and b.pair.lead_ms == 0
    b.hear(10100, a.tick(12000))
    assert not b.pair.lost and b.pair.lead_ms == LEAD_MS


def test_at_a_start_the_other_has_a_minute_and_nothing_begins_late_for_it():
    a = Pole(1)
    for at_ms in range(0, 60000, 100):
        a.tick(at_ms)
        assert not a.pair.lost and a.pair.lead_ms == 0
    a.tick(60000)
    assert a.pair.lost


def test_two_with_the_same_number_say_so_and_flash_together_all_the_same():
    a, b = Pole(1, 5), Pole(1, 4000)
    beats(a, b, 0, 2500)
    assert a.pair.twin and b.pair.twin
    assert b.hear(3002, a.start(3000)) is not None
    for at_ms in range(3100, 64000, 100):
        b.tick(at_ms)
    assert not b.pair.twin


def test_no_other_crossing_is_heard():
    a, b = two()
    others = [Pole(1, 3, crossing=name) for name in ("Hafenstr 8", "Hafenstr", "Hafenstr 77")]
    for other in others:
        payload = other.start(100)
        assert not b.pair.concerns(payload)
        assert b.hear(102, payload) is None
    assert b.pair.concerns(a.start(100))


def test_without_a_crossing_nothing_is_said_or_heard():
    alone = Pair({"crossing": None, "pole": None})
    a = Pole(1)
    payload = a.start(0)
    for at_ms in range(0, 100000, 1000):
        assert alone.tick(at_ms) is None
    assert alone.activation(0, 0, 8000, "button") is None
    assert alone.heard(0, payload, 0) is None and not alone.concerns(payload)
    assert not (alone.lost or alone.twin) and alone.lead_ms == 0


def test_any_bytes_are_taken_without_harm_even_with_the_right_name():
    random.seed(5)
    a, b = two()
    name = b"Hafenstr 7"
    for n in range(3000):
        size = random.randint(0, 20)
        data = bytes([random.getrandbits(8) for _ in range(size)])
        if n % 2:
            data = data[:16] + name
        runs = b.pair.heard(random.getrandbits(30), data, random.getrandbits(16))
        assert runs is None or (0 <= runs[0] < WRAP and 0 <= runs[1] < WRAP)
        b.pair.tick(random.getrandbits(30) >> 20)


def test_a_period_that_cannot_be_is_not_taken():
    a, b = two()
    for period_ms, lead_ms in ((0, 0), (-5, 0), (600100, 0), (8000, 2100)):
        assert b.hear(3, a.start(0, period_ms, lead_ms)) is None, period_ms
    assert b.hear(3, a.start(0, 599000)) is not None


def test_the_reason_comes_with_it():
    a, b = two()
    for at_ms, reason in enumerate(pair.REASONS):
        assert b.hear(at_ms + 1, a.start(at_ms, reason=reason))[2] == reason
    assert b.hear(9, a.start(8, reason="sunspots"))[2] == "other"


def test_a_new_period_is_sent_often_and_one_that_goes_on_is_not():
    a, _ = two()
    a.tick(0)
    assert a.pair.repeat_ms == BEAT_MS
    a.start(10)
    assert a.pair.repeat_ms == START_MS
    for at_ms in range(100, 5000, 50):
        a.start(at_ms)
        assert a.pair.repeat_ms == BEAT_MS
    for at_ms in range(5000, 16000, 100):
        a.tick(at_ms)
    a.start(16000)
    assert a.pair.repeat_ms == START_MS


def test_who_waits_for_a_car_is_told_at_once_and_forgotten_when_he_is_gone():
    a, b = two()
    beats(a, b, 0, 2000)
    payload = a.tick(2010, waits=True)
    b.hear(2012, payload)
    assert b.pair.waits
    b.tick(4600)
    assert not b.pair.waits
    b.hear(4700, a.tick(4700, waits=True))
    assert b.pair.waits
    b.hear(4710, a.tick(4708, waits=False))
    assert not b.pair.waits


def test_who_sees_no_cars_says_so_and_is_believed_until_he_sees_again():
    a, b = two()
    beats(a, b, 0, 2000)
    assert b.pair.far_blind  # no radar there, as far as it was told
    a.pair.blind = False
    beats(a, b, 2000, 3100)
    assert not b.pair.far_blind and a.pair.far_blind
    a.pair.blind = True
    beats(a, b, 3100, 4200)
    assert b.pair.far_blind
    # What was held back for seconds says nothing of now.
    payload = a.tick(6000)
    a.pair.blind = False
    b.hear(6003, a.tick(6002, waits=True))
    b.hear(9000, payload)
    assert not b.pair.far_blind


def test_crossing_and_pole_belong_together():
    assert check(config()) == [] and check({"crossing": None, "pole": None}) == []
    for cfg, found in ((config(pole=None), "crossing"), (config(crossing=None), "pole")):
        assert check(cfg) == [
            "crosswalk: found %s alone, allowed: both crossing and pole, or none" % found
        ]
