"""The whole light with a meter on a serial line and a thermometer on a pin: bytes and volts in,
events and light out."""

import asyncio

import board
import vtime
import world
from kerb.apps import light, light_app
from kerb.drivers import hlw8032, lamps, meter
from kerb.drivers.thermistor import Thermistor
from kerb.system import schema
from kerb.system.counters import Counters
from kerb.system.store import Store
from kerb.system.timezone import Zone
from support.meter_frames import frame
from support.tasks import ended

MIDNIGHT_IN_BUSAN = (9700, 15 * 3600)


class Clock:
    def __init__(self):
        self.wall = MIDNIGHT_IN_BUSAN
        self.up_s = 0

    def uptime_s(self):
        return self.up_s

    def trusted(self):
        return True

    def now(self):
        return self.wall


class Log:
    def warn(self, *args):
        raise AssertionError(args)


class Street:
    """A light on the virtual board; run(seconds, meter) lets it tick while a meter talks."""

    def __init__(self):
        self.world = world.World()
        keys = dict(light.SCHEMA)
        for part in (meter, lamps):
            keys.update(part.SCHEMA)
        cfg, errors = schema.validate(keys, {"meter": "hlw8032", "thermistor": True})
        assert not errors, errors
        self.store = Store()
        counters = Counters(self.store, "energy", 3)
        pure = light.Light(cfg, 351800000, 1290800000, Zone("KST-9"), counters)
        parts = light_app.Parts(lamps.make(board, cfg))
        parts.meter = hlw8032.Hlw8032(board.meter_serial(), cfg)
        parts.thermistor = Thermistor(board.lamp_temperature())
        self.events = []
        self.clock = Clock()
        self.light = pure
        self.lamp = parts.lamp
        self.world.set_adc_mv(27, 1500)
        self.app = light_app.App(cfg, pure, parts, self.clock, self.store, self.send, Log(), 1000)
        self._pulses = 0

    def send(self, kind, values):
        self.events.append((kind, values))

    def faults(self):
        said = []
        for kind, values in self.events:
            if kind == "fault":
                said.append((values["part"], values["reason"], values["active"]))
        del self.events[:]
        return said

    def run(self, seconds, meter):
        """`meter(pulses)` gives the bytes of one frame; a pulse is 10 J."""
        far = self.world.uart(1)
        for _ in range(seconds):
            for _ in range(9):
                far.send(meter(self._pulses), 4800, 0)
                self.world.advance_ms(105)
            self._pulses += 6
            self.world.advance_ms(55)
            self.clock.up_s += 1
            self.app.tick()


def well(pulses):
    return frame(230.0, 0.275, 60.0, pulses)


def out(pulses):
    return frame(230.0, None, None, pulses, state=0xF2, done=0x41)


def silent(pulses):
    return b""


def test_a_metered_lamp_reports_what_the_meter_says_and_no_fault():
    street = Street()
    street.run(910, well)
    told = [values for kind, values in street.events if kind == "light_power"]
    assert [values["estimated"] for values in told] == [False, False]
    values = told[1]
    assert abs(values["power_mw"] - 60000) < 100
    assert abs(values["voltage_mv"] - 230000) < 300
    assert values["power_factor_permille"] == 949
    assert abs(values["energy_wh"] - 15) <= 1
    assert street.faults() == []
    assert street.world.uart(1).lost == 0


def test_a_lamp_that_goes_out_is_told_once_and_its_repair_once():
    street = Street()
    street.run(200, well)
    street.run(700, out)
    assert street.faults() == [("lamp", "lamp_failure", True)]
    street.run(200, well)
    assert street.faults() == [("lamp", "lamp_failure", False)]


def test_a_meter_that_falls_silent_changes_nothing_of_the_light():
    street = Street()
    street.run(60, well)
    burnt_s = street.light.energy.burn_s
    street.run(60, silent)
    assert street.faults() == [("meter", "no_answer", True)]
    assert street.lamp.permille == 1000
    assert street.light.energy.estimated
    assert street.light.energy.burn_s == burnt_s + 60
    street.run(60, well)
    assert street.faults() == [("meter", "no_answer", False)]


def test_a_hot_lamp_is_dimmed_and_told():
    street = Street()
    street.run(20, well)
    street.world.set_adc_mv(27, 320)  # 86 degrees
    street.run(180, lambda pulses: frame(230.0, 0.165, 0.6 * 60, pulses))
    assert 500 < street.lamp.permille < 700
    assert street.light.reason == "derated"
    assert ("lamp", "over_temperature", True) in street.faults()
    street.world.set_adc_mv(27, 3300)  # the wire breaks
    street.run(60, well)
    assert street.faults() == [("temperature", "lost", True)]
    assert street.lamp.permille == 1000


def test_the_totals_are_on_the_flash_five_minutes_later():
    street = Street()
    street.run(310, well)
    kept = Counters(Store(), "energy", 3)
    assert kept.restored
    assert 290 <= kept.values[2] <= 310


def test_nothing_is_lost_of_the_totals_when_the_app_is_stopped():
    street = Street()
    street.run(100, well)

    async def stopped():
        task = asyncio.create_task(street.app.run(lambda: None))
        await asyncio.sleep_ms(100)
        await ended(task)

    vtime.run(stopped(), street.world)
    assert Counters(Store(), "energy", 3).values[2] == street.light.energy.burn_s > 90
