"""The plan that is drawn is the geometry that the firmware reckons with."""

import random

import pytest

from host_tools import config_files
from host_tools.crosswalk import plan

_SECTION = {"width_mm": 3600, "length_mm": 8000, "pattern": "rrfb"}


@pytest.mark.parametrize(
    "radar_at",
    [
        {},
        {"x_mm": 2300, "y_mm": 400, "heading_deg": -55},
        {"x_mm": -4000, "y_mm": 0, "heading_deg": 80, "upside_down": True},
    ],
)
def test_it_sees_what_the_firmwares_crossing_sees(radar_at):
    made = plan.of_section(_SECTION | {"radar_at": radar_at})
    _, _, schema = config_files.firmware()
    from kerb.apps.crossing import SCHEMA, Crossing

    document = {"width_mm": 3600, "radar_at": radar_at}
    crossing = Crossing(schema.validate(SCHEMA, document)[0])
    chance = random.Random(1)
    places = [(chance.randint(-8000, 8000), chance.randint(0, 8000)) for _ in range(3000)]
    differ = [it for it in places if made.sees(*it) != crossing.sees(*it)]
    # The firmware's sines have 12 bits.
    assert len(differ) < 10
    assert 300 < sum(made.sees(*it) for it in places) < 2700
    assert (made.length_mm, made.waiting_depth_mm) == (8000, 1500)


@pytest.mark.parametrize(
    "section", [{}, {"width_mm": 0}, {"width_mm": "3"}, _SECTION | {"length_mm": "8 m"}]
)
def test_a_section_that_a_device_would_refuse_is_no_plan(section):
    with pytest.raises(ValueError, match="_mm"):
        plan.of_section(section)
