"""A lot on a terminal: its totals, and a table of the bays that stays up to date."""

from rich.text import Text
from textual import work
from textual.app import App
from textual.widgets import DataTable, RichLog, Static

from host_tools.parking import words

_REFRESH_S = 0.5
_STYLES = {"free": "bold green", "occupied": "bold red", "unknown": "bold yellow"}


class LotApp(App):
    """Shows a Watch; ends when `ending` is set, which it also sets itself."""

    CSS = """
    #totals { height: 4; padding: 0 1; border: round $primary; }
    #bays { height: 1fr; }
    #log { height: 6; padding: 0 1; border-top: solid $primary; overflow-x: hidden; }
    #hint { height: 1; padding: 0 1; color: $text-muted; }
    """
    BINDINGS = [("ctrl+c", "interrupt", "end"), ("ctrl+q", "leave", "end"), ("q", "leave", "end")]
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, watch, ending):
        super().__init__()
        self._watch = watch
        self._ending = ending
        self._shown = {}
        self.interrupted = False

    def compose(self):
        totals = Static(id="totals")
        totals.border_title = "Kerb parking, {}".format(self._watch.broker.title)
        yield totals
        yield DataTable(id="bays", cursor_type="none", zebra_stripes=True)
        yield RichLog(id="log", wrap=True, max_lines=500)
        yield Static("q or ^C end", id="hint")

    def on_mount(self):
        self.query_one("#log").can_focus = False
        table = self.query_one("#bays", DataTable)
        for heading in words.HEADINGS:
            table.add_column(heading, key=heading)
        table.focus()
        self._watch.on_change = self._tell
        self.set_interval(_REFRESH_S, self._refresh)
        self._refresh()
        self._wait_for_end()

    def _refresh(self):
        lot = self._watch.snapshot()
        broker = "" if lot["connected"] else "  [b red]no broker[/]"
        totals = "[b]{}[/b]{}\n{}".format(words.totals(lot), broker, words.traffic(lot))
        self.query_one("#totals", Static).update(totals)
        rows = {"{device}/{bay}".format(**bay): words.row(bay) for bay in lot["bays"]}
        table = self.query_one("#bays", DataTable)
        if list(rows) != list(self._shown):
            table.clear()  # a bay is new, and has its place among the others
            for key, cells in rows.items():
                table.add_row(*map(_styled, cells), key=key)
        else:
            for key, cells in rows.items():
                before = self._shown[key]
                for heading, cell, old in zip(words.HEADINGS, cells, before, strict=True):
                    if cell != old:
                        table.update_cell(key, heading, _styled(cell), update_width=True)
        self._shown = rows

    def _tell(self, text):
        if self.is_running:
            self.query_one("#log", RichLog).write(Text(text))
            self._refresh()

    @work
    async def _wait_for_end(self):
        await self._ending.wait()
        self.exit()

    async def action_interrupt(self):
        self.interrupted = True
        self._ending.set()

    async def action_leave(self):
        self._ending.set()


def _styled(cell):
    return Text(cell, style=_STYLES.get(cell, ""))
