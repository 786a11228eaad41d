"""The two lamps of a beacon on the virtual board, and what IA-21 wants to see of them."""

LEFT_PIN, RIGHT_PIN, DIM_PIN, SENSE_PIN = 20, 21, 15, 27
LAMP_MV = 1000
_LAMPS = ((LEFT_PIN, "L"), (RIGHT_PIN, "R"))
# IA-21's twelve steps in ms: the lamps that are lit, and until when.
RRFB = (
    ("L", 50),
    ("", 100),
    ("R", 150),
    ("", 200),
    ("L", 250),
    ("", 300),
    ("R", 350),
    ("", 400),
    ("LR", 450),
    ("", 500),
    ("LR", 550),
    ("", 800),
)
STEADY = (("LR", 750), ("", 1500))


def wanted(steps, place_ms):
    """What the steps show at a place in or after their round."""
    place_ms %= steps[-1][1]
    for lit, until_ms in steps:
        if place_ms < until_ms:
            return lit
    raise AssertionError(place_ms)


def changes_ms(steps):
    """{pin: [ms of a round at which its lamp changes, on and off by turns]}."""
    changes = {LEFT_PIN: [], RIGHT_PIN: []}
    before, begins_ms = steps[-1][0], 0
    for lit, until_ms in steps:
        for pin, lamp in _LAMPS:
            if (lamp in lit) != (lamp in before):
                changes[pin].append(begins_ms)
        before, begins_ms = lit, until_ms
    return changes


def by_rounds(edges, steps=RRFB):
    """Of the edges [(ms, pin, level)] of one activation, which begins with the left lamp: (how
    much of its first flash is missing, how far any other edge is from its place at most, both in
    ms). AssertionError for one that is not in its turn.
    """
    changes = changes_ms(steps)
    first = edges[0][0]
    began = next(ms for ms, pin, level in edges if pin == RIGHT_PIN and level)
    began -= changes[RIGHT_PIN][0]
    worst = 0
    for pin, places in changes.items():
        mine = [(ms, level) for ms, of, level in edges if of == pin]
        for i, (ms, level) in enumerate(mine):
            assert level == 1 - i % 2, "pin %d at %s ms" % (pin, ms)
            place = i // len(places) * steps[-1][1] + places[i % len(places)]
            if ms != first:
                worst = max(worst, ms - began - place, key=abs)
    return first - began, worst


class Lamps:
    """What the lamps did, and the current that the shunt's amplifier tells.

    out: lamps that are broken, stuck: that are lit whatever the board says, of "LR".
    """

    def __init__(self, w):
        self._w = w
        self.out = self.stuck = ""
        self.edges = []  # (us, "L" or "R", level)
        w.watch(LEFT_PIN, lambda level, us: self.edges.append((us, "L", level)))
        w.watch(RIGHT_PIN, lambda level, us: self.edges.append((us, "R", level)))
        w.set_adc_mv(SENSE_PIN, self.current_mv)

    def lit(self):
        """Which are lit now, as "", "L", "R" or "LR"."""
        shown = ""
        for pin, lamp in _LAMPS:
            if lamp in self.stuck or (self._w.level(pin) and lamp not in self.out):
                shown += lamp
        return shown

    def current_mv(self):
        """At the amplifier's output."""
        pwm = self._w.pwm(DIM_PIN)
        return len(self.lit()) * LAMP_MV * pwm[1] // 65535

    def errors_us(self, steps, began_us, from_us, to_us):
        """How far each edge is from its place in rounds that began at began_us; the edges that
        there should be and those that were are the same, or it is an AssertionError."""
        round_us = steps[-1][1] * 1000
        places = []
        at = (from_us - began_us) // round_us * round_us + began_us
        changes = changes_ms(steps)
        while at < to_us + round_us:
            for pin, lamp in _LAMPS:
                for i, ms in enumerate(changes[pin]):
                    places.append((at + ms * 1000, lamp, 1 - i % 2))
            at += round_us
        places = [place for place in places if from_us <= place[0] < to_us]
        seen = [edge for edge in self.edges if from_us - 5000 <= edge[0] < to_us + 5000]
        assert len(seen) >= len(places), (len(seen), len(places))
        errors = []
        for us, lamp, level in places:
            near = [e[0] - us for e in seen if e[1:] == (lamp, level) and abs(e[0] - us) < 25000]
            assert len(near) == 1, (us - began_us, lamp, level, near)
            errors.append(near[0])
        return errors
