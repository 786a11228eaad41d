import random

from kerb.apps.override import Latest, Override, seconds

DAY = 9822  # 2026-11-22
NOON = (DAY, 43200)
NOW_S = seconds(NOON)


def later(wall, s):
    return wall[0] + (wall[1] + s) // 86400, (wall[1] + s) % 86400


def test_a_command_holds_until_its_time_is_up():
    it = Override()
    assert it.level(0, NOON) is None
    assert it.take(100, NOON, 400, 60) == ("ok", None)
    assert [it.level(t, NOON) for t in (100, 159, 160, 161)] == [400, 400, None, None]


def test_a_clear_ends_it_at_once():
    it = Override()
    it.take(100, NOON, 0, 600)
    assert it.level(101) == 0
    assert it.clear(102, NOON) == ("ok", None)
    assert it.level(102) is None


def test_its_time_counts_from_when_it_was_given():
    it = Override()
    assert it.take(100, NOON, 400, 60, NOW_S - 50) == ("ok", None)
    assert it.level(109) == 400 and it.level(110) is None


def test_a_command_that_comes_after_its_time_is_refused_and_ends_what_was_before():
    it = Override()
    it.take(100, NOON, 400, 6000, NOW_S - 200)
    assert it.take(110, later(NOON, 10), 700, 60, NOW_S - 100) == ("refused", "expired")
    assert it.level(111) is None
    assert it.take(112, later(NOON, 12), 400, 6000, NOW_S - 200) == ("refused", "superseded")
    assert it.level(113) is None


def test_an_older_command_or_clear_does_not_undo_a_later_one():
    it = Override()
    it.take(100, NOON, 400, 600, NOW_S)
    assert it.take(101, later(NOON, 1), 900, 600, NOW_S - 1) == ("refused", "superseded")
    assert it.clear(102, later(NOON, 2), NOW_S - 1) == ("refused", "superseded")
    assert it.level(103) == 400
    assert it.clear(103, later(NOON, 3), NOW_S + 1) == ("ok", None)
    assert it.take(104, later(NOON, 4), 400, 600, NOW_S) == ("refused", "superseded")
    assert it.level(104) is None


def _shuffled(items):
    items = list(items)
    for at in range(len(items) - 1, 0, -1):
        other = random.randint(0, at)
        items[at], items[other] = items[other], items[at]
    return items


def _obey(it, start, commands):
    """All the commands as they arrive within 100 s, and the levels of the hour after that."""
    uptime_s = random.randint(0, 100000)
    at_s = 0
    for level, for_s, issued_s in commands:
        at_s = min(100, at_s + random.randint(0, 20))
        wall = later(start, at_s)
        if level is None:
            it.clear(uptime_s + at_s, wall, issued_s)
        else:
            it.take(uptime_s + at_s, wall, level, for_s, issued_s)
    after = range(100, 3700, 50)
    return [it.level(uptime_s + s, later(start, s)) for s in after]


def test_commands_end_the_same_in_whatever_order_and_however_often_they_arrive():
    random.seed(8)
    held = 0
    for _ in range(300):
        commands = []
        for _ in range(random.randint(1, 6)):
            level = None if random.randint(0, 3) == 0 else random.randint(0, 10) * 100
            commands.append((level, random.randint(1, 3000), NOW_S - random.randint(0, 8) ** 3))
        ends = []
        for _ in range(6):
            again = commands + [commands[random.randint(0, len(commands) - 1)] for _ in range(3)]
            ends.append(_obey(Override(), NOON, _shuffled(again)))
        assert ends == ends[:1] * 6, commands
        held += ends[0][0] is not None
    assert 50 < held < 250  # some end with a level, some without


def test_of_two_given_in_the_same_second_the_brighter_counts():
    for order in ((0, 1), (1, 0)):
        it = Override()
        for n in order:
            it.take(10, NOON, (300, 900)[n], 60, NOW_S)
        assert it.level(10) == 900
        it.clear(10, NOON, NOW_S)
        assert it.level(10) == 900


