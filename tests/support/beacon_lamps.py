"""The two lamps of a beacon on the virtual board, and what IA-21 wants to see of them."""

LEFT_PIN, RIGHT_PIN, DIM_PIN, SENSE_PIN = 20, 21, 15, 27
LAMP_MV = 1000
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
        for lamp, pin in (("L", LEFT_PIN), ("R", RIGHT_PIN)):
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
        while at < to_us + round_us:
            before = steps[-1][0]
            begins_us = 0
            for lit, until_ms in steps:
                for lamp in "LR":
                    if (lamp in lit) != (lamp in before):
                        places.append((at + begins_us, lamp, int(lamp in lit)))
                before, begins_us = lit, until_ms * 1000
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
