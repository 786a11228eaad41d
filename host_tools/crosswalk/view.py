"""A crossing on a terminal: the top view, who is followed and what is thought of them."""

from rich.markup import escape
from rich.text import Text
from textual import work
from textual.app import App
from textual.containers import Horizontal
from textual.widgets import RichLog, Static

from host_tools.crosswalk import top, words

_REFRESH_S = 0.1
_SILENT_S = 2.0


class CrossingApp(App):
    """Shows a Watch (watch.py); ends when its `ending` is set, which it also sets itself."""

    CSS = """
    #upper { height: 3fr; min-height: 12; }
    #map { width: 1fr; height: 100%; border: round $primary; }
    #side { width: 36; height: 100%; border: round $primary; padding: 0 1; }
    #log { height: 1fr; min-height: 4; padding: 0 1; overflow-x: hidden; }
    #hint { height: 1; padding: 0 1; color: $text-muted; }
    """
    BINDINGS = [("ctrl+c", "interrupt", "end"), ("ctrl+q", "leave", "end"), ("q", "leave", "end")]
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, watch):
        super().__init__()
        self._watch = watch
        self._map = None
        self.interrupted = False

    def compose(self):
        with Horizontal(id="upper"):
            for name in ("map", "side"):
                panel = Static(id=name)
                panel.border_title = "Kerb crosswalk" if name == "map" else "Beacon"
                yield panel
        yield RichLog(id="log", wrap=True, max_lines=1000)
        yield Static(self._watch.hint, id="hint")

    def on_mount(self):
        self.query_one("#log").can_focus = False
        self.query_one("#map").border_subtitle = escape(self._watch.source.title)
        for text in self._watch.lines:
            self._tell(text)
        self._watch.on_line = self._tell
        self.set_interval(_REFRESH_S, self._refresh)
        self._wait_for_end()

    def on_resize(self):
        self._map = None

    def _refresh(self):
        scene = self._watch.scene
        panels = list(self.query("#upper Static"))
        if scene is None or len(panels) < 2:  # the screen is on its way out
            return
        panel, beside = panels
        size = panel.content_size
        if self._map is None and size.width:
            self._map = top.Map(scene.plan, size.width, size.height)
        if self._map:
            tracks = scene.frame.tracks if scene.frame else ()
            cells = self._map.draw(tracks, scene.trails, scene.lit, self._watch.source.truth())
            panel.update(top.markup(cells))
        beside.update(side(scene, self._watch.silent_s()))

    def _tell(self, text):
        if self.is_running:
            self.query_one("#log", RichLog).write(Text(text))

    @work
    async def _wait_for_end(self):
        await self._watch.ending.wait()
        self.exit()

    async def action_interrupt(self):
        self.interrupted = True
        self._watch.ending.set()

    async def action_leave(self):
        self._watch.ending.set()


def side(scene, silent_s):
    """What stands beside the map: the beacon, who is there, and the counts."""
    frame = scene.frame
    left, right = ("[bold yellow]●[/]" if lit else "[grey50]◌[/]" for lit in scene.lit)
    lines = ["{}{} {}".format(left, right, escape(words.beacon(frame)))]
    if frame:
        if frame.button:
            lines.append("[b]button pressed[/]")
        lines += [
            "[{}]{}[/]".format(words.style(track.thought), escape(words.short(track)))
            for track in frame.tracks
        ] or ["[b red]the radar tells nothing[/]" if frame.blind else "[dim]nobody is followed[/]"]
    rate = scene.frames_a_second
    counts = [(scene.activations, "activation"), (scene.tracks, "track")]
    if frame and frame.cars is not None:
        counts.append((frame.cars, "car"))
    lines += [
        "",
        "[dim]{}[/]".format(", ".join(words.counted(*count) for count in counts)),
        "[dim]{} a second, {} damaged[/]".format(
            "no frames" if rate is None else "{:.1f} frames".format(rate), scene.damaged
        ),
    ]
    if silent_s > _SILENT_S:
        lines.append("[b red]no frame for {:.0f} s[/]".format(silent_s))
    return "\n".join(lines)
