"""What a crosswalk prints for a laptop that shows what it sees."""

import asyncio
import json

import board
import world
from kerb import device
from kerb.apps import crosswalk_app
from support.radar_frames import report
from support.tasks import ended

RADAR, BUTTON = 1, 19


def write(section):
    doc = {
        "app": "crosswalk",
        "name": "crosswalk-0001-a",
        "site": {"lat_e7": 351800000, "lon_e7": 1290800000, "tz": "KST-9"},
        "crosswalk": section,
    }
    with open("config.json", "w") as f:
        f.write(json.dumps(doc))


async def printed(section, scene):
    """What a pole with this section prints while `scene()` goes on."""
    write(section)
    lines = []
    crosswalk_app.print = lines.append
    try:
        made = device.Device(board)
        assert made._app, made.errors
        task = asyncio.create_task(made.run())
        await asyncio.sleep_ms(50)
        await scene()
        await ended(task)
    finally:
        del crosswalk_app.print
    return lines


async def traced(section, scene):
    """The lists that it prints with its trace on."""
    crosswalk_app.TRACE = True
    try:
        lines = await printed(section, scene)
    finally:
        crosswalk_app.TRACE = False
    assert all(line[0] == "~" for line in lines)
    return [json.loads(line[1:]) for line in lines]


def section(**more):
    made = {"width_mm": 4000, "length_mm": 7000}
    made["radar_at"] = {"x_mm": 0, "y_mm": 0, "heading_deg": 0}
    made.update(more)
    return made


async def walk():
    for i in range(25):
        data = report((0, 4000 - 140 * i, -140 if i else 0))
        world.current().uart(RADAR).send(data, baud=256000)
        await asyncio.sleep_ms(100)


async def test_a_line_for_each_frame_says_who_is_where_and_what_is_thought_of_him():
    lines = await traced(section(), walk)
    assert len(lines) == 25
    for ms, left_ms, reason, tracks, button, cars in lines:
        assert (left_ms > 0) == (reason == "track")
        assert button is False and cars is None
        for number, x_mm, y_mm, vx_mm_s, vy_mm_s, thought in tracks:
            assert number and abs(x_mm) < 100 and vy_mm_s < 200, (vx_mm_s, y_mm)
            assert thought in ("unknown", "approaching", "crossing", "passing", "waiting")
    assert lines[-1][0] - lines[0][0] == 2400
    seen = [line[3][0] for line in lines if line[3]]
    assert len(seen) > 20
    assert abs(seen[15][2] - (4000 - 140 * 17)) < 300
    assert lines[-1][2] == "track"


async def check_blind(radar):
    async def push():
        await asyncio.sleep_ms(2000)
        world.current().drive(BUTTON, 0)
        await asyncio.sleep_ms(2000)

    lines = await traced(section(radar=radar), push)
    assert 6 <= len(lines) <= 8, lines
    assert all(line[3] is None for line in lines)
    assert (lines[0][2], lines[0][4]) == (False, False)
    assert (lines[-1][2], lines[-1][4]) == ("button", True)
    assert lines[-1][1] > 3000, lines


async def test_while_its_radar_is_dead_it_says_twice_a_second_that_it_sees_nobody():
    await check_blind("ld2450")


async def test_with_a_radar_for_presence_that_is_dead_it_does_so_too():
    await check_blind("ld2410")


async def test_without_a_radar_it_does_so_for_ever():
    await check_blind("none")


async def test_nothing_is_printed_unless_it_is_asked_for():
    assert await printed(section(), walk) == []
