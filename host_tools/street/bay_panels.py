"""What the four panels of the screen say of a street with parking bays."""

import time

from host_tools.parking import words
from host_tools.street.panels import device, title, uplink

__all__ = ["HINT", "PANELS", "title"]

HINT = (
    "[b]car in[/b] [b]car out 2[/b] [b]person[/b] [b]traffic on[/b] [b]snow[/b]"
    " [b]sensor dead[/b] [b]help[/b]  [dim]│[/dim] [b]^C[/b] end"
)
_SIGNS = {"free": "[green]□[/]", "occupied": "[red]■[/]", "unknown": "[yellow]?[/]"}
_ROWS = 4


def bays(session):
    """Each bay: what is said of it, what is there, and whether these agree."""
    cells = [_cell(session, bay) for bay in session.bays]
    if len(cells) <= _ROWS:
        return "\n".join(cells)
    # Two columns of 17 cells on the smallest screen.
    return "\n".join(
        " ".join(_short(session, bay) for bay in session.bays[at::_ROWS]) for at in range(_ROWS)
    )


def _cell(session, bay):
    state, reason = session.said(bay)
    why = " ({})".format(reason.replace("_", " ")) if state == "unknown" else ""
    text = "{} {} {:.0}{}".format(bay.number, _SIGNS[state], "", state + why)
    there = bay.what_is_there(session.elapsed_s) or "nothing"
    broken = "" if bay.broken == "ok" else " [b red]{}[/]".format(bay.broken)
    return "{} [dim]{}[/]{}".format(text, there, broken)


def _short(session, bay):
    state, _ = session.said(bay)
    there = bay.what_is_there(session.elapsed_s)
    broken = "[b red]![/]" if bay.broken != "ok" else " "
    return "{}{} {:8.8} {:4.4}".format(bay.number, broken + _SIGNS[state], state, there)


def lot(session):
    """What `kerb parking` would say, and the weather."""
    now = session.lot.snapshot(time.monotonic())
    place = session.bays[0]
    weather = place.weather
    snow = "" if not weather.snow_m else "  [b]snow {:.0f} cm[/]".format(100 * weather.snow_m)
    local = session.options.site.local(session.clock.now())
    stay = (
        "no stay has ended" if not now["stays"] else "mean stay " + words.span(now["mean_stay_s"])
    )
    return "\n".join(
        (
            "[b]{free} of {total} free[/], {unknown} unknown".format(**now),
            "{} arrived, {}".format(now["arrivals"], stay),
            "{:%H:%M:%S}  air {:.0f} °C{}".format(
                local, weather.air_c(place.at(session.elapsed_s)), snow
            ),
            "[dim]{}, {} at {:.2f} m[/]".format(
                place.part.name, place.site.mount, place.floor_mm() / 1000
            ),
        )
    )


PANELS = {"Bays": bays, "Lot": lot, "Device": device, "Uplink": uplink}
