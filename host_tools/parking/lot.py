"""A parking lot as its bays report it: pure, fed with events, asked for figures.

Times are seconds on any scale that only goes forward. What is not known for certain now is
unknown: a bay that never reported, or not for long, whose device is offline or has just started,
or while there is no broker to hear from.
What an event says is taken as far as the firmware's table of fields allows it: on the broker
anybody may have said it, and a terminal is to show it.
"""

import functools

from kerb.uplink import fields

SILENT_AFTER_S = 9000  # two and a half of the usual heartbeats
_STATES = ("free", "occupied", "unknown")
_KINDS = ("bay_state", "bay_report")
_DETAILS = (
    "confidence_permille",
    "distance_mm",
    "baseline_mm",
    "echoes_percent",
    "temperature_cdeg",
    "battery_mv",
)
_LEAST_H = 1.0  # of bay-hours: before, a turnover is no figure
_MOST_MISSED = 1000
_LONGEST_NAME = 64


class Bay:
    """One bay: what it reported last, and what was counted. `since_s`: when that state began."""

    def __init__(self, device, number):
        self.device = device
        self.number = number
        self.state = None
        self.reason = None
        self.since_s = None
        self.heard_s = None
        self.details = dict.fromkeys(_DETAILS)
        self.known = None  # the last state but unknown, and its beginning
        self.known_since_s = None
        self.arrivals = 0
        self.counter = None  # of the device, at its last report
        self.counted = 0  # of the arrivals, since then
        self.watched_s = 0.0
        self.seq = self.time = None

    @property
    def name(self):
        """The device's, and the bay's number."""
        return "{}/{}".format(self.device, self.number)


class Lot:
    """`take_event`, `take_availability`, `connected` and `lost` are told what comes;
    `snapshot` gives the lot. `silent_after_s`: a bay of which nothing was heard for so long is
    unknown; it should be more than two of the devices' heartbeats (`report_s`).
    """

    def __init__(self, silent_after_s=SILENT_AFTER_S):
        self.silent_after_s = silent_after_s
        self.bays = {}
        self.stays_s = []
        self.is_connected = False
        self._online = {}
        self._boots = {}
        self._now_s = None

    def expect(self, device, count=1):
        """Let the lot have a device's bays before they are heard of."""
        for number in range(count):
            self.bays.setdefault((device, number), Bay(device, number))

    def connected(self, now_s):
        """The broker is there: what is heard from now on counts."""
        self._advance(now_s)
        self.is_connected = True

    def lost(self, now_s):
        """The broker is lost: what happens now is missed, so all that was known is no more."""
        self._advance(now_s)
        self.is_connected = False
        for bay in self.bays.values():
            self._forget(bay)

    def take_availability(self, now_s, device, online):
        """A device came or went."""
        self._advance(now_s)
        if _is_name(device):
            self._online[device] = online

    def take_event(self, now_s, device, kind, document, delay_s=0.0):
        """Take an event that happened `delay_s` before `now_s`; gives the Bay that it is about,
        or None when there is none, or nothing new in it.
        """
        self._advance(now_s)
        if not _is_name(device):
            return None
        if kind == "boot" and isinstance(document, dict):
            self._take_boot(device, document.get("boot_count"))
        if kind not in _KINDS or not _is_sound(kind, document):
            return None
        bay = self.bays.setdefault((device, document["bay"]), Bay(device, document["bay"]))
        if not _is_newer(bay, document):
            return None
        bay.seq, bay.time = document.get("seq"), document.get("time")
        bay.heard_s = now_s
        if kind == "bay_state":
            bay.details["distance_mm"] = None  # of what was there before
            self._take_state(bay, document, now_s - delay_s)
        else:
            self._take_report(bay, document, now_s - delay_s)
        for name in _DETAILS:
            if name in document:
                bay.details[name] = _number(kind, name, document)
        return bay

    def _take_boot(self, device, count):
        if count is not None and self._boots.get(device) == count:  # delivered again
            return
        self._boots[device] = count
        for bay in self.bays.values():
            if bay.device == device:
                self._forget(bay)
                # Cars came and went unseen, and the device counts from 0.
                bay.known = bay.known_since_s = bay.counter = None
                bay.counted = 0

    def _forget(self, bay):
        bay.state = bay.reason = bay.since_s = None
        bay.seq = bay.time = None

    def _take_state(self, bay, document, at_s):
        state = document["state"]
        stay_s = _number("bay_state", "stay_s", document)
        if state == "free" and stay_s is not None:
            self.stays_s.append(stay_s)
        if state == "occupied" and bay.known == "free":
            bay.arrivals += 1
            bay.counted += 1
        self._set(bay, state, document, at_s)

    def _take_report(self, bay, document, at_s):
        counter = _number("bay_report", "arrivals", document)
        if counter is not None:
            if bay.counter is not None:
                missed = ((counter - bay.counter) & 0xFFFF) - bay.counted
                bay.arrivals += missed if 0 < missed < _MOST_MISSED else 0
            bay.counter, bay.counted = counter, 0
        state_s = _number("bay_report", "state_s", document)
        self._set(bay, document["state"], document, at_s, state_s)

    def _set(self, bay, state, document, at_s, state_s=None):
        if state_s is not None:
            bay.since_s = at_s - state_s
        elif state == bay.known and bay.known_since_s is not None:
            bay.since_s = bay.known_since_s
        elif state != bay.state:
            bay.since_s = at_s
        bay.state = state
        bay.reason = _word("bay_state", "reason", document) or "not known"
        if state != "unknown":
            bay.known, bay.known_since_s = state, bay.since_s

    def _advance(self, now_s):
        if self._now_s is not None:
            for bay in self.bays.values():
                if self.look(bay, self._now_s)[0] != "unknown":
                    bay.watched_s += now_s - self._now_s
        self._now_s = now_s

    def look(self, bay, now_s):
        """Give (state, reason) of a bay as far as it is known at `now_s`."""
        if not self.is_connected:
            return "unknown", "no broker"
        if self._online.get(bay.device) is False:
            return "unknown", "offline"
        if bay.state is None:
            return "unknown", "not heard"
        if now_s - bay.heard_s > self.silent_after_s:
            return "unknown", "silent"
        return bay.state, bay.reason

    def counts(self, now_s):
        """Give how many bays there are, and in each state: the beginning of a snapshot."""
        counts = dict.fromkeys(_STATES, 0)
        for bay in self.bays.values():
            counts[self.look(bay, now_s)[0]] += 1
        return {"connected": self.is_connected, "total": len(self.bays), **counts}

    def snapshot(self, now_s):
        """Give the lot as a document of plain values; what is not known is None in it."""
        self._advance(now_s)
        order = sorted(self.bays.values(), key=lambda bay: (_natural(bay.device), bay.number))
        bays = [self.describe(bay, now_s) for bay in order]
        arrivals = sum(bay.arrivals for bay in order)
        hours = sum(bay.watched_s for bay in order) / 3600
        return {
            **self.counts(now_s),
            "arrivals": arrivals,
            "watched_bay_h": round(hours, 2),
            "turnover_bay_day": round(24 * arrivals / hours, 1) if hours >= _LEAST_H else None,
            "stays": len(self.stays_s),
            "mean_stay_s": round(sum(self.stays_s) / len(self.stays_s)) if self.stays_s else None,
            "bays": bays,
        }

    def describe(self, bay, now_s):
        """Give one bay as `snapshot` does."""
        state, reason = self.look(bay, now_s)
        # A bay that can't be believed has no age, nor what goes with one.
        told = (state, reason) == (bay.state, bay.reason)
        return {
            "device": bay.device,
            "bay": bay.number,
            "state": state,
            "reason": reason,
            "state_s": round(now_s - bay.since_s) if told else None,
            "heard_s": None if bay.heard_s is None else round(now_s - bay.heard_s),
            "arrivals": bay.arrivals,
            **(bay.details if told else dict.fromkeys(_DETAILS)),
        }


