"""The picture of bench_crosswalk: tracks and decisions of single encounters, and leads."""

import math
from pathlib import Path

from support.crossings import watch

from host_tools.street.crossing_sim import CrossingSim

_SHOWN = ("cross", "wait", "group", "pass", "bus", "turn back", "cyclist", "arrive")
_COLOURS = {
    "approaching": "#c01c28",
    "waiting": "#e66100",
    "crossing": "#a51d2d",
    "passing": "#1a5fb4",
    "unknown": "#9a9996",
    "vehicle": "#813d9c",
}
_VIEW_M = 6.0


def draw(path, seed, leads, stops_s):
    """Write a PNG to `path`: one encounter of each of _SHOWN, with a seed of its own from `seed`
    on, and how many of `leads` {name: [seconds]} were how long, with stops_s {km/h: seconds}.
    """
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(3, 3, figsize=(15, 14))
    for at, kind in enumerate(_SHOWN):
        _encounter(axes.flat[at], seed + at, kind)
    _leads(axes.flat[len(_SHOWN)], leads, stops_s)
    figure.suptitle(
        "What the radar tells (grey), what the firmware makes of it (colours) and where it says "
        "flash (star). Green: the true path.",
        fontsize=11,
    )
    figure.tight_layout()
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=80)
    plt.close(figure)


def _encounter(axis, seed, kind):
    result = watch(seed, kind, keep=True, bystander=False, weather="dry")
    sim = CrossingSim(seed, kind, bystander=False, weather="dry")
    site = sim.site
    half = site.width_m / 2
    axis.axhspan(-2, 0, color="#deddda")
    axis.fill_between([-half, half], -2, 0, color="#f6f5f4", hatch="||", edgecolor="#c0bfbc")
    axis.fill_between([-half, half], 0, 2, color="#fdf4d3")
    edge = [(site.x_m, site.y_m)]
    for degrees in range(-60, 61, 5):
        turned = math.radians(degrees)
        edge.append(site.to_street(_VIEW_M * math.sin(turned), _VIEW_M * math.cos(turned)))
    edge.append(edge[0])
    axis.plot(*zip(*edge, strict=True), color="#c0bfbc", linewidth=0.8)
    axis.plot(site.x_m, site.y_m, "k^", markersize=7)
    for body in sim.people:
        axis.plot(body.walk.x, body.walk.y, color="#2ec27e", linewidth=2, alpha=0.6)
    if result.told:
        axis.plot(
            [x for _, x, _ in result.told],
            [y for _, _, y in result.told],
            ".",
            color="#9a9996",
            markersize=3,
        )
    for thought, colour in _COLOURS.items():
        places = [(x / 1000, y / 1000) for _, _, x, y, is_ in result.steps if is_ == thought]
        if places:
            axis.plot(*zip(*places, strict=True), ".", color=colour, markersize=5, label=thought)
    for began_ms, _ in result.flashes["kerb"]:
        wants = ("approaching", "waiting", "crossing")
        near = [it for it in result.steps if it[0] <= began_ms and it[4] in wants]
        if near:
            axis.plot(near[-1][2] / 1000, near[-1][3] / 1000, "*", color="#c01c28", markersize=18)
    lead = ""
    found = result.found_ms("kerb")
    if result.crosses:
        lead = ": not detected"
        if found is not None:
            lead = ": {:.1f} s before the kerb line".format((result.kerb_ms - found) / 1000)
    axis.set_title("{}, seed {}{}".format(kind, seed, lead), fontsize=10)
    axis.set_xlim(-7, 7)
    axis.set_ylim(-2, 8)
    axis.set_aspect("equal")
    axis.legend(fontsize=7, loc="upper right")


def _leads(axis, leads, stops_s):
    top = 12.0
    for name, values in leads.items():
        axis.hist(
            [min(it, top) for it in values],
            bins=[i / 2 for i in range(2 * int(top) + 1)],
            histtype="step",
            linewidth=1.8,
            label=name,
        )
    for kmh, needed_s in stops_s.items():
        axis.axvline(needed_s, color="#c01c28", linewidth=0.8)
        axis.text(needed_s, axis.get_ylim()[1] * (0.99 - kmh / 1000), str(kmh), fontsize=8)
    axis.set_title("lead before the kerb line, s; red: for a stop from so many km/h", fontsize=10)
    axis.legend(fontsize=8, loc="center right")
