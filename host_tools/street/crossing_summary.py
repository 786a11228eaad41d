"""What a run of a street amounts to for its crossing."""

from host_tools.street.crossing_pole import GRACE_S


def facts(session):
    """Give the part of the summary that is about the crossing."""
    poles = []
    for pole in session.poles:
        live = pole.live
        leads_s = sorted(live.leads_s)
        poles.append(
            {
                "pole": live.number,
                "device": pole.unit.name if pole.unit else None,
                "flashing": pole.flashing,
                "compared": pole.compared,
                "longest_wrong_s": round(pole.longest_wrong_s, 2),
                "agrees": pole.longest_wrong_s <= GRACE_S,
                "crossed": live.crossed,
                "warned": live.warned,
                "median_lead_s": round(leads_s[len(leads_s) // 2], 1) if leads_s else None,
                "radar": live.radar_fault or "ok",
                "lamp": pole.left.fault,
                "seen": pole.scene.summary(),
            }
        )
    report = session.reported.get("crosswalk_report", {})
    kept = {name: value for name, value in report.items() if name not in _ENVELOPE}
    return {
        "crossing": poles,
        "report": kept or None,
        "faults": [list(key) + [why] for key, why in session.faults.items()],
    }


_ENVELOPE = ("v", "kind", "seq", "time", "clock")


def reasons(summary):
    """Give what is wrong with the crossing of a run, in words."""
    if not summary["events"].get("crosswalk_report"):
        return ["the device reported no crosswalk_report"]
    wrong = []
    for pole in summary["crossing"]:
        if not pole["seen"]["frames"] and pole["radar"] == "ok":
            wrong.append("pole {pole} told of no frame of its radar".format(**pole))
        if not pole["agrees"]:
            text = "the beacon of pole {pole} was not as the device said for {longest_wrong_s} s"
            wrong.append(text.format(**pole))
    return wrong


def rows(summary):
    """Give (name, text) of each line about the crossing, for people."""
    found = []
    for pole in summary["crossing"]:
        seen = pole["seen"]
        text = "{} activations ({}), {} tracks in {} frames".format(
            seen["activations"],
            ", ".join("{} {}".format(n, why) for why, n in seen["reasons"].items()) or "none",
            seen["tracks"],
            seen["frames"],
        )
        found.append(("pole {pole}".format(**pole), text))
        if pole["crossed"]:
            text = "{crossed} crossed, {warned} warned".format(**pole)
            if pole["median_lead_s"] is not None:
                text += ", the middle one {median_lead_s} s before".format(**pole)
            found.append(("people", text))
    for device, part, why in summary["faults"]:
        found.append(("fault", "{}: {} {}".format(device, part, why).replace("_", " ")))
    return found
