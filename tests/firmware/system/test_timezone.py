"""Local time by POSIX TZ rules: vectors from glibc's `TZ=... date`, and what is refused."""

from kerb.system import calendar
from kerb.system.timezone import Zone
from support.raised import raised


def pair(text):
    day, clock = text.split("T")
    hour, minute, second = [int(part) for part in clock.split(":")]
    year, month, of_month = [int(part) for part in day.split("-")]
    return calendar.days(year, month, of_month), hour * 3600 + minute * 60 + second


def check(posix_tz, vectors):
    zone = Zone(posix_tz)
    for utc, local, is_dst in vectors:
        day, second = pair(local)
        assert zone.to_local(*pair(utc)) == (day, second, is_dst), (posix_tz, utc)


def refused(posix_tz):
    return str(raised(ValueError, Zone, posix_tz))


def test_a_zone_without_summer_time_is_always_its_offset():
    check("KST-9", (("2026-07-01T15:00:00", "2026-07-02T00:00:00", False),))
    check("KST-0009", (("2026-07-01T15:00:00", "2026-07-02T00:00:00", False),))
    check("UTC0", (("2026-07-01T15:00:00", "2026-07-01T15:00:00", False),))
    check("<+0330>-3:30", (("2026-12-31T20:30:00", "2027-01-01T00:00:00", False),))
    check("<-0930>+09:30:15", (("2026-01-01T00:00:00", "2025-12-31T14:29:45", False),))


def test_european_clocks_change_at_one_utc_on_the_last_sundays_of_march_and_october():
    check(
        "CET-1CEST,M3.5.0,M10.5.0/3",
        (
            ("2024-03-31T00:59:59", "2024-03-31T01:59:59", False),
            ("2024-03-31T01:00:00", "2024-03-31T03:00:00", True),
            ("2026-03-29T00:59:59", "2026-03-29T01:59:59", False),
            ("2026-03-29T01:00:00", "2026-03-29T03:00:00", True),
            ("2026-10-25T00:59:59", "2026-10-25T02:59:59", True),
            ("2026-10-25T01:00:00", "2026-10-25T02:00:00", False),
        ),
    )


def test_southern_summer_time_spans_the_new_year():
    check(
        "AEST-10AEDT,M10.1.0,M4.1.0/3",
        (
            ("2025-12-31T13:00:00", "2026-01-01T00:00:00", True),
            ("2026-04-04T15:59:59", "2026-04-05T02:59:59", True),
            ("2026-04-04T16:00:00", "2026-04-05T02:00:00", False),
            ("2026-10-03T15:59:59", "2026-10-04T01:59:59", False),
            ("2026-10-03T16:00:00", "2026-10-04T03:00:00", True),
        ),
    )


def test_a_change_may_come_before_its_day_or_days_after_it():
    check(
        "<-02>2<-01>,M3.5.0/-1,M10.5.0/0",
        (
            ("2026-03-29T00:59:59", "2026-03-28T22:59:59", False),
            ("2026-03-29T01:00:00", "2026-03-29T00:00:00", True),
            ("2026-10-25T00:59:59", "2026-10-24T23:59:59", True),
            ("2026-10-25T01:00:00", "2026-10-24T23:00:00", False),
        ),
    )
    check(
        "EET-2EEST,M3.4.4/50,M10.4.4/50",
        (
            ("2026-03-27T23:59:59", "2026-03-28T01:59:59", False),
            ("2026-03-28T00:00:00", "2026-03-28T03:00:00", True),
        ),
    )


def test_julian_days_never_count_29_february_and_plain_days_do():
    check(
        "BBB3CCC,J59,J60",
        (
            ("2028-02-28T04:59:59", "2028-02-28T01:59:59", False),
            ("2028-02-28T05:00:00", "2028-02-28T03:00:00", True),
            ("2028-03-01T03:59:59", "2028-03-01T01:59:59", True),
            ("2028-03-01T04:00:00", "2028-03-01T01:00:00", False),
        ),
    )
    check(
        "KKK3LLL,59,60",
        (
            ("2028-02-29T04:59:59", "2028-02-29T01:59:59", False),
            ("2028-02-29T05:00:00", "2028-02-29T03:00:00", True),
            ("2028-03-01T03:59:59", "2028-03-01T01:59:59", True),
            ("2028-03-01T04:00:00", "2028-03-01T01:00:00", False),
        ),
    )


def test_summer_time_may_be_behind_standard_time():
    check(
        "IST-1GMT0,M10.5.0,M3.5.0/1",
        (
            ("2026-03-29T00:59:59", "2026-03-29T00:59:59", True),
            ("2026-03-29T01:00:00", "2026-03-29T02:00:00", False),
            ("2026-10-25T00:59:59", "2026-10-25T01:59:59", False),
            ("2026-10-25T01:00:00", "2026-10-25T01:00:00", True),
        ),
    )


def test_summer_time_can_last_all_year_and_a_change_can_fall_into_the_next_year():
    # RFC 8536 section 3.3.1: the end on 31 December at 23:00 of EDT is the start of 1 January.
    for year in (2026, 2027, 2028, 2029):
        for at in ("01-01T03:00:00", "01-01T05:00:00", "06-30T00:00:00", "12-31T23:59:59"):
            utc = "%d-%s" % (year, at)
            assert Zone("XXX3EDT4,0/0,J365/23").to_local(*pair(utc))[2] is True, utc
    check(
        "BBB3CCC,J365/50,J10",
        (
            ("2027-01-02T04:59:59", "2027-01-02T01:59:59", False),
            ("2027-01-02T05:00:00", "2027-01-02T03:00:00", True),
            ("2027-01-10T03:59:59", "2027-01-10T01:59:59", True),
            ("2027-01-10T04:00:00", "2027-01-10T01:00:00", False),
        ),
    )