@functools.cache
def _fields(kind):
    """Give the fields of a kind of event by their names, as kerb.uplink.fields parses them."""
    text = fields.EVENTS[fields.number_of(fields.EVENTS, kind)]
    return {field[0]: field for field in fields.parse(text)}


def _is_sound(kind, document):
    """Whether an event is one of a bay's; another firmware's, or a stranger's, may be anything."""
    return (
        isinstance(document, dict)
        and _number(kind, "bay", document) is not None
        and _word(kind, "state", document) is not None
    )


def _word(kind, name, document):
    """Give one of the names that a field of an event can have, or None."""
    value = document.get(name)
    return value if isinstance(value, str) and value in _fields(kind)[name][7] else None


def _is_name(device):
    """Whether it can be a device's name: such a one does no harm to a terminal."""
    return 0 < len(device) <= _LONGEST_NAME and device.isascii() and device.isprintable()


def _number(kind, name, document):
    """Give an integer of an event, None where it has none that its field can have."""
    field = _fields(kind).get(name)
    value = _integer(document.get(name))
    return value if field and value is not None and field[3] <= value <= field[4] else None


def _integer(value):
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _is_newer(bay, document):
    """Whether an event is later than the bay's last: not delivered again, and not overtaken.

    By its running number; a device whose restart was missed begins anew, at a later time.
    """
    seq, time = _integer(document.get("seq")), document.get("time")
    if seq is None or bay.seq is None or 0 < (seq - bay.seq & 0xFFFF) < 0x8000:
        return True
    return isinstance(time, str) and isinstance(bay.time, str) and time > bay.time


def _natural(text):
    """A key by which bay-2 comes before bay-10."""
    parts, digits = [], ""
    for character in text + " ":
        if character.isdecimal():
            digits += character
            continue
        if digits:
            parts.append((0, int(digits), ""))
            digits = ""
        parts.append((1, 0, character))
    return parts
