"""One run of a street with a light: its sky, its pole, and whether the lamp obeys."""

import asyncio
from datetime import datetime

from host_tools.street import commands, flash, panels
from host_tools.street.agreement import GRACE_S, LORA_GRACE_S, Agreement
from host_tools.street.core import Street
from host_tools.street.meter import BAUD, PARITY, PERIOD_MS
from host_tools.street.pole import Pole
from host_tools.street.world import Sky


class Session(Street):
    """See Street; `commands` are the words that can be typed, `panels` what the screen shows."""

    commands = commands
    hint = panels.HINT
    panels = panels.PANELS

    def __init__(self, options):
        super().__init__(options)
        self.sky = Sky(options.site, self.clock)
        self.pole = Pole(flash.RATED_MW, flash.STANDBY_MW)
        self.lamp = self.pole.lamp
        grace_s = LORA_GRACE_S if options.radio == "lora" else GRACE_S
        self.agreement = Agreement(grace_s=grace_s)

    def documents(self, common):
        return [flash.light(common)]

    def endless(self):
        return (self._meter_forever(),)

    @property
    def level_permille(self):
        """The level that the device reported last since it started, or None."""
        return self.reported.get("light_state", {}).get("level_permille")

    async def set_power(self, there):
        """Pull the pole's plug or put it in: board and lamp hang on the same supply."""
        self.lamp.supplied = there
        await super().set_power(there)
        if not there:
            self.lamp.drive(0, 0)

    def tick(self):
        pins, pole, now_s = self.options.pins, self.pole, self.elapsed_s
        local = self.options.site.local(self.clock.now()).replace(tzinfo=None)
        pole.step(now_s, (local - datetime(local.year, 1, 1)).total_seconds())  # noqa: DTZ001
        self.link.set_adc(pins.light_sensor, self.sky.sensor_mv())
        self.link.set_adc(pins.thermistor, pole.thermistor_mv())
        self.link.set_level(pins.presence, int(pole.motion(now_s)))
        self._compare()

    async def _meter_forever(self):
        """The metering chip talks whether somebody listens or not."""
        while True:
            await asyncio.sleep(PERIOD_MS / 1000)
            if frame := self.pole.meter_frame():
                self.link.send_uart(self.options.pins.meter_uart, frame, BAUD, PARITY)

    def _compare(self):
        heard = self.online and self.proxy.is_open and self.board.running
        light_permille = self.lamp.duty_u16 / 65.535
        self.agreement.observe(self.level_permille, light_permille, heard)

    def before_start(self, unit):
        self.lamp.drive(0, 0)

    def on_pins(self, unit, message):
        if message.get("pwm") != self.options.pins.lamp:
            return False
        self.lamp.drive(message["freq_hz"], message["duty_u16"])
        self._compare()
        return True

    def on_report(self, device, kind, document):
        if kind == "light_state":
            self._compare()
