"""The drawing of a crossing from above."""

import itertools

import pytest
from rich.text import Text

from host_tools.crosswalk import top, words
from host_tools.crosswalk.plan import Plan
from host_tools.crosswalk.trace import Track

_PLANS = [
    Plan(4000),
    Plan(3000, 1500, 5000, 1800, 300, -15),
    Plan(3600, radar_x_mm=-2400, radar_y_mm=400, heading_deg=55),
    Plan(3600, radar_x_mm=2400, radar_y_mm=400, heading_deg=-110),
    Plan(12000, 3000, 20000, -7000, 0, 30),
    Plan(2500, has_radar=False),
]
_SIZES = [(24, 8), (40, 14), (60, 24), (120, 40), (200, 20), (20, 60)]


def _track(number, x_mm, y_mm, vx_mm_s=0, vy_mm_s=0, thought="passing"):
    return Track(number, x_mm, y_mm, vx_mm_s, vy_mm_s, thought)


@pytest.mark.parametrize("plan", _PLANS)
@pytest.mark.parametrize("size", _SIZES)
def test_it_fills_its_cells_and_shows_all_that_the_radar_can_see(plan, size):
    made = top.Map(plan, *size)
    cells = made.draw()
    assert (len(cells), {len(row) for row in cells}) == (size[1], {size[0]})
    for x_mm, y_mm in itertools.product(range(-9000, 9001, 500), range(-1000, 7001, 500)):
        if plan.sees(x_mm, y_mm):
            assert made.cell(x_mm, y_mm), (x_mm, y_mm)
    kerbs = [row for row in cells if row[0][0] in "─═"]
    assert len(kerbs) == 1
    shown_mm = sum(character == "═" for character, _ in kerbs[0]) * made.mm_a_column
    assert abs(shown_mm - plan.width_mm) <= made.mm_a_column


@pytest.mark.parametrize("plan", _PLANS[:2])
def test_places_keep_their_order_and_the_kerb_is_between_road_and_pavement(plan):
    made = top.Map(plan, 60, 24)
    left, right = made.cell(-1000, 2000), made.cell(1000, 2000)
    assert left[0] < right[0]
    assert left[1] == right[1]
    road, kerb, pavement = made.cell(0, -10)[1], made.cell(0, 0)[1] - 1, made.cell(0, 10)[1]
    assert (road, pavement) == (kerb - 1, kerb + 1)
    assert made.cell(0, 100_000) is None


def test_somebody_is_a_letter_with_an_arrow_and_a_trail():
    made = top.Map(Plan(4000), 60, 24)
    trail = [(0, 3000), (0, 2500), (0, 2000)]
    cells = made.draw([_track(2, 0, 2000, 0, -1300, "approaching")], {2: trail})
    column, row = made.cell(0, 2000)
    assert cells[row][column][0] + cells[row][column + 1][0] == "C↑"
    column, row = made.cell(0, 3000)
    assert cells[row][column][0] == "·"
    assert "C↑" in "\n".join(top.plain(cells))


def test_who_is_approaching_is_never_hidden():
    made = top.Map(Plan(4000), 24, 8)
    crossing = _track(0, 0, 1000, 0, -1300, "approaching")
    others = [_track(n, 0, 1000, 500, 0, "passing") for n in (1, 2)]
    for tracks in ([crossing, *others], [*others, crossing]):
        assert "A↑" in "\n".join(top.plain(made.draw(tracks)))


@pytest.mark.parametrize(
    ("vx", "vy", "sign"),
    [
        (0, -1000, "↑"),
        (0, 1000, "↓"),
        (1000, 0, "→"),
        (-1000, 0, "←"),
        (700, -700, "↗"),
        (50, 50, "•"),
    ],
)
def test_an_arrow_points_where_the_eye_expects_it(vx, vy, sign):
    assert words.arrow(_track(0, 0, 0, vx, vy)) == sign


def test_the_lamps_beside_the_radar_light_up_one_by_one():
    made = top.Map(Plan(4000, radar_x_mm=2500), 60, 24)
    column, row = made.cell(2500, 0)
    signs = {
        lit: "".join(made.draw(lit=lit)[row][at][0] for at in (column - 1, column, column + 1))
        for lit in ((False, False), (True, False), (False, True))
    }
    assert list(signs.values()) == ["◌R◌", "●R◌", "◌R●"]


def test_off_the_map_is_nowhere_and_the_text_is_what_was_drawn():
    made = top.Map(Plan(4000), 60, 24)
    cells = made.draw([_track(0, 500_000, 500_000)], truth=[(0, 1000), (900_000, 0)])
    text = top.markup(cells)
    assert isinstance(text, Text)
    assert [line.rstrip() for line in text.plain.split("\n")] == top.plain(cells)
    assert text.plain.count("○") == 1
