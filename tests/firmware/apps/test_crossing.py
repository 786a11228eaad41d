import math
import random

from kerb.apps import crossing
from kerb.apps.crossing import Crossing, length
from kerb.system.schema import validate


def cfg(width_mm=4000, waiting_depth_mm=2000, **radar_at):
    doc = {"width_mm": width_mm, "waiting_depth_mm": waiting_depth_mm, "radar_at": radar_at}
    clean, errors = validate(crossing.SCHEMA, doc)
    assert not errors, errors
    return clean


def errors_of(**given):
    clean = cfg(**given)
    return crossing.check(clean)


def near(found, wanted, most_mm=3):
    return abs(found[0] - wanted[0]) <= most_mm and abs(found[1] - wanted[1]) <= most_mm


def test_a_radar_that_looks_away_from_the_road_has_the_kerb_s_left_at_its_right():
    it = Crossing(cfg(x_mm=0, y_mm=0, heading_deg=0))
    assert near(it.to_street(0, 3000), (0, 3000))
    assert near(it.to_street(1000, 3000), (-1000, 3000))


def test_a_radar_that_looks_along_the_kerb_has_the_pavement_at_its_right():
    it = Crossing(cfg(x_mm=-2500, y_mm=500, heading_deg=90))
    assert near(it.to_street(0, 3000), (500, 500))
    assert near(it.to_street(1000, 3000), (500, 1500))
    assert near(it.to_street(-1000, 3000), (500, -500))


def test_a_radar_that_looks_at_the_road_has_the_crossing_s_right_at_its_right():
    it = Crossing(cfg(x_mm=0, y_mm=4000, heading_deg=180))
    assert near(it.to_street(1000, 3000), (1000, 1000))


def test_a_radar_upside_down_sees_left_and_right_swapped():
    upright = Crossing(cfg(heading_deg=35))
    hung = Crossing(cfg(heading_deg=35, upside_down=True))
    for x, y in ((700, 2000), (-1500, 4000), (0, 900)):
        assert hung.to_street(x, y) == upright.to_street(-x, y)


def test_the_pole_stands_beside_the_crossing_unless_told_else():
    it = Crossing(cfg(width_mm=3000))
    assert (it.radar_x_mm, it.radar_y_mm) == (-2000, 500)
    assert Crossing(cfg(x_mm=0)).radar_x_mm == 0


def test_there_and_back_and_distances_kept_at_any_heading():
    random.seed(5)
    for _ in range(500):
        it = Crossing(
            cfg(
                x_mm=random.randint(-5000, 5000),
                y_mm=random.randint(-2000, 6000),
                heading_deg=random.randint(-180, 180),
                upside_down=bool(random.randint(0, 1)),
            )
        )
        x, y = random.randint(-6000, 6000), random.randint(0, 6000)
        street_x, street_y = it.to_street(x, y)
        assert near(it.to_radar(street_x, street_y), (x, y), 8)
        away = math.sqrt((street_x - it.radar_x_mm) ** 2 + (street_y - it.radar_y_mm) ** 2)
        assert abs(away - math.sqrt(x * x + y * y)) < 8


def test_integers_only_and_small_ones_for_whatever_a_radar_can_send():
    it = Crossing(cfg(heading_deg=45))
    for x in (-32767, 0, 32767):
        for y in (-32767, 0, 32767):
            for found in it.to_street(x, y):
                assert isinstance(found, int) and abs(found) < 60000


def test_it_sees_what_is_within_six_metres_and_sixty_degrees():
    it = Crossing(cfg(x_mm=0, y_mm=0, heading_deg=0))
    assert it.sees(0, 5990) and not it.sees(0, 6010)
    assert it.sees(1700, 1000) and not it.sees(1760, 1000)
    assert not it.sees(0, -100) and not it.sees(0, 0)
    assert not it.sees(5900, 3000) and not it.sees(60000, 60000)


def test_the_default_pole_sees_most_of_the_waiting_area_of_usual_widths():
    for width_mm in range(1000, 6001, 500):
        assert not errors_of(width_mm=width_mm), width_mm


def test_a_radar_that_looks_elsewhere_is_named_with_how_much_it_sees():
    for given in ({"heading_deg": -70}, {"heading_deg": 180, "y_mm": -500}, {"x_mm": 9000}):
        found = errors_of(**given)
        assert len(found) == 1 and found[0].startswith("crosswalk.radar_at: found "), found
        assert found[0].endswith(" of the waiting area in its view, allowed: at least 50")


def test_without_a_radar_nothing_is_said_of_its_view():
    clean = cfg(heading_deg=-70)
    clean["radar"] = "none"
    assert crossing.check(clean) == []


def test_a_width_of_zero_is_no_crossing():
    for wrong in (0, -1, None, "wide", 1.5):
        clean, errors = validate(crossing.SCHEMA, {"width_mm": wrong})
        assert clean is None and errors[0].startswith("width_mm: "), errors
    assert validate(crossing.SCHEMA, {})[1][0].startswith("width_mm: missing")


def test_a_length_is_right_to_three_per_cent_and_never_nothing():
    assert length(0, 0) == 1
    for a in range(-6000, 6001, 375):
        for b in range(-6000, 6001, 375):
            exact = math.sqrt(a * a + b * b)
            assert abs(length(a, b) - exact) <= exact * 0.032 + 1, (a, b)
