"""What a city knows of its crosswalks' poles: the latest that each has said. Pure: no network.

Times are seconds of any clock that only goes forward.
"""

from host_tools.crosswalk import words

_COUNTS = ("by_button", "by_track", "by_presence", "by_peer", "pedestrians", "cars")
_MORE = ("cars_flashing", "flashing_s", "car_speed_cm_s", "peer", "battery_mv", "charging")
_KINDS = ("crosswalk_activation", "crosswalk_report")
_TOLD_S = 120  # for so long a report's word that it flashes holds: a period is shorter


class Pole:
    """What one device has said. `until_s`: it flashes until then, as far as is known. `told` is
    (whether it flashed, when), of its latest report or start. `faults` are all that there are only
    if `is_whole`: faults are told when they change, and not to who asks later.
    """

    def __init__(self, device):
        self.device = device
        self.is_crosswalk = False
        self.online = None
        self.heard_s = None
        self.until_s = None
        self.told = None
        self.reason = None
        self.activated_s = None
        self.activations = 0
        self.report = {}
        self.faults = {}
        self.is_whole = False

    def flashing(self, now_s):
        """Give (whether it flashes, seconds until it ends); None is what is not known."""
        if self.until_s is not None and now_s < self.until_s:
            return True, round(self.until_s - now_s)
        lit, at_s = self.told or (None, None)
        if self.until_s is not None and (at_s is None or at_s < self.until_s):
            return False, None
        if lit and now_s - at_s > _TOLD_S:
            return None, None
        return lit, None


class City:
    """`poles` {device: Pole}; those that never spoke of a crosswalk are other devices."""

    def __init__(self):
        self.poles = {}
        self.connected = False

    def take_availability(self, device, online):
        """A device has come or gone; gives what has changed, in words, or None."""
        pole = self._pole(device)
        was, pole.online = pole.online, online
        if was == online or not pole.is_crosswalk:
            return None
        return "{} is {}".format(device, "online" if online else "offline")

    def take_event(self, now_s, device, kind, document, ago_s=0):
        """A device has said something (`document` a dict, or None) that was so `ago_s` seconds
        ago; gives what has changed, in words, or None.
        """
        if not isinstance(document, dict):
            return None
        pole = self._pole(device)
        is_new = not pole.is_crosswalk
        pole.is_crosswalk |= kind in _KINDS
        pole.heard_s = now_s
        if kind == "boot":
            pole.faults.clear()
            pole.is_whole = True
            pole.until_s, pole.told = None, (False, now_s - ago_s)
            return "{} has started".format(device) if pole.is_crosswalk else None
        if kind == "fault":
            return self._take_fault(pole, document)
        if kind == "crosswalk_activation":
            return self._take_activation(pole, now_s - ago_s, document)
        if kind == "crosswalk_report":
            pole.report = {name: document.get(name) for name in (*_COUNTS, *_MORE)}
            lit = document.get("flashing")
            if isinstance(lit, bool):
                pole.told = (lit, now_s - ago_s)
            if lit is False:
                pole.until_s = None
            return "{} is there".format(device) if is_new else None
        return None

    def snapshot(self, now_s):
        """Give all of it as a JSON document; None is what is not known."""
        poles = [it for _, it in sorted(self.poles.items()) if it.is_crosswalk]
        return {"connected": self.connected, "poles": [_described(it, now_s) for it in poles]}

    def _pole(self, device):
        if device not in self.poles:
            self.poles[device] = Pole(device)
        return self.poles[device]

    def _take_activation(self, pole, at_s, document):
        period_s = document.get("period_s")
        if isinstance(period_s, int) and period_s >= 0:
            pole.until_s = max(pole.until_s or 0, at_s + period_s)
        pole.reason = str(document.get("reason"))
        pole.activated_s = at_s
        pole.activations += 1
        how = "goes on" if document.get("again") else "flashes"
        return "{} {} for {} s: {}".format(pole.device, how, period_s, pole.reason)

    def _take_fault(self, pole, document):
        part, reason = str(document.get("part")), str(document.get("reason"))
        if document.get("active"):
            pole.faults[part] = reason
            text = "{}: {} {}"
        else:
            pole.faults.pop(part, None)
            text = "{}: {} is well again"
        if not pole.is_crosswalk:
            return None
        return text.format(pole.device, part.replace("_", " "), reason.replace("_", " "))


def _described(pole, now_s):
    ago_s = None if pole.activated_s is None else round(now_s - pole.activated_s)
    heard_s = None if pole.heard_s is None else round(now_s - pole.heard_s)
    flashing, left_s = (None, None) if pole.online is False else pole.flashing(now_s)
    empty = dict.fromkeys((*_COUNTS, *_MORE))
    return {
        "device": pole.device,
        "online": pole.online,
        "heard_s": heard_s,
        "flashing": flashing,
        "flashing_left_s": left_s,
        "last_reason": pole.reason,
        "last_s": ago_s,
        "activations": pole.activations,
        **(empty | pole.report),
        "faults": dict(pole.faults) if pole.faults or pole.is_whole else None,
    }


_HEADINGS = ("pole", "state", "last", "button", "track", "other", "people", "cars", "faults")


def table(city):
    """Give a snapshot as lines of text; ? is what is not known."""
    rows = [_HEADINGS, *(_row(pole) for pole in city["poles"])]
    if len(rows) == 1:
        return "no crosswalk was heard of" + ("" if city["connected"] else ": no broker")
    widths = [max(len(row[at]) for row in rows) for at in range(len(_HEADINGS))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def _row(pole):
    last = "?"
    if pole["last_reason"]:
        last = "{} {} s ago".format(pole["last_reason"], pole["last_s"])
    cars = _shown(pole["cars"])
    if pole["cars_flashing"] is not None:
        cars += " ({} while flashing)".format(pole["cars_flashing"])
    faults = "none heard"
    if pole["faults"] is not None:
        faults = ", ".join("{} {}".format(*it) for it in sorted(pole["faults"].items())) or "none"
    other = [pole[name] for name in ("by_presence", "by_peer")]
    return (
        pole["device"],
        _state(pole),
        last,
        _shown(pole["by_button"]),
        _shown(pole["by_track"]),
        _shown(None if None in other else sum(other)),
        _shown(pole["pedestrians"]),
        cars,
        faults.replace("_", " "),
    )


def _state(pole):
    if pole["online"] is False:
        return "offline"
    if pole["flashing"] is None:
        return "?"
    if not pole["flashing"]:
        return "dark"
    return "flashing" if pole["flashing_left_s"] is not None else "flashing, end unknown"


def _shown(value):
    return "?" if value is None else str(value)


def totals(city):
    """Give the counts of all poles as one line."""
    poles = city["poles"]
    lit = sum(bool(pole["flashing"]) for pole in poles)
    ill = sum(bool(pole["faults"]) or pole["online"] is False for pole in poles)
    unknown = sum(pole["flashing"] is None and pole["online"] is not False for pole in poles)
    return "{}, {} flashing{}, {} with a fault or offline; {} seen".format(
        words.counted(len(poles), "pole"),
        lit,
        " ({} not known)".format(unknown) if unknown else "",
        ill,
        words.counted(sum(pole["activations"] for pole in poles), "activation"),
    )