def test_a_command_given_far_ahead_of_the_clock_locks_nobody_out():
    it = Override()
    assert it.take(10, NOON, 100, 600, NOW_S + 301) == ("refused", "not_yet")
    assert it.level(10) is None
    assert it.take(10, NOON, 100, 600, 0xFFFFFFFF) == ("refused", "not_yet")
    assert it.take(11, NOON, 200, 600, NOW_S) == ("ok", None)


def test_a_sender_whose_clock_is_a_little_ahead_is_obeyed():
    it = Override()
    assert it.take(10, NOON, 100, 60, NOW_S + 200) == ("ok", None)
    assert it.level(10) == 100 and it.level(269) == 100 and it.level(270) is None
    # One that says nothing was given later all the same.
    assert it.take(11, NOON, 700, 60) == ("ok", None)
    assert it.level(11) == 700 and it.level(71) is None
    assert it.take(12, NOON, 100, 60, NOW_S + 200) == ("refused", "superseded")


def test_a_command_that_comes_once_more_does_not_undo_one_that_came_after_it():
    for wall in (NOON, None):
        it = Override()
        assert it.take(10, wall, 900, 60, NOW_S) == ("ok", None)
        assert it.take(10, wall, 300, 60) == ("ok", None)
        assert it.take(10, wall, 900, 60, NOW_S) == ("refused", "superseded")
        assert it.level(10) == 300


def test_what_came_without_a_clock_after_a_sender_ahead_of_it_stays_the_last():
    it = Override()
    it.take(10, None, 900, 600, NOW_S + 200)
    it.take(10, None, 300, 600)
    assert it.level(11, NOON) == 300
    assert it.take(12, later(NOON, 1), 700, 60, NOW_S + 150) == ("refused", "superseded")
    assert it.level(609) == 300 and it.level(610) is None


def test_without_a_clock_the_later_given_counts_from_its_arrival():
    it = Override()
    assert it.take(10, None, 400, 100, 5000) == ("ok", None)
    assert it.take(20, None, 900, 100, 4000) == ("refused", "superseded")
    assert it.level(109) == 400
    assert it.take(100, None, 400, 100, 5000) == ("ok", None)  # once more: no longer
    assert it.level(110) is None
    assert it.take(120, None, 400, 100, 5000) == ("refused", "expired")


def test_the_end_is_put_right_when_the_clock_is_found():
    it = Override()
    it.take(10, None, 400, 1000, NOW_S - 300)
    assert it.level(20) == 400
    assert it.level(30, NOON) == 400
    assert it.level(729, NOON) == 400 and it.level(730, NOON) is None


def test_a_command_whose_time_turns_out_to_be_wrong_counts_from_its_arrival():
    it = Override()
    it.take(10, None, 400, 1000, NOW_S + 10000000)
    assert it.level(30, NOON) == 400
    assert it.level(1009, NOON) == 400 and it.level(1010, NOON) is None
    assert it.take(1011, later(NOON, 1000), 300, 60, NOW_S + 990) == ("ok", None)


def test_a_clock_that_steps_by_years_neither_ends_nor_extends_a_command():
    for years in (-30, -1, 1, 30):
        it = Override()
        it.take(10, NOON, 400, 1000, NOW_S)
        moved = (DAY + years * 365, 5)
        assert it.level(1009, moved) == 400
        assert it.level(1010, moved) is None


def test_what_a_clock_years_ahead_stamped_locks_nobody_out_when_it_is_put_right():
    it = Override()
    it.take(10, (DAY + 20000, 5), 400, 1000)
    assert it.take(20, NOON, 700, 60, NOW_S - 5) == ("ok", None)
    assert it.level(20, NOON) == 700
    assert it.clear(30, NOON, NOW_S - 6) == ("refused", "superseded")


def test_a_command_that_expired_by_a_wrong_clock_is_obeyed_when_it_is_sent_again():
    it = Override()
    assert it.take(10, (DAY + 20000, 5), 400, 1000, NOW_S) == ("refused", "expired")
    assert it.take(20, NOON, 400, 1000, NOW_S) == ("ok", None)
    assert it.level(1019) == 400 and it.level(1020) is None


