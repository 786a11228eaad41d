"""One pole of a crossing as its world holds it: what hangs on its pins, and what it tells."""

from host_tools.crosswalk.plan import of_section
from host_tools.crosswalk.scene import Scene
from host_tools.street import flash
from host_tools.street.crossing_lamps import Lamp

RADAR_BAUD, CAR_BAUD = 256000, 19200
_LAMP_MV = 1000  # as feedback_lamp_mv is by default
_FRESH_S = 1.0
# The device says when it flashes, the lamps when they have: at the end they differ for that long.
GRACE_S = 2.5
_TURN_S = 0.5
_WELL_MV, _LOW_MV = 12900, 11200


class CrossingPole:
    """`live` is its LiveCrossing, `pins` a pins.CrosswalkPins; `unit` is set when there is one.

    `scene` is what the device tells, frame by frame. `longest_wrong_s`: the longest that it
    said that it flashes while it was dark, or the other way round; `compared`: whether there was
    anything to compare.
    """

    def __init__(self, live, pins):
        self.live = live
        self.unit = None
        self.section = live.site.config() | {"car_radar": "ops243"}
        self.scene = Scene(of_section(self.section))
        self.left, self.right = Lamp(), Lamp()
        self.pushed = self.battery_low = False
        self.pedestrian_lamp = False
        self.flashing = self.compared = False
        self.longest_wrong_s = 0.0
        self._lamps = {pins.left: self.left, pins.right: self.right}
        self._pins = pins
        self._frame_s = None
        self._wrong_since_s = None

    def start(self):
        """The board is about to start: all its pins are open."""
        for lamp in (self.left, self.right):
            lamp.drive(0, 0)
        self.pedestrian_lamp = False
        self._frame_s = None

    def push(self, down):
        """Push the button, or let go of it."""
        self.pushed = down
        self.unit.link.set_level(self._pins.button, 0 if down else 1)

    def break_lamp(self, how):
        """Let the left lamp be one of crossing_lamps.FAULTS."""
        self.left.fault = how
        self.wire()

    def wire(self):
        """Put on the pins what is there now."""
        link, pins = self.unit.link, self._pins
        more = []
        for pin, lamp in self._lamps.items():
            if lamp.fault == "ok":
                more.append((pin, _LAMP_MV))
        stuck = sum(lamp.fault == "stuck" for lamp in self._lamps.values())
        link.set_adc(pins.current, stuck * _LAMP_MV, more)
        link.set_adc(pins.battery, _divided(_LOW_MV if self.battery_low else _WELL_MV))

    def go_on(self, now_s):
        """Let the street go on to `now_s`; gives what happened, in words, or None."""
        self.flashing = self.left.flashing(now_s) or self.right.flashing(now_s)
        watching = self.tells(now_s) and not self.scene.frame.blind
        radar, cars, happened = self.live.go_on(round(1000 * now_s), self.flashing, watching)
        self._say(self._pins.radar_uart, radar, RADAR_BAUD)
        self._say(self._pins.car_uart, cars, CAR_BAUD)
        self._compare(now_s)
        return happened

    def tells(self, now_s):
        """Whether the device tells of what it does these days."""
        return self._frame_s is not None and now_s - self._frame_s < _FRESH_S

    def take(self, now_s, frame):
        """The device tells of a frame; gives what has changed, in words."""
        self._frame_s = now_s
        return self.scene.take(frame)

    def shown(self, now_s):
        """Which of the lamps to show lit: (left, right). Flashes of 50 ms are too short for a
        screen: there they take turns as long as the beacon flashes.
        """
        left = now_s // _TURN_S % 2 == 0
        return tuple(
            lamp.fault == "stuck" or (lamp.fault == "ok" and self.flashing and its_turn)
            for lamp, its_turn in ((self.left, left), (self.right, not left))
        )

    def on_pins(self, now_s, message):
        """Take what the board does with a pin or a UART; False when it is none of these."""
        pins = self._pins
        lamp = self._lamps.get(message.get("pulses", message.get("pin")))
        if lamp:
            if "pulses" in message:
                lamp.play(now_s, message["level"], message["us"])
            else:
                lamp.drive(now_s, message["level"])
            return True
        if message.get("pin") == pins.feedback:
            self.pedestrian_lamp = bool(message["level"])
            return True
        if "uart" not in message:
            return False
        data = bytes.fromhex(message["hex"])
        if message["uart"] == pins.radar_uart:
            self._say(pins.radar_uart, self.live.write(data), RADAR_BAUD)
        elif message["uart"] == pins.car_uart:
            self._say(pins.car_uart, self.live.write_car(data), CAR_BAUD)
        return True

    def _say(self, uart, data, baud):
        if data and self.unit.board.powered:
            self.unit.link.send_uart(uart, data, baud, None)

    def _compare(self, now_s):
        if not self.tells(now_s):
            self._wrong_since_s = None
            return
        says = self.scene.frame.flashing_left_ms > 0
        self.compared |= says and self.flashing
        if says == self.flashing:
            self._wrong_since_s = None
        elif self._wrong_since_s is None:
            self._wrong_since_s = now_s
        else:
            self.longest_wrong_s = max(self.longest_wrong_s, now_s - self._wrong_since_s)


def _divided(battery_mv):
    """Give what the divider makes of a battery's voltage."""
    return battery_mv * flash.DIVIDER_LOW // (flash.DIVIDER_LOW + flash.DIVIDER_HIGH)
