import asyncio

from kerb.system.life import Life
from support.tasks import ended


class Led:
    def __init__(self):
        self.lit = False
        self.blinks = 0

    def on(self):
        self.lit = True
        self.blinks += 1

    def off(self):
        self.lit = False


async def blinks_in(seconds, well):
    led = Led()
    task = asyncio.create_task(Life(led, lambda: well).run(lambda: None))
    await asyncio.sleep_ms(seconds * 1000)
    await ended(task)
    assert not led.lit
    return led.blinks


async def test_led_blinks_once_when_all_is_well_and_twice_when_the_uplink_is_down():
    assert 9 <= await blinks_in(22, True) <= 11
    assert 17 <= await blinks_in(22, False) <= 20


async def test_led_stays_dark_for_a_batterys_sake():
    assert await blinks_in(22, None) == 0
