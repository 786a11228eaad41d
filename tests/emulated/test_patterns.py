"""Exact output patterns of the chip's PIO, while the interpreter is busy with other things."""

from itertools import pairwise

from emulated.conftest import light

# 16 ticks; dark first, because what is joined in the middle begins with what is left of a level.
FLASH = "bytes((0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 1))"
EDGES = (0, 1, 4, 5, 8, 9, 10, 11)  # in ticks from the first one
PIN = 20
TWIN = "import machine, time\nfrom kerb.hal.twin import Twin\n"


def test_a_stalled_loop_moves_no_edge_of_a_pattern_and_its_rounds_are_the_same_to_the_us(
    make_pico,
):
    pico = make_pico(light())
    pico.repl.enter()
    pico.repl.run(f"{TWIN}t = Twin({PIN}, {PIN + 1}, 50000000, 16)")
    pico.repl.start(
        f"t.repeat({FLASH}, time.ticks_ms())\nmachine.disable_irq()\nwhile True:\n pass"
    )
    edges = pico.edges(PIN, 2000)
    assert [level for level, _ in edges] == [1, 0] * 9
    first = edges[0][1]
    for i, (_, ns) in enumerate(edges):
        assert abs(ns - first - (i // 8 * 16 + EDGES[i % 8]) * 50e6) < 1e3, i


def test_a_pattern_ends_at_its_idle_level_and_can_follow_another_any_number_of_times(make_pico):
    pico = make_pico(light())
    pico.repl.enter()
    pico.repl.run("import time\nfrom kerb.hal.pattern import Pattern\n")
    # PIO keeps 32 instructions: what is loaded anew each time would not fit the seventh.
    pico.repl.run(
        f"for _ in range(8):\n p = Pattern({PIN}, 5000000, 17)\n"
        f" p.send({FLASH} + bytes(1))\n time.sleep_ms(100)"
    )
    assert pico.level(PIN) == 0
    assert pico.edges(PIN, 1000) == []
    for _ in range(2):
        pico.repl.start(f"time.sleep_ms(50)\np.send({FLASH} + bytes(1))")
        edges = pico.edges(PIN, 300)
        assert [level for level, _ in edges] == [1, 0] * 4
        for (_, ns), place in zip(edges, EDGES, strict=True):
            assert abs(ns - edges[0][1] - place * 5e6) < 10e3, place
        pico.repl.finish()


def test_a_pattern_goes_on_at_its_times_while_the_processor_waits_for_the_flash(make_pico):
    pico = make_pico(light())
    pico.repl.enter()
    pico.repl.run(
        f"{TWIN}t = Twin({PIN}, {PIN + 1}, 1000000, 16)\n"
        "t.repeat(bytes((1, 0) * 8), time.ticks_ms())"
    )
    pico.repl.start("with open('x', 'wb') as f:\n f.write(bytes(20000))")
    edges = [ns for _, ns in pico.edges(PIN, 300)]
    lasted = [after - ns for ns, after in pairwise(edges)]
    assert len(lasted) > 290
    assert max(lasted) - min(lasted) < 3000
