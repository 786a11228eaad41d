"""A simulated bay's physics: air, echoes, parts and the ground under it."""

import itertools
import math

import pytest

from host_tools.street import bay_air, bay_bodies, bay_echo, bay_parts
from host_tools.street.bay import CONDITIONS, MOUNTS, BaySim
from host_tools.street.bay_site import Site

# ISO 9613-2, table 2, in dB/km: (degrees, % humidity) -> 1, 2, 4 and 8 kHz.
_ISO = {
    (10, 70): (3.7, 9.7, 32.8, 117),
    (20, 70): (5.0, 9.0, 22.9, 76.6),
    (15, 20): (8.2, 28.2, 88.8, 202),
    (15, 50): (4.2, 10.8, 36.2, 129),
    (15, 80): (4.1, 8.3, 23.7, 82.8),
}


def test_air_absorbs_what_the_standards_table_says():
    for (celsius, humidity), levels in _ISO.items():
        for hz, db_km in zip((1000, 2000, 4000, 8000), levels, strict=True):
            found = 1000 * bay_air.absorption_db_m(celsius, humidity, hz)
            assert found == pytest.approx(db_km, rel=0.03), (celsius, humidity, hz)


def test_a_fixed_speed_of_sound_is_wrong_by_what_the_temperature_does():
    for celsius, wrong_mm in ((-20, 189), (40, -83)):
        us = bay_air.echo_us(2.5, celsius, celsius)
        assert us * 343 / 2000 - 2500 == pytest.approx(wrong_mm, abs=1)


def test_the_whole_path_counts_and_not_the_air_at_the_part():
    even = bay_air.echo_us(2.5, 20, 20)
    assert bay_air.echo_us(2.5, 20, 40) == bay_air.echo_us(2.5, 30, 30) < even


def test_a_level_panel_is_heard_from_above_and_a_slanted_one_is_not():
    level = ((-0.5, 1.0), (0.5, 1.0))
    slanted = ((-0.5, 0.7), (0.5, 1.3))
    ((away, level_db, direction),) = bay_echo.panel_echoes(level, 50, 50, 0.05, (0, 2.5))
    assert away == pytest.approx(1.5)
    assert level_db > -1
    assert direction == pytest.approx(-math.pi / 2)
    assert bay_echo.panel_echoes(slanted, 50, 50, 0.05, (0, 2.5)) == []


def test_a_corner_sends_back_less_than_a_panel_but_to_all_sides():
    corner = ((0, 0), (0, 1.0), (1.0, 1.0))
    for degrees in range(5, 90, 10):
        eye = (-math.cos(math.radians(degrees)), 1 + math.sin(math.radians(degrees)))
        ((away, level_db, _),) = bay_echo.panel_echoes(corner, 500, 4, 0.08, eye)
        assert away == pytest.approx(1)
        assert -14 < level_db < -11


def test_the_weaker_curved_the_louder():
    levels = [bay_echo.curved_db(radius, 1.5) for radius in (0.1, 1, 10, 1000)]
    assert levels == sorted(levels)
    assert levels[-1] == pytest.approx(0, abs=0.01)


def test_rough_ground_mirrors_less_and_scatters_more():
    mirrors = [bay_echo.floor_mirror_db(rough) for rough in (0.0001, 0.0005, 0.001)]
    scatters = [bay_echo.floor_scatter_db(2, 0.9, r, 22) for r in (0.0001, 0.0005, 0.001)]
    assert mirrors == sorted(mirrors, reverse=True)
    assert scatters == sorted(scatters)
    oblique = [bay_echo.floor_scatter_db(2, slant, 0.001, 22) for slant in (0.2, 0.6, 1.0, 1.4)]
    assert oblique == sorted(oblique, reverse=True)


def test_a_part_hears_a_wall_at_the_end_of_its_reach_and_none_behind():
    for part in bay_parts.PARTS.values():
        loss = bay_air.absorption_db_m(20, 50)
        assert bay_parts.margin_db(part, part.reach_m, loss) == pytest.approx(3, abs=0.3)
        assert bay_parts.margin_db(part, 1.4 * part.reach_m, loss) < 0
        assert bay_parts.off_axis_db(part, math.radians(part.beam_deg)) == pytest.approx(6)


def test_serial_parts_send_the_frames_of_their_data_sheets():
    parts = bay_parts.PARTS
    assert bay_parts.frame(parts["a02yyuw"], 1953) == bytes.fromhex("FF07A1A7")
    assert bay_parts.frame(parts["mb7389"], 1953) == b"R1953\r"
    assert bay_parts.frame(parts["mb7389"], None) == b"R5000\r"
    assert bay_parts.frame(parts["a02yyuw"], None) == bytes.fromhex("FF0000FF")


def test_bodies_are_closed_shapes_of_a_cars_size():
    assert sum(body.share for body in bay_bodies.BODIES) == pytest.approx(1)
    for body in bay_bodies.BODIES:
        for backwards in (False, True):
            points = bay_bodies.profile(body, backwards)
            assert all(a[0] <= b[0] for a, b in itertools.pairwise(points))
            assert 3.9 < points[-1][0] < 5.4
            assert points[0][0] == 0
        assert 1.2 < max(z for _, z in points) < 2.0


def test_a_roof_under_the_ceiling_is_heard_at_its_height():
    site = Site(3)
    site.along_m = site.across_m = 0
    site.axis = -math.pi / 2
    for body in bay_bodies.BODIES[:4]:
        found, shown = site.car_echoes(body, False, 0, 0)
        away = min(away for away, level in found if level > -12)
        roof_m = max(z for _, z in body.side)
        assert away == pytest.approx(site.height_m - roof_m, abs=0.08), body.name
        assert shown == 0


