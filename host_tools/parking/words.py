"""A lot in words and tables, for people."""

_UNITS = ((86400, "d"), (3600, "h"), (60, "min"))


def span(seconds):
    """Give a length of time short: "45 s", "12 min", "3 h 5 min"; "-" for None."""
    if seconds is None:
        return "-"
    if seconds < 60:
        return "{:.0f} s".format(seconds)
    for at, (size, unit) in enumerate(_UNITS):
        if seconds >= size:
            count, rest = divmod(seconds, size)
            text = "{:.0f} {}".format(count, unit)
            if at < 2 and count < 10:
                smaller, name = _UNITS[at + 1]
                if rest >= smaller:
                    text += " {:.0f} {}".format(rest // smaller, name)
            return text
    return ""


def totals(lot):
    """Give the lot's counts as one line."""
    if not lot["total"]:
        return "no bay heard of" + ("" if lot["connected"] else ": no broker")
    text = "{free} of {total} free, {occupied} occupied".format(**lot)
    if lot["unknown"]:
        text += ", {unknown} unknown".format(**lot)
    return text


def traffic(lot):
    """Give turnover and stays as one line."""
    bay_h = "{:g} bay-hours".format(lot["watched_bay_h"])
    text = "{} in {} watched".format(_counted(lot["arrivals"], "arrival"), bay_h)
    if lot["turnover_bay_day"] is not None:
        text += ", {} a bay and day".format(lot["turnover_bay_day"])
    if lot["stays"]:
        text += "; mean stay {} ({})".format(
            span(lot["mean_stay_s"]), _counted(lot["stays"], "stay")
        )
    return text


def _counted(count, noun):
    return "{} {}{}".format(count, noun, "" if count == 1 else "s")


HEADINGS = ("bay", "state", "for", "why", "sure", "distance", "heard", "cars", "battery")


def row(bay):
    """Give a bay of a snapshot as texts, one for each of HEADINGS."""
    sure, distance = bay["confidence_permille"], bay["distance_mm"]
    battery = bay["battery_mv"]
    return (
        "{device}/{bay}".format(**bay),
        bay["state"],
        span(bay["state_s"]),
        bay["reason"].replace("_", " "),
        "-" if sure is None else "{:.1f} %".format(sure / 10),
        "-" if distance is None else "{:.2f} m".format(distance / 1000),
        "never" if bay["heard_s"] is None else span(bay["heard_s"]) + " ago",
        str(bay["arrivals"]),
        "-" if battery is None else "{:.2f} V".format(battery / 1000),
    )


def table(lot):
    """Give the whole lot as lines of text."""
    lines = []
    if lot["bays"]:
        rows = [HEADINGS, *(row(bay) for bay in lot["bays"])]
        widths = [max(len(cells[at]) for cells in rows) for at in range(len(HEADINGS))]
        for cells in rows:
            padded = (cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
            lines.append("  ".join(padded).rstrip())
    return "\n".join([*lines, totals(lot), traffic(lot)])


def change(before, bay):
    """Give what became of a bay, from two snapshots of it (`before` None: a new one), or None."""
    now = (bay["state"], bay["reason"] if bay["state"] == "unknown" else None)
    if before is not None:
        was = (before["state"], before["reason"] if before["state"] == "unknown" else None)
        if was == now:
            return None
    text = "{device}/{bay} {state}".format(**bay)
    if bay["state"] == "unknown":
        text += " ({})".format(bay["reason"].replace("_", " "))
    elif bay["state_s"] is not None and bay["state_s"] >= 2:
        text += ", for {}".format(span(bay["state_s"]))
    if before is not None and before["state"] != "unknown" and before["state_s"] is not None:
        text += "; was {} for {}".format(before["state"], span(before["state_s"]))
    return text
