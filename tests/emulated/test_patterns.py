"""Exact output patterns of the chip's PIO, while the interpreter is busy with other things."""

from itertools import pairwise

from emulated.conftest import light

FLASH = "bytes((1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0))"  # 16 ticks of 50 ms
EDGES_MS = (0, 50, 200, 250, 400, 450, 500, 550)
PIN = 20


def test_a_stalled_loop_moves_no_edge_of_a_pattern_and_its_rounds_are_the_same_to_the_us(
    make_pico,
):
    pico = make_pico(light())
    pico.repl.enter()
    pico.repl.run("from kerb.hal.pattern import Pattern\n")
    pico.repl.run(f"flash = {FLASH}\np = Pattern({PIN}, 50000000, 16, unit=2)")
    pico.repl.start("import machine\np.repeat(flash)\nmachine.disable_irq()\nwhile True:\n pass")
    edges = pico.edges(PIN, 1750)
    assert len(edges) == 18
    assert [level for level, _ in edges] == [1, 0] * 9
    first = edges[0][1]
    round_ns = edges[8][1] - first
    # The machine's clock divider has steps: 25 us in a round are 31 ppm.
    assert abs(round_ns - 800e6) < 25e3
    for i, (_, ns) in enumerate(edges):
        # An edge is within 0.2 % of a tick, where the tick's program has it ...
        in_round = ns - first - i // 8 * round_ns
        assert abs(in_round - EDGES_MS[i % 8] * 1e6) < 100e3, i
        # ... and in each round at the same place.
        assert abs(in_round - (edges[i % 8][1] - first)) < 1e3, i


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


def test_a_pattern_goes_on_at_its_times_while_the_processor_waits_for_the_flash(make_pico):
    pico = make_pico(light())
    pico.repl.enter()
    pico.repl.run("from kerb.hal.pattern import Pattern\n")
    pico.repl.run(f"p = Pattern({PIN}, 500000, 8, unit=2)\np.repeat(bytes((1, 0) * 4))")
    pico.repl.start("with open('x', 'wb') as f:\n f.write(bytes(20000))")
    edges = [ns for _, ns in pico.edges(PIN, 300)]
    lasted = [after - ns for ns, after in pairwise(edges)]
    assert len(lasted) > 590
    assert max(lasted) - min(lasted) < 3000
