import world
from kerb.hal.pattern import Pattern
from support.raised import raised

# A rapid flashing beacon's round: 16 ticks of 50 ms.
FLASH = bytes((1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0))


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


def test_a_repeated_pattern_goes_on_without_a_gap_for_an_hour():
    w, edges = watched()
    pattern = Pattern(16, 50000000, 16)
    pattern.repeat(FLASH)
    w.clock.irq_off = True
    w.advance_ms(775)
    for hour in range(2):
        edges.clear()
        w.advance_ms(10 * 800)
        assert len(edges) == 80
        for i, (_, us) in enumerate(edges):
            want_us = (i // 8 * 16 + (0, 1, 4, 5, 8, 9, 10, 11)[i % 8]) * 50000
            assert abs(us - edges[0][1] - want_us) <= 5, (hour, i)
        w.advance_ms(3600 * 1000 - 10 * 800)


def test_what_repeats_ends_with_its_round_and_another_can_follow():
    w, edges = watched()
    pattern = Pattern(16, 50000000, 16)
    pattern.repeat(FLASH)
    w.advance_ms(2000)
    pattern.stop()
    w.advance_ms(800)
    edges.clear()
    w.advance_ms(5000)
    assert edges == [] and w.level(16) == 0
    pattern.send(FLASH)
    w.advance_ms(5000)
    assert len(edges) == 8
    pattern.repeat(FLASH)
    w.advance_ms(8000)
    assert len(edges) >= 80


def test_a_level_may_last_longer_than_one_pulse_of_the_hardware():
    w, edges = watched()
    pattern = Pattern(16, 250000000, 6)
    pattern.repeat(bytes((1, 1, 1, 0, 0, 0)))  # 750 ms on, 750 ms off
    w.advance_ms(14900)
    assert len(edges) == 20
    for i, (_, us) in enumerate(edges):
        assert abs(us - i * 750000) <= 5


def test_a_reset_ends_a_pattern():
    w, edges = watched()
    Pattern(16, 50000000, 16).repeat(FLASH)
    w.advance_ms(1000)
    w.reboot("watchdog")
    edges.clear()
    w.advance_ms(5000)
    assert edges == [] and w.is_floating(16)


def test_a_pattern_too_long_for_the_hardware_is_refused():
    world.World()
    pattern = Pattern(16, 1000000, 200)
    raised(ValueError, pattern.repeat, bytes((0, 1)) * 100)
