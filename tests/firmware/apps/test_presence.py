import random

from kerb.apps import presence
from kerb.apps.presence import Presence
from kerb.system.schema import validate


def cfg(**given):
    clean, errors = validate(presence.SCHEMA, {"presence": given}, presence.check)
    assert not errors, errors
    return clean["presence"]


def lamp(position=None, **given):
    if position is not None:
        given["position"] = position
        given.setdefault("street", "Hafenstr")
    return Presence(cfg(**given))


def levels(it, active, base=300, start_s=0):
    """The level at each second, with what the sensor says at each."""
    out = []
    for at, now in enumerate(active):
        it.look(start_s + at, now)
        out.append(it.level(start_s + at, base))
    return out


def test_the_light_rises_at_once_and_falls_after_the_hold_time():
    out = levels(lamp(hold_s=30), [False] * 5 + [True] * 3 + [False] * 60)
    assert out == [300] * 5 + [1000] * (3 + 29) + [300] * 31


def test_the_hold_time_begins_again_each_time():
    out = levels(lamp(hold_s=30), ([True] + [False] * 25) * 4)
    assert out == [1000] * 104


def test_presence_never_lowers():
    it = lamp(level_permille=600)
    assert levels(it, [True] * 3, base=800) == [800] * 3
    assert levels(it, [True] * 3, base=500) == [600] * 3


def test_without_the_key_in_the_config_nothing_is_raised_and_nothing_said():
    clean, errors = validate(presence.SCHEMA, {}, presence.check)
    assert not errors
    it = Presence(clean["presence"])
    it.seen(0)
    assert levels(it, [True] * 5) == [300] * 5
    assert it.message(5) is None and not it.heard(5, b"\0\1x") and not it.stuck


def test_a_lamp_without_a_sensor_rises_by_its_neighbours_word_alone():
    it = lamp(7, hold_s=20)
    assert it.heard(0, lamp(6)._place(6))
    assert levels(it, [None] * 30, start_s=1) == [1000] * 19 + [300] * 11
    assert it.message(40) is None


def test_keys_that_cannot_be_are_named():
    for given, name in (
        ({"level_permille": 0}, "presence.level_permille"),
        ({"hold_s": 5}, "presence.hold_s"),
        ({"reach": 11}, "presence.reach"),
        ({"position": -1, "street": "a"}, "presence.position"),
        ({"street": "a" * 25, "position": 1}, "presence.street"),
        ({"position": 3}, "found one of street and position"),
        ({"street": "a"}, "found one of street and position"),
    ):
        clean, errors = validate(presence.SCHEMA, {"presence": given}, presence.check)
        assert clean is None and len(errors) == 1 and name in errors[0], errors


def test_a_sensor_that_never_lets_go_is_a_fault_and_not_believed():
    it = lamp(3, hold_s=30, stuck_s=600)
    out = levels(it, [True] * 600)
    assert out == [1000] * 600 and not it.stuck and it.message(600)
    out = levels(it, [True] * 100, start_s=600)
    assert it.stuck and it.message(700) is None
    assert out == [1000] * 29 + [300] * 71  # the last that counted was at 599
    # The neighbours' word counts all the same.
    assert it.heard(700, it._place(4)) and it.level(700, 300) == 1000


def test_a_sensor_is_believed_again_after_a_hold_time_without_anybody():
    it = lamp(hold_s=30, stuck_s=600)
    levels(it, [True] * 700)
    levels(it, [False] * 20 + [True] * 2, start_s=700)
    assert it.stuck
    levels(it, [False] * 31, start_s=722)
    assert not it.stuck
    assert levels(it, [True], start_s=760) == [1000]


def test_somebody_is_told_of_at_once_and_every_4_s_while_there():
    it = lamp(5)
    told = []
    for at in range(60):
        it.look(at, 10 <= at < 30)
        if it.message(at) is not None:
            told.append(at)
    assert told == [10, 14, 18, 22, 26]


def test_a_sensor_that_chatters_tells_every_2_s_at_most():
    it = lamp(5)
    told = []
    for at in range(60):
        it.look(at, at % 2 == 0)
        if it.message(at) is not None:
            told.append(at)
    assert told == list(range(0, 60, 2))
    it = lamp(5)
    told = []
    for at in range(60):  # looked at more often than once a second
        it.look(at, False)
        it.look(at, True)
        if it.message(at) is not None:
            told.append(at)
    assert told == list(range(0, 60, 2))


def test_a_lamp_without_a_place_tells_nobody_and_hears_nobody():
    it = lamp()
    it.look(0, True)
    assert it.message(0) is None
    assert not it.heard(0, lamp(6)._place(6))


def test_lamps_within_reach_on_the_same_street_rise():
    told = lamp(100)._place(100)
    for position in range(90, 111):
        it = lamp(position, reach=3)
        concerned = abs(position - 100) <= 3
        assert it.heard(0, told) == concerned
        assert (it.level(1, 0) == 1000) == concerned
    assert not lamp(100, street="Hafenst").heard(0, told)
    assert not lamp(100, street="Hafenstr2").heard(0, told)
    assert lamp(65535, reach=1).heard(0, lamp(65534)._place(65534))


def test_messages_of_any_bytes_are_taken():
    random.seed(4)
    it = lamp(2)
    for _ in range(2000):
        data = bytes([random.getrandbits(8) for _ in range(random.randint(0, 32))])
        assert not it.heard(0, data)
    assert it.level(1, 300) == 300


def _raises(out):
    return [at for at in range(1, len(out)) if out[at] > out[at - 1]]


def test_the_lamp_rises_no_more_often_than_allowed_in_any_hour_and_for_everybody():
    random.seed(5)
    for allowed in (2, 7, 13, 60):
        it = lamp(hold_s=10, max_raises_h=allowed)
        active = [False]
        while len(active) < 3 * 3600:
            active += [True] + [False] * random.randint(10, 40)
        out = levels(it, active)
        assert all(level == 1000 for level, now in zip(out, active) if now)
        ups = _raises(out)
        for at in ups:
            assert len([u for u in ups if at <= u < at + 3600]) <= allowed
        assert len(ups) > allowed  # it does fall in between


def test_a_lamp_held_up_by_the_limit_falls_when_the_street_is_quiet():
    it = lamp(hold_s=10, max_raises_h=2)
    out = levels(it, ([True] + [False] * 20) * 10 + [False] * 7200)
    assert out[-1] == 300
    assert len(_raises(out)) <= 3


def test_days_between_two_looks_change_nothing():
    it = lamp(hold_s=60, max_raises_h=2)
    assert levels(it, [True], start_s=0) == [1000]
    assert levels(it, [False], start_s=86400) == [300]
    assert levels(it, [True], start_s=1000000) == [1000]
