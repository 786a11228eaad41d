import world
from kerb.hal.pattern import Pattern
from support.raised import raised


def watched(pin=16):
    """A new world and the list in which the pin's edges come, at most 100: (level, us)."""
    w = world.World()
    edges = []

    def note(level, us):
        if len(edges) < 100:
            edges.append((level, us))

    w.watch(pin, note)
    return w, edges


def test_a_pattern_goes_out_at_its_ticks_without_the_loop():
    w, edges = watched()
    pattern = Pattern(16, 416667, 12)
    pattern.send(bytes((0, 1, 1, 0, 1, 0, 0, 0, 1, 1, 1, 0)))
    w.clock.irq_off = True  # nothing of the firmware runs
    w.advance_ms(10)
    assert [level for level, _ in edges] == [1, 0, 1, 0, 1, 0]
    for (_, us), tick in zip(edges, (1, 3, 4, 5, 8, 11)):
        assert abs(us - tick * 416.667) <= 1


def test_rounding_does_not_add_up_over_a_long_pattern():
    w, edges = watched()
    pattern = Pattern(16, 416667, 60)
    pattern.send(bytes((1, 0)) * 30)
    w.advance_ms(100)
    assert len(edges) == 60
    for tick, (_, us) in enumerate(edges):
        assert abs(us - tick * 416.667) <= 1


def test_the_idle_level_is_there_before_and_after():
    for idle in (False, True):
        for inverted in (False, True):
            w, edges = watched()
            pattern = Pattern(16, 1000000, 4, idle=idle, inverted=inverted)
            assert w.level(16) == (idle != inverted) and not w.is_floating(16)
            edges.clear()
            pattern.send(bytes((not idle, idle, not idle, idle)))
            w.advance_ms(10)
            assert w.level(16) == (idle != inverted)
            assert [level for level, _ in edges] == [idle == inverted, idle != inverted] * 2


def test_another_pattern_can_follow_any_number_of_times():
    w, edges = watched()
    pattern = Pattern(16, 416667, 4)
    for _ in range(9):
        edges.clear()
        pattern.send(bytes((1, 0, 1, 0)))
        w.advance_ms(5)
        first = edges[0][1]
        assert [(level, us - first) for level, us in edges] == [
            (1, 0),
            (0, 417),
            (1, 833),
            (0, 1250),
        ]


def test_a_reset_ends_a_pattern():
    w, edges = watched()
    Pattern(16, 1000000, 20).send(bytes((1, 0)) * 10)
    w.advance_ms(4)
    w.reboot("watchdog")
    assert len(edges) >= 4
    edges.clear()
    w.advance_ms(100)
    assert edges == [] and w.is_floating(16)


def test_a_pattern_too_long_for_the_hardware_is_refused():
    world.World()
    raised(ValueError, Pattern, 16, 50000000, 16)
    raised(ValueError, Pattern, 16, 416667, 79)
    Pattern(16, 416667, 78)
