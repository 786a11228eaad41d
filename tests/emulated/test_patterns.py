"""Exact output patterns of the chip's PIO, while the interpreter is busy with other things."""

from emulated.conftest import light

FLASH = "bytes((1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0))"  # 16 ticks of 50 ms
EDGES_MS = (0, 50, 200, 250, 400, 450, 500, 550)
PIN = 20


def test_a_pattern_repeats_to_the_microsecond_while_the_loop_is_stalled(make_pico):
    pico = make_pico(light())
    pico.repl.enter()
    pico.repl.run("from kerb.hal.pattern import Pattern\n")
    pico.repl.run(f"flash = {FLASH}\np = Pattern({PIN}, 50000000, 16, unit=2)")
    pico.repl.start("import machine\np.repeat(flash)\nmachine.disable_irq()\nwhile True:\n pass")
    edges = pico.edges(PIN, 1750)
    assert len(edges) == 18
    begin = edges[0][1]
    for i, (level, ns) in enumerate(edges):
        assert level == 1 - i % 2
        want_ms = i // 8 * 800 + EDGES_MS[i % 8]
        assert abs((ns - begin) / 1e6 - want_ms) < 0.2, i


def test_a_pattern_ends_at_its_idle_level_and_can_follow_another_any_number_of_times(make_pico):
    pico = make_pico(light())
    pico.repl.enter()
    pico.repl.run("import time\nfrom kerb.hal.pattern import Pattern\n")
    pico.repl.run(f"flash = {FLASH}\np = Pattern({PIN}, 50000000, 16, unit=2)")
    assert pico.level(PIN) == 0
    # PIO keeps 32 instructions: what is loaded anew each time would not fit the fourth.
    pico.repl.run("for _ in range(5):\n p.repeat(flash)\n time.sleep_ms(20)\n p.stop()")
    assert pico.level(PIN) == 0
    assert pico.edges(PIN, 1000) == []
    pico.repl.start("time.sleep_ms(50)\np.send(flash)")
    edges = pico.edges(PIN, 3000)
    assert [level for level, _ in edges] == [1, 0] * 4
