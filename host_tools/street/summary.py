"""What a run of the street amounts to: the facts, whether they are good, and how to print them."""

import collections

from host_tools import exits
from host_tools.street import bay_summary, crossing_summary


def collect(session, actions, ended_by):
    """Give the facts of a run as a JSON document. `ended_by`: "time", "quit" or "interrupt"."""
    boards = [unit.board for unit in session.units if unit.board]
    resets = sum((board.resets for board in boards), collections.Counter())
    status = session.reported.get("status", {})
    cut = _cut(session, boards)
    summary = {
        "ended_by": ended_by,
        "duration_s": round(session.elapsed_s, 1),
        "runtime": session.options.runtime.title,
        "broker": session.broker.title if session.broker else None,
        "came_up_after_s": _rounded(session.came_up_after_s),
        # The broker notices only after a while that it hears nothing any more.
        "online_at_end": session.online and cut is None,
        "cut_at_end": cut,
        "events": dict(sorted(session.events.items())),
        "messages": session.observer.messages if session.observer else 0,
        "reconnects": max(0, session.onlines - 1),
        "boots": sum(board.boots for board in boards),
        "resets": dict(resets),
        "crashes": sum(board.crashes for board in boards),
        "commands": {"done": actions.done, "failed": actions.failed},
        **_facts(session),
        "longest_watchdog_gap_s": _rounded(
            max((board.watchdog.longest_gap_s for board in boards), default=None)
        ),
        "heap_free_bytes": session.heap_free_bytes,
        "bad_link_lines": sum(unit.link.bad_lines for unit in session.units),
        "dropped_events": status.get("dropped"),
    }
    summary["reasons"] = reasons(summary)
    summary["ok"] = not summary["reasons"]
    return summary


def _cut(session, boards):
    """Give what the device was left without at the end, by command, or None."""
    if any(not board.powered for board in boards):
        return "power"
    return None if session.proxy is None or session.proxy.is_open else "network"


def _facts(session):
    """Give what only a street with a lamp, with bays or with a crossing has."""
    if hasattr(session, "lamp"):
        return _lamp_facts(session)
    return (bay_summary if hasattr(session, "bays") else crossing_summary).facts(session)


def _of(summary):
    """Give the module that knows a street without a lamp."""
    return bay_summary if "bays" in summary else crossing_summary


def _lamp_facts(session):
    lamp, agreement = session.lamp, session.agreement
    return {
        "lamp": {
            "reported_permille": session.level_permille,
            "light_permille": round(lamp.light_permille(), 1),
            "power_mw": lamp.power_mw(),
            "fault": lamp.fault,
            "compared": agreement.compared,
            "longest_disagreement_s": round(agreement.longest_s, 2),
            "agrees": agreement.compared and not agreement.broken,
        }
    }


def _lamp_reasons(summary):
    lamp, wrong = summary["lamp"], []
    if not summary["events"].get("light_state"):
        wrong.append("the device reported no light_state")
    elif not lamp["compared"]:
        wrong.append("there was no moment to compare the lamp with what the device reports")
    elif not lamp["agrees"]:
        wrong.append(
            "the lamp did not do what the device reported for {} s (last: {} per-mille reported, "
            "{} given)".format(
                lamp["longest_disagreement_s"], lamp["reported_permille"], lamp["light_permille"]
            )
        )
    return wrong


def reasons(summary):
    """Give what is wrong with a run, in words; an empty list is a good run."""
    if summary["came_up_after_s"] is None:
        wrong = ["the device never came online"]
    else:
        wrong = _lamp_reasons(summary) if "lamp" in summary else _of(summary).reasons(summary)
        if not summary["online_at_end"] and not summary["cut_at_end"]:
            wrong.append("the device was offline at the end")
    if summary["bad_link_lines"]:
        text = "the virtual board sent {} line(s) that are not in its protocol"
        wrong.append(text.format(summary["bad_link_lines"]))
    if summary["crashes"]:
        wrong.append("the firmware crashed, {} time(s)".format(summary["crashes"]))
    if bitten := summary["resets"].get("watchdog", 0) - summary["crashes"]:
        if bitten > 0:
            wrong.append("the watchdog had to reset the board, {} time(s)".format(bitten))
    return wrong


def exit_code(summary):
    """Give the exit code of a run."""
    if summary["ended_by"] == "interrupt":
        return exits.INTERRUPTED
    return exits.OK if summary["ok"] else exits.FAILED


def as_text(summary):
    """Give the summary for people."""
    events = ", ".join("{} {}".format(n, kind) for kind, n in summary["events"].items())
    resets = ", ".join("{} {}".format(n, cause) for cause, n in summary["resets"].items())
    rows = [
        (
            "ran",
            "{} s on {}, broker {}".format(
                summary["duration_s"], summary["runtime"], summary["broker"]
            ),
        ),
        ("device", _came_up(summary)),
        ("events", "{} ({})".format(summary["messages"], events or "none")),
        (
            "boots",
            "{} ({}), {} crashes".format(summary["boots"], resets or "none", summary["crashes"]),
        ),
        *([("lamp", _lamp(summary["lamp"]))] if "lamp" in summary else _of(summary).rows(summary)),
        ("commands", "{done} done, {failed} failed".format(**summary["commands"])),
        (
            "watchdog",
            "longest time between two feeds {} s".format(summary["longest_watchdog_gap_s"]),
        ),
        ("memory", _heap(summary)),
    ]
    lines = ["  {:9} {}".format(name, text) for name, text in rows]
    return "\n".join(
        ["Summary", *lines, _verdict(summary), *("  - " + why for why in summary["reasons"])]
    )


def _verdict(summary):
    if summary["ended_by"] == "interrupt":
        return "Interrupted."
    if not summary["ok"]:
        return "Not good:"
    if not summary["online_at_end"]:
        return "Good until it was left without {}: offline at the end.".format(
            summary["cut_at_end"]
        )
    return "Good."


def _came_up(summary):
    if summary["came_up_after_s"] is None:
        return "never came online"
    return "online after {} s, {} at the end, {} reconnects, {} events dropped".format(
        summary["came_up_after_s"],
        "online" if summary["online_at_end"] else "OFFLINE",
        summary["reconnects"],
        _or_unknown(summary["dropped_events"]),
    )


def _lamp(lamp):
    if not lamp["compared"]:
        verdict = "never compared"
    elif lamp["agrees"]:
        verdict = "they agreed while heard"
        if lamp["fault"] != "ok":
            verdict = "broken by command ({})".format(lamp["fault"])
    else:
        verdict = "THEY DIFFER"
    return "reported {} per-mille, gives {} per-mille, draws {:.1f} W: {}".format(
        _or_unknown(lamp["reported_permille"]),
        lamp["light_permille"],
        lamp["power_mw"] / 1000,
        verdict,
    )


def _heap(summary):
    free = summary["heap_free_bytes"]
    return "heap free: unknown" if free is None else "heap free: {:,} bytes".format(free)


def _rounded(seconds):
    return None if seconds is None else round(seconds, 2)


def _or_unknown(value):
    return "unknown" if value is None else value