def _rebooted(it, uptime_s):
    other = Override()
    other.restore(it.due(uptime_s))
    return other


def test_a_command_and_that_it_was_given_survive_a_reboot():
    it = Override()
    it.take(100, NOON, 400, 600, NOW_S)
    it = _rebooted(it, 100)
    assert it.level(0) is None  # how long was it away?
    assert it.level(5, later(NOON, 50)) == 400
    assert it.take(6, later(NOON, 51), 900, 60, NOW_S - 1) == ("refused", "superseded")
    assert it.level(554) == 400 and it.level(555) is None


def test_a_clear_survives_a_reboot():
    it = Override()
    it.clear(100, NOON, NOW_S)
    it = _rebooted(it, 100)
    assert it.level(5, NOON) is None
    assert it.take(6, NOON, 900, 60, NOW_S - 1) == ("refused", "superseded")
    assert it.level(7, NOON) is None


def test_after_a_reboot_with_a_clock_that_went_back_nothing_holds():
    it = Override()
    it.take(100, NOON, 400, 600, NOW_S)
    it = _rebooted(it, 100)
    assert it.level(0, (DAY - 1000, 0)) is None
    assert it.level(1, NOON) is None
    assert it.take(2, NOON, 700, 60, NOW_S) == ("ok", None)


def test_after_a_reboot_without_a_clock_a_command_sent_again_holds():
    it = Override()
    it.take(100, NOON, 400, 600, NOW_S)
    it = _rebooted(it, 100)
    assert it.take(5, None, 400, 600, NOW_S) == ("ok", None)
    assert it.level(604) == 400 and it.level(605) is None


def test_an_unstamped_command_taken_without_a_clock_is_kept_once_there_is_one():
    it = Override()
    it.take(100, None, 400, 600)
    assert it.due(100) is None
    assert it.level(200, later(NOON, 100)) == 400
    it = _rebooted(it, 200)
    assert it.level(0, later(NOON, 599)) == 400
    assert it.level(2, later(NOON, 601)) is None


def test_records_that_are_none_are_passed_over():
    whole = Override()
    whole.take(100, NOON, 400, 600, NOW_S)
    record = whole.due(100)
    random.seed(3)
    for data in (None, b"", record[:-1], record + b"\0", b"\2" + record[1:]):
        it = Override()
        it.restore(data)
        assert it.level(0, NOON) is None
        assert it.take(0, NOON, 1, 60, NOW_S - 50) == ("ok", None)
    for _ in range(500):
        it = Override()
        it.restore(bytes([1] + [random.getrandbits(8) for _ in range(10)]))
        level = it.level(0, NOON)
        assert level is None or 0 <= level <= 1000
        assert it.take(0, NOON, 500, 60) == ("ok", None)
        assert it.level(1, NOON) == 500


def test_what_is_kept_costs_164_writes_a_day_at_most_however_it_is_commanded():
    it = Override()
    writes = [
        uptime_s
        for uptime_s in range(0, 86400, 2)
        if it.take(uptime_s, later(NOON, uptime_s), uptime_s % 1000, 60)
        and it.due(uptime_s) is not None
    ]
    assert writes[:3] == [0, 2, 4]
    assert 140 < len(writes) <= 20 + 144
    it.level(90000)
    assert it.due(90000) is not None  # the last one gets there
    assert it.due(100000) is None


def test_schedules_too_are_ordered_by_when_they_were_given():
    steps = [["clock", 60, 500]]
    brighter = [["clock", 60, 900]]
    latest = Latest()
    assert latest.judge(NOON, NOW_S - 10, steps) is None
    assert latest.judge(NOON, NOW_S - 10, steps) == "same"
    assert latest.judge(NOON, NOW_S - 10, brighter) is None
    assert latest.judge(NOON, NOW_S - 10, steps) == "superseded"
    assert latest.judge(NOON, NOW_S - 11, brighter) == "superseded"
    assert latest.judge(NOON, NOW_S + 400, steps) == "not_yet"
    assert latest.judge(NOON, None, steps) is None
    assert latest.issued_s == NOW_S
