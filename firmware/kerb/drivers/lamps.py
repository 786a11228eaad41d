"""Which output the lamp hangs on: by config, one of four with the same three methods.

    set_permille(level)   0 off to 1000 full; cheap when nothing changes
    safe()                full light at once, also when no loop runs
    permille              what the output gives since, after its own steps and its least level

A DALI lamp also has poll() and `gear` (see kerb.drivers.dali).
"""

from kerb.system.schema import Choice, Int

SCHEMA = {
    "output": Choice(("pwm", "analog", "dali", "relay"), default="pwm"),
    # For pwm and analog.
    "pwm_freq_hz": Int(100, 20000, default=1000),
    # Between this and off there is nothing; analog has at least 100.
    "min_level_permille": Int(0, 500, default=0),
    # The control gear's short address; left out, all gear on the bus is spoken to.
    "dali_address": Int(0, 63, default=None),
}


def check(cfg):
    """What the schema cannot say: a list of errors of a config that satisfies SCHEMA."""
    address, output = cfg["dali_address"], cfg["output"]
    if address is None or output == "dali":
        return []
    return ['light.dali_address: found %d, allowed: none, the output is "%s"' % (address, output)]


def make(board, cfg, level_permille=None):
    """The lamp of `board` by a config that has the keys of SCHEMA.

    level_permille: the light that it begins with, of before a reset; None leaves the output as
    the board begins: dark on pwm and analog, lit on a relay, and as it is on DALI.
    """
    output = cfg["output"]
    least = cfg["min_level_permille"]
    # Imported here: a device has one of them, and its memory.
    if output == "dali":
        from kerb.drivers import dali

        lamp = dali.DaliLamp(dali.bus_of(board), cfg["dali_address"], least)
    elif output == "relay":
        from kerb.drivers.lamp_relay import RelayLamp

        lamp = RelayLamp(board.lamp_relay())
    elif output == "analog":
        from kerb.drivers.lamp_analog import AnalogLamp

        lamp = AnalogLamp(board.lamp_pwm(cfg["pwm_freq_hz"]), board.lamp_relay(), least)
    else:
        from kerb.drivers.lamp import Lamp

        lamp = Lamp(board.lamp_pwm(cfg["pwm_freq_hz"]), least)
    if level_permille is not None:
        lamp.set_permille(level_permille)
    return lamp
