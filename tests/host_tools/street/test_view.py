"""The screen: what a person types and sees, through Textual's pilot."""

import asyncio

import pytest
from rich.text import Text
from textual.widgets import Input, RichLog, Static

from host_tools.street import commands, luminaire, panels
from host_tools.street.session import Session
from host_tools.street.show import Ending
from host_tools.street.view import StreetApp


class _Screen:
    def __init__(self, it):
        self.ending = Ending()
        self.app = StreetApp(it.session, it.actions, self.ending)

    def log(self):
        return "\n".join(line.text for line in self.app.query_one("#log", RichLog).lines)

    def panel(self, name):
        return self.app.query_one("#" + name, Static).render().plain


async def _type(pilot, text):
    await pilot.press(*["space" if character == " " else character for character in text])
    await pilot.press("enter")


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
def test_a_level_that_is_typed_is_sent_and_its_result_is_shown(street, size):
    async def act():
        async with street() as it:
            screen = _Screen(it)
            async with screen.app.run_test(size=size) as pilot:
                await it.until(lambda: it.session.level_permille == 1000)
                await _type(pilot, "level 40")
                await it.until(lambda: "set_level: ok" in screen.log())
                assert it.session.level_permille == 400
                await it.until(lambda: "says 40.0 %, command  lamp obeys" in screen.panel("lamp"))
                assert "████" in screen.panel("lamp")
                assert "light_state: level 40 %" in screen.log()
                assert screen.app.query_one("#line", Input).value == ""

    asyncio.run(act())


def test_the_screen_tells_of_a_cut_and_of_lost_power(street):
    async def act():
        async with street() as it:
            screen = _Screen(it)
            async with screen.app.run_test() as pilot:
                await it.until(lambda: it.session.level_permille == 1000)
                await it.until(lambda: "network up" in screen.panel("uplink"))
                await _type(pilot, "net off")
                await it.until(lambda: "network cut" in screen.panel("uplink"))
                await _type(pilot, "power off")
                await it.until(lambda: "supply off" in screen.panel("lamp"))
                await it.until(lambda: "not running" in screen.panel("device"))
                await it.until(lambda: "unset" in screen.panel("device"))

    asyncio.run(act())


def test_what_was_mistyped_is_explained(street):
    async def act():
        async with street() as it:
            screen = _Screen(it)
            async with screen.app.run_test() as pilot:
                await _type(pilot, "level 400")
                await it.until(lambda: "0 to 100" in screen.log())

    asyncio.run(act())


def test_every_line_of_the_help_stands_whole_on_a_small_screen(street):
    async def act():
        async with street() as it:
            screen = _Screen(it)
            async with screen.app.run_test(size=(80, 24)) as pilot:
                await _type(pilot, "help")
                await it.until(lambda: "type one of these" in screen.log())
                shown = [line for line in screen.log().split("\n") if " help " in line]
                assert len(shown) == len(commands.HELP)
                for line, (words, meaning) in zip(shown, commands.HELP, strict=True):
                    assert words in line
                    assert line.rstrip().endswith(meaning)

    asyncio.run(act())


@pytest.mark.parametrize("reason", ["clock_lost", "virtual_midnight", "presence"])
def test_the_lamps_panel_stands_whole_on_a_small_screen_whatever_is_broken(options, reason):
    session = Session(options)
    session.reported["light_state"] = {"level_permille": 1000, "reason": reason}
    session.agreement.observe(1000, 1000, True)
    lamp = session.lamp
    lamp.drive(1000, 65535)
    session.pole.walk(session.elapsed_s)
    session.pole.meter.mode = "garbage"
    session.pole.heat_cdeg = 15000
    for lamp.fault in luminaire.FAULTS:
        lines = Text.from_markup(panels.lamp(session)).plain.split("\n")
        assert len(lines) == 4
        for line in lines:
            assert len(line) <= 36, line


@pytest.mark.parametrize(("key", "by"), [("ctrl+c", "interrupt"), ("ctrl+q", "quit")])
def test_keys_end_the_run(street, key, by):
    async def act():
        async with street() as it:
            screen = _Screen(it)
            async with screen.app.run_test() as pilot:
                await pilot.press(key)
                await it.until(lambda: not screen.app.is_running)
            assert screen.ending.by == by

    asyncio.run(act())


def test_quit_and_the_end_of_the_time_close_the_screen(street):
    async def act():
        for end in (lambda it, screen: it.actions.run("quit"), _time_is_up):
            async with street() as it:
                screen = _Screen(it)
                async with screen.app.run_test():
                    await end(it, screen)
                    await it.until(lambda screen=screen: not screen.app.is_running)

    asyncio.run(act())


async def _time_is_up(it, screen):
    screen.ending.end("time")


def test_markup_in_what_a_device_says_is_text(street):
    async def act():
        async with street() as it:
            screen = _Screen(it)
            async with screen.app.run_test():
                it.session.note("event", "boot [b]x[/b] [/]")
                await it.until(lambda: "[b]x[/b] [/]" in screen.log())

    asyncio.run(act())
