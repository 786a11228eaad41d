import world
from kerb.drivers.dali import DaliLamp


class Wire:
    """Both ends of hal's bus: what was sent comes back, and then an answer at any time."""

    def __init__(self):
        self.after = [0]  # the idle bus, and what comes then

    def send(self, levels):
        self.sent = list(levels)

    def start(self, call, arg):
        call(arg)

    def ready(self):
        return True

    def runs(self, into):
        runs = [0]
        level = 1
        for each in self.sent:
            if each != level:
                runs.append(0)
                level = each
            runs[-1] += 417
        runs[-1] += self.after[0]
        runs += self.after[1:]
        for i, us in enumerate(runs):
            into[i] = us
        return len(runs)


def test_an_answer_counts_in_its_time_alone():
    world.World()
    #  1 0 0 0 0 0 0 0 0: low high, high low, high low ... and the idle bus
    answer = [417, 833] + [417] * 15 + [9000]
    for gap_us, fault in (
        (500, "garbled"),
        (1000, "garbled"),
        (2900, None),
        (5500, None),
        (10500, None),
        (12000, None),
        (13500, "garbled"),
        (19000, "garbled"),
    ):
        wire = Wire()
        lamp = DaliLamp((wire, wire), 1)
        lamp.poll()
        wire.after = [gap_us] + answer
        value, found = lamp._answer(0x0390)
        assert found == fault and value == (None if fault else 0), gap_us


def test_two_answers_are_none():
    world.World()
    answer = [417, 833] + [417] * 15
    wire = Wire()
    lamp = DaliLamp((wire, wire), 1)
    lamp.poll()
    wire.after = [8000] + answer + [4000] + answer + [5000]
    assert lamp._answer(0x0390) == (None, "garbled")


def test_somebody_else_on_the_bus_is_no_echo():
    world.World()
    wire = Wire()
    lamp = DaliLamp((wire, wire), 1)
    lamp.poll()
    wire.after = [8000]
    assert lamp._answer(0x0390) == (None, "no_answer")
    assert lamp._answer(0x0391) == (None, "garbled")