def test_answers_do_not_depend_on_what_was_asked_before():
    zone = Zone("CET-1CEST,M3.5.0,M10.5.0/3")
    asked = [pair("%d-%02d-15T12:00:00" % (y, m)) for y in (2026, 2031) for m in range(1, 13)]
    forward = [zone.to_local(*when) for when in asked]
    backward = [zone.to_local(*when) for when in reversed(asked)]
    assert forward == list(reversed(backward))
    assert [answer[2] for answer in forward] == ([False] * 3 + [True] * 7 + [False] * 2) * 2


def test_a_local_time_that_comes_twice_is_the_first_of_the_two():
    zone = Zone("CET-1CEST,M3.5.0,M10.5.0/3")
    for local, utc in (
        ("2026-10-25T01:59:59", "2026-10-24T23:59:59"),
        ("2026-10-25T02:00:00", "2026-10-25T00:00:00"),
        ("2026-10-25T02:59:59", "2026-10-25T00:59:59"),
        ("2026-10-25T03:00:00", "2026-10-25T02:00:00"),
    ):
        assert zone.to_utc(*pair(local)) == pair(utc), local


def test_a_local_time_that_never_comes_is_read_with_the_offset_from_before_the_change():
    for posix_tz, local, utc in (
        ("CET-1CEST,M3.5.0,M10.5.0/3", "2026-03-29T01:59:59", "2026-03-29T00:59:59"),
        ("CET-1CEST,M3.5.0,M10.5.0/3", "2026-03-29T02:30:00", "2026-03-29T01:30:00"),
        ("CET-1CEST,M3.5.0,M10.5.0/3", "2026-03-29T03:00:00", "2026-03-29T01:00:00"),
        ("IST-1GMT0,M10.5.0,M3.5.0/1", "2026-03-29T00:59:59", "2026-03-29T00:59:59"),
        ("IST-1GMT0,M10.5.0,M3.5.0/1", "2026-03-29T01:30:00", "2026-03-29T01:30:00"),
        ("IST-1GMT0,M10.5.0,M3.5.0/1", "2026-03-29T02:00:00", "2026-03-29T01:00:00"),
    ):
        assert Zone(posix_tz).to_utc(*pair(local)) == pair(utc), (posix_tz, local)


def test_a_wrong_string_is_refused_with_what_was_found_and_what_is_allowed():
    for posix_tz, told in (
        ("", "found the end at character 1, allowed: a name of 3 letters or more, or one in <>"),
        ("KS-9", 'found "KS-9" at character 1, allowed: a name of 3 letters or more'),
        (":Asia/Seoul", 'found ":Asia/Seoul" at character 1'),
        ("<+09:9", 'found ":9" at character 5, allowed: ">"'),
        ("<+00", 'found the end at character 5, allowed: ">"'),
        ("<+>-9", 'found "+>-9" at character 2, allowed: a name'),
        ("KST", "found the end at character 4, allowed: 0 to 24"),
        ("KST-25", 'found "25" at character 5, allowed: 0 to 24'),
        ("KST-9:60", 'found "60" at character 7, allowed: 0 to 59'),
        ("KST-9:00:", "found the end at character 10, allowed: 0 to 59"),
        ("KST-9 ", 'found " " at character 6, allowed: a name'),
        ("KST-+9", 'found "+9" at character 5, allowed: 0 to 24'),
        ("KST-00009", 'found "00009" at character 5, allowed: 0 to 24'),
        ("CET-1CEST-25,J1,J2", 'found "25,J1,J2" at character 11, allowed: 0 to 24'),
        ("CET-1CEST", 'found the end at character 10, allowed: ","'),
        ("CET-1CEST,M3.5.0", 'found the end at character 17, allowed: ","'),
        ("CET-1CEST,M13.5.0,M10.5.0", 'found "13.5.0,M10.5" at character 12, allowed: 1 to 12'),
        ("CET-1CEST,M3.6.0,M10.5.0", 'found "6.0,M10.5.0" at character 14, allowed: 1 to 5'),
        ("CET-1CEST,M3.5.7,M10.5.0", 'found "7,M10.5.0" at character 16, allowed: 0 to 6'),
        ("CET-1CEST,M3.5,M10.5.0", 'found ",M10.5.0" at character 15, allowed: "."'),
        ("CET-1CEST,J0,J366", 'found "0,J366" at character 12, allowed: 1 to 365'),
        ("CET-1CEST,0,366", 'found "366" at character 13, allowed: 0 to 365'),
        ("CET-1CEST,X1,J2", 'found "X1,J2" at character 11, allowed: Jn, n or Mm.w.d'),
        ("CET-1CEST,J1/168,J2", 'found "168,J2" at character 14, allowed: 0 to 167'),
        ("CET-1CEST,J1,J2,J3", 'found ",J3" at character 16, allowed: the end'),
        ("CET-00000000000000000000001", "allowed: 0 to 24"),
        ("C\xc9T-1", 'found "C\xc9T-1" at character 1'),
        (None, "found NoneType, allowed: text"),
    ):
        assert refused(posix_tz).startswith("timezone: "), posix_tz
        assert told in refused(posix_tz), (posix_tz, refused(posix_tz))


def test_a_string_cut_anywhere_is_a_zone_or_a_value_error():
    text = "<+1245>-12:45:00<+1345>-13:45,M9.5.0/2:45,J365/-167:59:59"
    for cut in range(len(text)):
        try:
            Zone(text[:cut]).to_local(9497, 0)
        except ValueError:
            pass
