"""What the screen of a street with a crossing shows: the top view, and two panels beside it."""

from rich.markup import escape

from host_tools.crosswalk import top, words
from host_tools.street import panels
from host_tools.street.panels import title

__all__ = ["HINT", "PANELS", "picture", "title"]

HINT = (
    "[b]walk[/b] [b]pass[/b] [b]bus[/b] [b]child[/b] [b]car[/b] [b]button[/b] [b]rain on[/b]"
    " [b]radar dead[/b] [b]lamp out[/b] [b]help[/b]  [dim]│[/dim] [b]^C[/b] end"
)
_WIDTH = 36
_MAPS = {}


def picture(session, columns, rows):
    """The first pole's crossing from above, as Rich Text; rings are who is really there."""
    pole = session.poles[0]
    plan = pole.scene.plan
    made = _MAPS.get((plan, columns, rows))
    if made is None:
        _MAPS.clear()
        made = _MAPS[plan, columns, rows] = top.Map(plan, columns, rows)
    now_s = session.elapsed_s
    seen = pole.tells(now_s) and pole.scene.frame
    return top.markup(
        made.draw(
            seen.tracks if seen else (),
            pole.scene.trails,
            pole.shown(now_s),
            pole.live.places_mm(),
        )
    )


def beacon(session):
    """The lamps (behind them the other pole) and why they flash, who matters most, who of those
    that stepped onto the road was warned, and how long before, in the median.
    """
    pole = session.poles[0]
    now_s = session.elapsed_s
    seen = pole.scene.frame if pole.tells(now_s) else None
    lamps = "".join("[bold yellow]●[/]" if lit else "[grey50]◌[/]" for lit in pole.shown(now_s))
    if seen is None:
        text = "flashing" if pole.flashing else "dark"
    else:
        text = words.beacon(seen)
    if len(session.poles) > 1:
        lamps += " [yellow]●[/]" if session.poles[1].flashing else " [dim]◌[/]"
    return "\n".join((lamps + " " + escape(text), _who(seen), _record(session), _parts(session)))


def _who(seen):
    if seen is None or seen.blind:
        return "[b red]no frame of the radar[/]"
    tracks = sorted(seen.tracks, key=lambda track: -words.weight(track.thought))
    if not tracks:
        return "[dim]nobody is followed[/]"
    one = tracks[0]
    text = words.short(one)
    more = "" if len(tracks) < 2 else " +{}".format(len(tracks) - 1)
    return "[{}]{}[/]{}".format(words.style(one.thought), escape(text[: _WIDTH - 3]), more)


def _record(session):
    crossed = sum(pole.live.crossed for pole in session.poles)
    warned = sum(pole.live.warned for pole in session.poles)
    leads = sorted(lead for pole in session.poles for lead in pole.live.leads_s)
    if not crossed:
        return "[dim]nobody has crossed yet[/]"
    text = "{} of {} warned".format(warned, crossed)
    return text if not leads else text + ", {:.1f} s ahead".format(leads[len(leads) // 2])


def _parts(session):
    live = session.poles[0].live
    people = words.counted(len(live.people), "body").replace("bodys", "bodies")
    broken = ["{} {}".format(part, why) for (_, part), why in session.faults.items()]
    if broken:
        return "[b red]{}[/]".format(escape(", ".join(broken).replace("_", " ")[:_WIDTH]))
    return "[dim]{}, {}, {}[/]".format(live.weather, people, words.counted(len(live.cars), "car"))


def device(session):
    """The board, its clock, and its way to the broker."""
    link = "[green]●[/] online" if session.online else "[red]●[/] offline"
    network = "[green]up[/]" if session.proxy.is_open else "[b red]cut[/]"
    local = session.options.site.local(session.clock.now())
    return "\n".join(
        (
            panels.runtime(session),
            "{}   network {}".format(link, network),
            "{:%H:%M:%S} {}, {} events".format(
                local, session.sky.words(), session.observer.messages
            ),
            panels.boots(session),
        )
    )


PANELS = {"Beacon": beacon, "Device": device}
