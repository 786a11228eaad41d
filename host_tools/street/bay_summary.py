"""What a run of a street amounts to for its parking bays."""

import time

from host_tools.parking import words


def facts(session):
    """Give the part of the summary that is about bays."""
    now_s = session.elapsed_s
    bays = []
    lot = session.lot.snapshot(time.monotonic())
    told = {(bay["device"], bay["bay"]): bay for bay in lot["bays"]}
    for bay, verdict in zip(session.bays, session.verdicts, strict=True):
        unit, index = session.unit_of(bay)
        said = told[unit.name, index]
        bays.append(
            {
                "number": bay.number,
                "device": unit.name,
                "bay": index,
                "reported": said["state"],
                "reason": said["reason"],
                "distance_mm": said["distance_mm"],
                "truth": "occupied" if bay.is_taken(now_s) else "free",
                "sensor": bay.broken,
                "compared": verdict.compared,
                "longest_wrong_s": round(verdict.longest_s, 2),
                "agrees": verdict.compared and not verdict.broken,
            }
        )
    return {
        "bays": bays,
        "lot": {name: value for name, value in lot.items() if name != "bays"},
    }


def reasons(summary):
    """Give what is wrong with the bays of a run, in words."""
    if not summary["events"].get("bay_state"):
        return ["the device reported no bay_state"]
    wrong = []
    for bay in summary["bays"]:
        name = "bay {} ({}/{})".format(bay["number"], bay["device"], bay["bay"])
        if bay["longest_wrong_s"] and not bay["agrees"] and bay["compared"]:
            text = "{} was said to be what it was not for {} s"
            wrong.append(text.format(name, bay["longest_wrong_s"]))
        elif not bay["compared"] and bay["sensor"] == "ok":
            wrong.append("there was no moment to compare {} with what is reported".format(name))
    return wrong


def rows(summary):
    """Give (name, text) of each line about the bays, for people."""
    lot = summary["lot"]
    found = [("lot", "{}; {}".format(words.totals(lot), words.traffic(lot)))]
    for bay in summary["bays"]:
        text = "said {reported} ({reason}), is {truth}".format(**bay)
        if bay["sensor"] != "ok":
            text += ", sensor broken by command ({sensor})".format(**bay)
        if bay["longest_wrong_s"]:
            text += ", wrong for {longest_wrong_s} s at most".format(**bay)
        found.append(("bay {number}".format(**bay), text))
    return found
