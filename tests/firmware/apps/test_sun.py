from kerb.apps import sun

BUSAN = (351800000, 1290800000)
TROMSO = (696500000, 189600000)
_2026 = 9497  # days from 2000-01-01 to 2026-01-01

# Seconds from 00:00 UTC of sunrise, sunset, dawn and dusk by an ephemeris in double precision:
# pyerfa 2.0.1 (epv00 with aberration, pnm06a, gst06a; UT1 taken as UTC), same zeniths.
VECTORS = (
    (BUSAN, 45, -6531, 32702, -8092, 34264),
    (BUSAN, 9575, -9118, 34498, -10636, 36019),
    (BUSAN, 9668, -13829, 38480, -15620, 40271),
    (BUSAN, 9852, -5490, 29738, -7187, 31435),
    (BUSAN, 20000, -9563, 32624, -11084, 34143),
    (BUSAN, 36500, -6090, 29474, -7772, 31156),
    ((507300000, 71000000), 60, 22523, 61993, 20548, 63973),
    ((507300000, 71000000), 9668, 11907, 71302, 9139, 74070),
    ((507300000, 71000000), 9852, 27088, 55731, 24723, 58095),
    ((507300000, 71000000), 25000, 11913, 71114, 9170, 73862),
    ((507300000, 71000000), 36300, 12889, 69764, 10385, 72282),
    ((0, -785000000), 9575, 40687, 84277, 39447, 85518),
    ((0, -785000000), 30000, 41055, 84657, 39790, 85921),
    ((-338700000, 1512100000), 9668, -10802, 24828, -12467, 26493),
    ((-338700000, 1512100000), 15000, -17423, 32685, -19082, 34340),
    (TROMSO, 9540, 26674, 52408, 22529, 56561),
    (TROMSO, 9575, 17035, 61289, 13427, 64926),
    ((-548000000, -683000000), 9668, 46731, 72676, 44015, 75393),
    ((-548000000, -683000000), 9852, 28316, 90704, 24865, 94153),
)


def _is_polar(found):
    return found in (sun.POLAR_DAY, sun.POLAR_NIGHT)


def test_rise_set_dawn_and_dusk_are_those_of_an_ephemeris_to_five_seconds():
    for place, day, *expected in VECTORS:
        found = sun.events(day, *place) + sun.events(day, *place, zenith_cdeg=sun.CIVIL)
        # In the order of the vectors: rise, set, dawn, dusk.
        for a, b in zip(expected, found):
            assert type(b) is int
            assert abs(a - b) <= 5, (place, day, expected, found)


def test_sun_that_never_sets_and_sun_that_never_rises_are_told_apart():
    assert sun.events(_2026 + 171, *TROMSO) == sun.POLAR_DAY
    assert sun.events(_2026 + 355, *TROMSO) == sun.POLAR_NIGHT
    assert sun.events(_2026 + 171, -900000000, 0) == sun.POLAR_NIGHT
    assert sun.events(_2026 + 171, 900000000, 0) == sun.POLAR_DAY


def test_white_nights_have_a_sunset_but_no_dusk():
    helsinki_day = _2026 + 171
    assert type(sun.events(helsinki_day, 650000000, 250000000)) is tuple
    found = sun.events(helsinki_day, 650000000, 250000000, zenith_cdeg=sun.CIVIL)
    assert found == sun.POLAR_DAY


def test_every_sunset_is_followed_by_a_sunrise_through_a_year_of_the_arctic():
    for latitude_e7 in (670000000, 696500000, 782000000, -700000000, 830000000):
        for zenith_cdeg in (sun.SUNSET, sun.CIVIL):
            sets = None
            for day in range(_2026, _2026 + 366):
                found = sun.events(day, latitude_e7, 189600000, zenith_cdeg)
                if found == sun.POLAR_NIGHT:
                    sets = None  # the last sunset before it has no sunrise
                    continue
                rise, set_ = (None, None) if found == sun.POLAR_DAY else found
                if sets is not None:
                    assert (rise is not None) == sets, (latitude_e7, zenith_cdeg, day, found)
                sets = set_ is not None


def test_polar_day_begins_with_a_sunrise_without_sunset_and_ends_the_other_way_round():
    singles = []
    for day in range(_2026, _2026 + 366):
        found = sun.events(day, *TROMSO)
        if not _is_polar(found) and None in found:
            singles.append((day, found.index(None)))
    (begin, no_set), (end, no_rise) = singles
    assert (no_set, no_rise) == (1, 0)
    assert all(sun.events(day, *TROMSO) == sun.POLAR_DAY for day in range(begin + 1, end))
    assert type(sun.events(begin - 1, *TROMSO)[1]) is int
    assert type(sun.events(end + 1, *TROMSO)[0]) is int


def test_dusk_is_later_than_sunset_and_dawn_earlier_than_sunrise():
    for day in range(_2026, _2026 + 365, 30):
        rise, set_ = sun.events(day, *BUSAN)
        dawn, dusk = sun.events(day, *BUSAN, zenith_cdeg=sun.CIVIL)
        assert 1200 < rise - dawn < 2100
        assert 1200 < dusk - set_ < 2100


def test_solar_day_turns_at_the_midnight_of_the_place():
    # Midnight in Busan is 15:24 UTC of the day before, in New York (74 W) 4:56 UTC.
    busan, new_york = sun.solar_offset_s(1290800000), sun.solar_offset_s(-740000000)
    assert sun.solar_day(100, 15 * 3600 + 23 * 60, busan) == 100
    assert sun.solar_day(100, 15 * 3600 + 24 * 60, busan) == 101
    assert sun.solar_day(100, 4 * 3600 + 55 * 60, new_york) == 99
    assert sun.solar_day(100, 4 * 3600 + 57 * 60, new_york) == 100


def test_neighbouring_days_differ_by_minutes_across_a_whole_century():
    previous = None
    for day in range(0, 36525, 1):
        if day % 100 > 1:
            continue
        rise, set_ = sun.events(day, 507300000, 71000000)
        assert rise < 43200 < set_
        if day % 100 == 1:
            assert abs(rise - previous[0]) < 180
            assert abs(set_ - previous[1]) < 180
        previous = (rise, set_)


def test_no_place_and_no_day_raises():
    for latitude_e7 in range(-900000000, 900000001, 50000000):
        for longitude_e7 in (-1800000000, 0, 1799999999):
            for day in range(0, 36525, 3331):
                for zenith_cdeg in (sun.SUNSET, sun.CIVIL):
                    found = sun.events(day, latitude_e7, longitude_e7, zenith_cdeg)
                    assert _is_polar(found) or len(found) == 2