def test_no_site_is_used_that_cannot_hear_its_own_ground():
    for mount, seed in itertools.product(MOUNTS, range(40)):
        site = Site(seed, mount)
        away, level = site.ground_echoes()[-1]
        assert bay_parts.margin_db(site.part, away, 1.32) + level >= 4
        assert Site(seed, mount).floor_m == site.floor_m == away


def test_water_quietens_oblique_ground_and_snow_all_ground():
    for mount, seed in itertools.product(MOUNTS, range(10)):
        site = Site(seed, mount)
        dry = site.ground_echoes()[-1][1]
        assert site.ground_echoes(snow=True)[-1][1] == pytest.approx(dry - 12)
        if mount != "ceiling":
            assert site.ground_echoes(wet=1)[-1][1] < dry - 2


def test_an_empty_bay_is_measured_right_in_any_weather_without_a_gradient():
    for celsius in (-20, 0, 20, 40, 60):
        sim = BaySim(5, "ceiling", "fair", days=1, occupied=False)
        sim.weather.air_c = sim.weather.ground_c = sim.weather.thermometer_c = lambda _: celsius
        found, fault = sim.reading(1, 30)
        heard = sorted(mm for mm in found if mm is not None)
        assert fault is None
        assert heard[len(heard) // 2] == pytest.approx(1000 * sim.site.floor_m, rel=0.01)


def test_the_same_seed_gives_the_same_bay():
    for mount, condition in itertools.product(MOUNTS, ("fair", "rain", "crosstalk", "stuck")):
        one, other = (BaySim(8, mount, condition, days=1) for _ in range(2))
        assert one.arrivals == other.arrivals
        for t in range(0, 86_400, 701):
            assert one.reading(t) == other.reading(t)
    assert BaySim(8).arrivals != BaySim(9).arrivals


def test_dropouts_take_the_share_that_the_condition_says():
    for condition in ("fair", "dropouts"):
        lost = asked = 0
        for seed in range(5):
            sim = BaySim(seed, "ceiling", condition, days=1, occupied=False)
            until_s = sim.traffic.next_s(0)
            for t in range(min(3000, int(until_s))):
                found = sim.burst(t, 5)
                asked += len(found)
                lost += found.count(None)
        assert lost / asked == pytest.approx(CONDITIONS[condition].dropouts, rel=0.25)


def test_a_neighbours_pings_come_at_a_steady_offset_through_a_burst():
    steady = 0
    for seed in range(6):
        sim = BaySim(seed, "ceiling", "crosstalk", days=1, occupied=False)
        floor_us = 2e3 * sim.floor_mm() / 343
        for t in range(0, 80_000, 20):
            near = [us for us in sim.burst(t, 5) if us is not None and us < floor_us * 0.8]
            if sim.truth(t) == "free" and sim.settled(t) and len(near) >= 4:
                steady += max(near) - min(near) < 4000
    assert steady > 20


def test_a_dead_part_answers_nothing_and_a_stuck_one_always_the_same():
    seen = set()
    for seed in range(12):
        sim = BaySim(seed, "ceiling", "dead" if seed % 2 else "stuck", days=1)
        for begin_s, end_s, kind in sim.weather.faults:
            seen.add(kind)
            times = [begin_s + share * (end_s - begin_s) for share in (0.2, 0.5, 0.8)]
            assert all(sim.fault(t) == kind for t in times)
            bursts = [sim.burst(t) for t in times]
            if kind == "dead":
                assert all(burst == [None] * 5 for burst in bursts)
                assert sim.reading(times[-1]) == ([], "no_answer")
            elif kind == "stuck":
                assert len({us for burst in bursts for us in burst}) == 1
            elif kind == "nan":
                assert {us for burst in bursts for us in burst} <= {0, 38_000}
            assert sim.fault(end_s + 1) is None
    assert seen == {"dead", "stuck", "garbage", "nan"}


def test_what_is_not_known_is_refused_with_what_is():
    for wrong in ({"mount": "roof"}, {"condition": "hail"}):
        with pytest.raises(ValueError, match="known are"):
            BaySim(1, **wrong)


def test_a_part_that_hears_the_ground_nowhere_at_a_mount_is_refused_and_not_sought_for_ever():
    for mount, part in itertools.product(MOUNTS, bay_parts.PARTS):
        for seed, aimed in itertools.product(range(4), (True, False)):
            try:
                site = Site(seed, mount, part, aimed)
            except ValueError as error:
                assert part in str(error) and mount in str(error)
                assert mount != "ceiling" and not part.startswith("jsn")
            else:
                assert site.spare_db >= 4
    with pytest.raises(ValueError, match="hc_sr04"):
        Site(1, "post", "hc_sr04")


def test_a_tape_is_right_to_its_error_and_wrong_where_the_condition_says_so():
    for mount, most_m in (("ceiling", 0.04), ("post", 0.16), ("kerb", 0.16)):
        errors_m, wrong_m = [], []
        for seed in range(60):
            sim = BaySim(seed, mount, days=1)
            errors_m.append(sim.floor_mm() / 1000 - sim.site.floor_m)
            sim = BaySim(seed, mount, "wrong tape", days=1)
            wrong_m.append(sim.floor_mm() / 1000 - sim.site.floor_m)
        assert max(map(abs, errors_m)) < most_m
        assert abs(sum(errors_m)) < 60 * most_m / 10
        assert all(0.09 < abs(it) < 0.41 for it in wrong_m)
        assert min(wrong_m) < 0 < max(wrong_m)
