"""The street on a terminal: lamp, sky, device, the way to the broker, and what happens."""

import asyncio

from rich.markup import escape
from textual import work
from textual.app import App
from textual.containers import Grid, Horizontal
from textual.widgets import Input, RichLog, Static

from host_tools.street import panels

_REFRESH_S = 0.25
_KEPT_LINES = 2000
# What a picture beside its panels, the log and the line need; in less it would be garbage.
_PICTURE_COLUMNS, _PICTURE_ROWS = 66, 20
_KIND_STYLES = {
    "event": "cyan",
    "result": "bold green",
    "error": "bold red",
    "board": "yellow",
    "device": "magenta",
    "network": "magenta",
    "world": "blue",
    "pole": "bold yellow",
    "console": "dim",
}


class StreetApp(App):
    """Shows a Session and hands what is typed to Actions; ends when `ending` does."""

    CSS = """
    Screen { background: $background; }
    #title { height: 1; background: $primary-darken-2; color: $text; padding: 0 1; }
    #panels { grid-size: 2; grid-rows: 6; height: 12; }
    #panels Static { border: round $primary; padding: 0 1; height: 6; }
    #upper { height: 60%; min-height: 14; }
    #picture { width: 1fr; height: 100%; border: round $primary; }
    #upper #panels { width: 40; grid-size: 1; height: 12; }
    #log { height: 1fr; padding: 0 1; scrollbar-size-vertical: 1; overflow-x: hidden; }
    #line { height: 1; border: none; padding: 0 1; background: $surface; }
    #line:focus { border: none; }
    #hint { height: 1; padding: 0 1; color: $text-muted; }
    """
    BINDINGS = [("ctrl+c", "interrupt", "end"), ("ctrl+q", "leave", "end")]
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, session, actions, ending):
        super().__init__()
        self._session = session
        self._actions = actions
        self._ending = ending

    def compose(self):
        yield Static(panels.title(self._session), id="title")
        if hasattr(self._session, "picture"):
            with Horizontal(id="upper"):
                yield Static(id="picture")
                yield from self._panels()
        else:
            yield from self._panels()
        yield RichLog(id="log", markup=True, wrap=True, max_lines=_KEPT_LINES)
        yield Input(id="line", placeholder="type a command, `help` lists them")
        yield Static(self._session.hint, id="hint")

    def _panels(self):
        with Grid(id="panels"):
            for name in self._session.panels:
                panel = Static(id=name.lower())
                panel.border_title = name
                yield panel

    def on_mount(self):
        self.query_one("#log").can_focus = False
        self.query_one("#line").focus()
        for note in self._session.notes:
            self._show(note)
        self._session.listen(self._show)
        self.set_interval(_REFRESH_S, self._refresh_panels)
        self._refresh_panels()
        self._wait_for_end()

    def _refresh_panels(self):
        for name, draw in self._session.panels.items():
            self.query_one("#" + name.lower(), Static).update(draw(self._session))
        for place in self.query("#picture"):
            size = place.content_size
            if self.size.width < _PICTURE_COLUMNS or self.size.height < _PICTURE_ROWS:
                place.update(
                    "too small for the map: {} x {}, make it {} x {}".format(
                        self.size.width, self.size.height, _PICTURE_COLUMNS, _PICTURE_ROWS
                    )
                )
            elif size.width:
                place.update(self._session.picture(self._session, size.width, size.height))

    def _show(self, note):
        if not self.is_running:
            return
        style = _KIND_STYLES.get(note.kind, "default")
        text = "[dim]{:%H:%M:%S}[/dim] [{}]{:8}[/] {}".format(
            note.at, style, note.kind, escape(note.text)
        )
        self.query_one("#log", RichLog).write(text)

    @work
    async def _wait_for_end(self):
        quitting = asyncio.create_task(self._actions.quit.wait())
        ended = asyncio.create_task(self._ending.wait())
        await asyncio.wait({quitting, ended}, return_when=asyncio.FIRST_COMPLETED)
        quitting.cancel()
        ended.cancel()
        self.exit()

    def on_input_submitted(self, submitted):
        submitted.input.clear()
        self._obey(submitted.value)

    @work
    async def _obey(self, line):
        await self._actions.run(line)

    def action_interrupt(self):
        self._ending.end("interrupt")

    def action_leave(self):
        self._ending.end("quit")
