"""The screen of a street with a crossing: its panels stand whole on the smallest one."""

import asyncio

import pytest
from rich.text import Text
from textual.widgets import Static

from host_tools.crosswalk.trace import Frame, Track
from host_tools.street import crossing_panels
from host_tools.street.crossing_session import CrossingSession
from host_tools.street.show import Ending
from host_tools.street.view import StreetApp


@pytest.fixture
def session(options):
    """A crossing with both poles, of which nothing runs."""
    options.poles = 2
    made = CrossingSession(options)
    made.observer = type("Observer", (), {"messages": 12345})()
    made.proxy = type("Proxy", (), {"is_open": False, "bytes_up": 0, "bytes_down": 0})()
    made.board = type("Board", (), {"running": True, "boots": 12, "last_cause": "watchdog"})()
    made.reported["status"] = {"heap_free_bytes": 100_000}
    return made


def _frame(count):
    tracks = [Track(n, 400 * n, 1000, -1234, -1234, "approaching") for n in range(count)]
    return Frame(
        1000, 29_000 if count else 0, "resumed" if count else None, tuple(tracks), True, 9
    )


@pytest.mark.parametrize("count", [0, 1, 6])
@pytest.mark.parametrize("faults", [0, 3])
def test_both_panels_stand_whole_on_a_small_screen(session, count, faults):
    pole = session.poles[0]
    pole.take(session.elapsed_s, _frame(count))
    pole.live.crossed, pole.live.warned, pole.live.leads_s = 123, 122, [12.3]
    parts = (("radar", "no_answer"), ("beacon", "unexpectedly_on"), ("car_radar", "no_answer"))
    for part, why in parts[:faults]:
        session.on_report("crossing-0001", "fault", {"part": part, "reason": why, "active": True})
    for draw in crossing_panels.PANELS.values():
        lines = Text.from_markup(draw(session)).plain.split("\n")
        assert len(lines) == 4
        assert all(len(line) <= 36 for line in lines), lines
    assert Text.from_markup(crossing_panels.HINT).cell_len <= 78


def test_a_radar_that_tells_nothing_is_said_so(session):
    assert "no frame" in crossing_panels.beacon(session)
    session.poles[0].take(session.elapsed_s, _frame(0))
    assert "no frame" not in crossing_panels.beacon(session)


def test_a_fault_that_is_over_or_from_before_a_reboot_is_not_shown(session):
    def fault(active):
        document = {"part": "radar", "reason": "garbled", "active": active}
        session.on_report("crossing-0001", "fault", document)

    fault(True)
    assert "radar garbled" in crossing_panels.beacon(session)
    fault(False)
    assert "radar garbled" not in crossing_panels.beacon(session)
    fault(True)
    session.on_report("crossing-0001", "boot", {})
    assert session.faults == {}


@pytest.mark.parametrize("size", [(80, 24), (150, 50)])
def test_the_screen_has_the_crossing_from_above(session, size, monkeypatch):
    monkeypatch.setattr(type(session), "elapsed_s", 10.0)  # what is older fades

    async def act():
        session.observer = type("Observer", (), {"messages": 0})()
        actions = type("Actions", (), {"quit": asyncio.Event()})()
        session.poles[0].take(session.elapsed_s, _frame(2))
        app = StreetApp(session, actions, Ending())
        async with app.run_test(size=size) as pilot:
            await pilot.pause(0.4)
            picture = app.query_one("#picture", Static)
            assert picture.size.height >= 12
            shown = picture.render().plain
            assert "═" in shown
            assert "B↖" in shown
            log = app.query_one("#log")
            assert log.size.height >= 6
            assert app.query_one("#line").region.bottom <= size[1]

    asyncio.run(act())


@pytest.mark.parametrize("size", [(60, 24), (80, 18)])
def test_a_screen_too_small_for_the_map_says_so_and_draws_none(session, size):
    async def act():
        session.observer = type("Observer", (), {"messages": 0})()
        actions = type("Actions", (), {"quit": asyncio.Event()})()
        app = StreetApp(session, actions, Ending())
        async with app.run_test(size=size) as pilot:
            await pilot.pause(0.4)
            shown = app.query_one("#picture", Static).render().plain
            assert shown == "too small for the map: {} x {}, make it 66 x 20".format(*size)

    asyncio.run(act())
