import world
from esp32 import RMT
from machine import Pin
from support.raised import raised


def watched():
    w = world.World()
    edges = []
    w.watch(5, lambda level, us: edges.append((level, us)))
    return w, edges


def test_the_three_forms_of_write_pulses_give_the_same():
    for arguments in (([10, 20, 10], True), ([10, 10, 10, 10], [1, 0, 0, 1]), (10, [1, 0, 0, 1])):
        w, edges = watched()
        RMT(0, pin=Pin(5), clock_div=80).write_pulses(*arguments)
        w.advance_ms(1)
        assert edges == [(1, 0), (0, 10), (1, 30), (0, 40)], arguments


def test_pulses_are_counted_in_clocks_of_the_divider():
    for clock_div, us in ((8, 100), (80, 1000), (240, 3000)):
        w, edges = watched()
        rmt = RMT(0, pin=Pin(5), clock_div=clock_div)
        rmt.write_pulses([1000])
        assert not rmt.wait_done()
        assert rmt.wait_done(timeout=10)
        assert edges == [(1, 0), (0, us)]


def test_a_second_sequence_waits_for_the_first():
    w, edges = watched()
    rmt = RMT(0, pin=Pin(5), clock_div=80)
    rmt.write_pulses([500])
    rmt.write_pulses([100, 50, 100])
    w.advance_ms(2)
    assert edges[1][1] == 500
    assert [level for level, _ in edges] == [1, 0, 1, 0, 1, 0]


def test_what_the_hardware_can_not_do_is_refused():
    world.World()
    rmt = RMT(0, pin=Pin(5))
    raised(ValueError, rmt.write_pulses, [])
    raised(ValueError, rmt.write_pulses, [0])
    raised(ValueError, rmt.write_pulses, [32768])
    raised(ValueError, rmt.write_pulses, [1, 2], [1])
    raised(ValueError, RMT, 8, pin=Pin(5))
    raised(ValueError, RMT, 0, pin=Pin(5), clock_div=256)


def test_a_play_from_outside_drives_and_then_lets_go():
    w, edges = watched()
    w.pull(5, "up")
    edges.clear()
    w.play(5, 0, (100, 50, 25), 1000)
    w.advance_ms(2)
    assert edges == [(0, 1000), (1, 1100), (0, 1150), (1, 1175)]
    assert not w.is_floating(5)
