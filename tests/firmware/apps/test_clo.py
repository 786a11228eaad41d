from kerb.apps import clo
from kerb.apps.clo import Clo
from kerb.system.schema import validate


def points(*pairs):
    return [{"hours": hours, "permille": permille} for hours, permille in pairs]


CURVE = points((0, 800), (25000, 850), (50000, 920), (100000, 1000))


def test_without_a_curve_the_lamp_gets_the_level_itself():
    lamp = Clo([])
    for level in range(0, 1001, 7):
        for hours in (0, 1, 99999):
            assert lamp.permille(level, hours * 3600) == level


def test_the_curve_is_met_at_its_points_and_straight_between_them():
    lamp = Clo(CURVE)
    for hours, permille in (
        (0, 800),
        (12500, 825),
        (25000, 850),
        (37500, 885),
        (100000, 1000),
        (298000, 1000),
    ):
        assert lamp.permille(1000, hours * 3600) == permille, hours
        assert lamp.factor_permille == permille


def test_before_the_first_point_its_level_holds():
    lamp = Clo(points((500, 700), (1000, 900)))
    assert lamp.permille(1000, 0) == 700
    assert lamp.permille(1000, 499 * 3600) == 700
    assert Clo(points((500, 700))).permille(1000, 10**9) == 700


def test_an_ageing_lamp_is_never_driven_less_than_before_and_never_above_its_level():
    lamp = Clo(CURVE)
    before = 0
    for hours in range(0, 120000, 61):
        now = lamp.permille(1000, hours * 3600)
        assert before <= now <= 1000
        before = now


def test_light_stays_light_and_dark_stays_dark():
    lamp = Clo(points((0, 500)))
    assert lamp.permille(0, 0) == 0
    assert lamp.permille(1, 0) == 1
    assert lamp.permille(3, 0) == 2


def test_a_curve_that_runs_backwards_is_refused_by_name():
    clean, errors = validate(clo.SCHEMA, {"clo": points((0, 800), (100, 900), (100, 950))})
    assert not errors
    assert clo.check(clean) == ["light.clo[2].hours: found 100, allowed: above 100"]
    clean, errors = validate(clo.SCHEMA, {"clo": points((5, 800), (4, 900))})
    assert clo.check(clean) == ["light.clo[1].hours: found 4, allowed: above 5"]
    assert clo.check(validate(clo.SCHEMA, {})[0]) == []


def test_a_drive_that_would_leave_the_street_dark_is_refused():
    assert validate(clo.SCHEMA, {"clo": points((0, 300))})[0] is None
    assert validate(clo.SCHEMA, {"clo": points((0, 1100))})[0] is None
