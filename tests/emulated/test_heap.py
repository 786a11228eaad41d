"""The heap as the emulator sees it from outside, against what MicroPython says of it."""

import re

from host_tools.image import sizes

from .conftest import image

_INFO = """
import gc, micropython
keep = [bytearray(5000) for _ in range(8)]
keep = keep[1::2]
gc.collect()
micropython.mem_info()
"""


def test_used_and_free_memory_are_what_micropython_says_itself(make_pico):
    symbols = sizes.symbols(image("bare").with_name("firmware.elf"))
    pico = make_pico({}, "bare")
    pico.add("heap", "heap", **symbols)
    said = pico.repl.run(_INFO)
    total, used = map(int, re.search(r"GC: total: (\d+), used: (\d+)", said).groups())
    longest = int(re.search(r"max free sz: (\d+)", said).group(1))
    seen = pico.ask("heap", "now")
    assert seen["total"] == total
    # The prompt has worked a little since.
    assert abs(seen["used"] - used) < 1024
    assert abs(seen["largestFree"] - 16 * longest) < 1024


def test_the_record_keeps_the_extremes(make_pico):
    symbols = sizes.symbols(image("bare").with_name("firmware.elf"))
    pico = make_pico({}, "bare")
    pico.add("heap", "heap", **symbols)
    pico.repl.run("import time, gc")
    pico.run(100)
    pico.tell("heap", "clear")
    before = pico.ask("heap", "now")
    pico.repl.run("b = bytearray(60000)\ntime.sleep_ms(50)\nb = None\ngc.collect()")
    pico.run(100)
    record = pico.ask("heap", "record")
    assert 60_000 <= record["most"] - before["used"] < 62_000
    assert before["largestFree"] - record["largestFree"] >= 60_000
    assert record["least"] <= before["used"]
