"""What happens in the street, as lines for people."""

_ENVELOPE = ("v", "kind", "seq", "time", "clock")
_UNITS = {
    "permille": (10, "%"),
    "mw": (1000, "W"),
    "wh": (1, "Wh"),
    "s": (1, "s"),
    "bytes": (1000, "kB"),
    "dbm": (1, "dBm"),
    "mm": (1000, "m"),
    "mv": (1000, "V"),
    "ma": (1000, "A"),
    "cdeg": (100, "°C"),
    "cm_s": (100, "m/s"),
}


class Note:
    """Something that happened: street time (local, aware), kind and text.

    The kinds: event (the device said it), result, device (availability), board, console (what the
    firmware printed), network, world, error.
    """

    def __init__(self, at, kind, text):
        self.at = at
        self.kind = kind
        self.text = printable(text)


def printable(text):
    """Give text without anything that a terminal would take as a command."""
    return "".join(character if character.isprintable() else "?" for character in text)


def describe(kind, document):
    """Give an event as one line of words; what the device leaves unknown is left out."""
    if document is None:
        return "{}: no JSON object".format(kind)
    parts = []
    for name, value in document.items():
        if name not in _ENVELOPE and value is not None and value != "":
            parts.append(_in_unit(name, value))
    return "{}: {}".format(kind, ", ".join(parts))


def _in_unit(name, value):
    """Give one field in words: a name that ends with a unit as a value with that unit."""
    stem, suffix = _split(name)
    if suffix in _UNITS and isinstance(value, int):
        divisor, unit = _UNITS[suffix]
        return "{} {:g} {}".format(stem, value / divisor, unit)
    if isinstance(value, bool):
        return name if value else "not " + name
    return "{} {}".format(name, value)


def _split(name):
    """Give a name without its unit, and the unit: "cm_s" is one, not s."""
    for parts in (2, 1):
        words = name.rsplit("_", parts)
        unit = "_".join(words[1:])
        if unit in _UNITS:
            return words[0], unit
    return name, None
