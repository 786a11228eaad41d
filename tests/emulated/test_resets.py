"""What outlives a reset on the chip itself, in the scratch registers of its watchdog."""

from emulated.conftest import light

# 22:50 in Busan on 11 April 2026, in seconds of the day in UTC.
SET_S = 49800
RUN_S = 65
HALF = 505  # 500 per mille on the curve of a DALI dimmer
# The device, started at the prompt, gets the time as if from the network; then it hangs.
RUN = f"""
import asyncio, board, sys
for name in [name for name in sys.modules if name.startswith("kerb")]:
    del sys.modules[name]  # the start before has let go of what only a start needs
asyncio.new_event_loop()
from kerb import device
made = device.Device(board)
made.clock.set(9597, {SET_S}, "network")
async def life():
    asyncio.create_task(made.run())
    await asyncio.sleep({RUN_S})
    while True:
        pass
asyncio.run(life())
"""
TIME = """
import board
from kerb.hal import retained
print(board.retained().get(retained.TIME))
"""


def test_scratch_registers_0_to_3_outlive_the_watchdog_and_not_the_power(bare):
    bare.repl.run("import machine\nfor i in range(4): machine.mem32[0x4005800C + 4 * i] = 100 + i")
    bare.repl.start("machine.WDT(timeout=500)\nwhile True: pass")
    assert bare.wait_reset() == "watchdog"
    bare.repl.enter()
    show = "import machine\nprint([machine.mem32[0x4005800C + 4 * i] for i in range(4)])"
    assert bare.repl.run(show) == "[100, 101, 102, 103]\n"
    bare.power(False)
    bare.power(True)
    bare.repl.enter()
    assert bare.repl.run(show) == "[0, 0, 0, 0]\n"


def test_a_lamp_without_network_goes_on_dimming_after_its_watchdog_bit(make_pico):
    pico = make_pico(light(schedule=[{"at": "22:00", "level_permille": 500}]))
    pico.adc(pico.SENSOR, 60)
    pico.run(3000)
    pico.repl.enter()
    pico.repl.start(RUN)
    set_ms = pico.ms
    pico.become(HALF, ms=60_000)
    assert pico.wait_reset(ms=100_000) == "watchdog"
    seen = []
    for _ in range(400):
        pico.run(50)
        seen.append(pico.lamp())
    assert set(seen[60:]) == {HALF}, seen
    assert max(level or 0 for level in seen) <= HALF, f"it flashed: {seen}"
    passed_s = (pico.ms - set_ms) / 1000
    pico.repl.enter()
    second, day, age_min = eval(pico.repl.run(TIME))
    # Late by what the watchdog waits and the start takes, and not ahead.
    assert (second >> 17, day & 0xFFFF, day >> 16) == (2, 9597, 1)
    late_s = passed_s - ((second & 0x1FFFF) - SET_S)
    assert 7 < late_s < 15, late_s
    assert RUN_S // 60 <= age_min <= 3
