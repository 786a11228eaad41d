"""The crossing on a screen, through Textual's pilot."""

import asyncio

import pytest
from textual.widgets import Static

from host_tools.crosswalk.plan import Plan
from host_tools.crosswalk.trace import parse
from host_tools.crosswalk.view import CrossingApp
from host_tools.crosswalk.watch import Watch


class _Source:
    """Frames by hand."""

    title = "/dev/ttyACM0"
    plan = Plan(4000)

    async def start(self):
        self.ended = asyncio.get_running_loop().create_future()

    async def stop(self):
        return None

    def stamp(self):
        return "12:00:00"

    def truth(self):
        return [(-1500, 2500)]


@pytest.mark.parametrize(("key", "size"), [("q", (80, 24)), ("ctrl+c", (140, 50))])
def test_the_map_follows_the_frames_and_a_key_ends_it(key, size):
    async def act():
        source = _Source()
        watch = Watch(source)
        await watch.start()
        app = CrossingApp(watch)
        async with app.run_test(size=size) as pilot:
            source.on_frame(parse('~[1000,0,null,[[1,0,2500,0,-1300,"unknown"]],0,null]'))
            source.on_frame(
                parse('~[1100,9000,"track",[[1,0,2370,0,-1300,"approaching"]],true,5]')
            )
            source.on_line("7 warn: [b]wifi[/b] \x1b[2J")
            await pilot.pause(0.3)
            assert app.query_one("#map", Static).size.height >= 10
            shown = app.query_one("#map", Static).render().plain
            assert "B↑" in shown
            assert shown.count("○") == 1
            side = app.query_one("#side", Static).render().plain
            assert "flashing 9 s more (track)" in side
            assert "button pressed" in side
            assert "1 activation, 1 track, 5 cars" in side
            assert "B↑ approaching 1.3 m/s 2.4 m 1.8 s" in side
            log = "\n".join(line.text for line in app.query_one("#log").lines)
            assert "approaching" in log
            assert "[b]wifi[/b] ?[2J" in log
            await pilot.press(key)
            await pilot.pause(0.2)
        assert watch.ending.is_set()
        assert app.interrupted == (key == "ctrl+c")

    asyncio.run(act())
