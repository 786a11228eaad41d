"""A whole device on the virtual board with a LoRa radio in a simulated air, and its network."""

import asyncio
import json

import board
import world
from host_tools.lora.air import Air
from host_tools.lora.network import Network
from host_tools.lora.sim_radio import SimRadio
from kerb import device
from kerb.uplink import codec
from kerb.uplink.fields import COMMANDS

LAMP, SENSOR = 15, 26
DEV_EUI, JOIN_EUI = bytes(range(1, 9)), bytes(8)
APP_KEY = bytes(range(16))
GROUP_ADDR, GROUP_KEYS = b"\x01\x02\x03\xff", (bytes([7] * 16), bytes([8] * 16))
LIGHT = {
    "app": "light",
    "name": "lamp-0001",
    "site": {"lat_e7": 351800000, "lon_e7": 1290800000, "tz": "KST-9"},
    "light": {"schedule": [{"at": "22:00", "level_permille": 500}]},
}
SECRETS = {
    "app_key": APP_KEY.hex(),
    "mc_nwk_skey": GROUP_KEYS[0].hex(),
    "mc_app_skey": GROUP_KEYS[1].hex(),
}


def hex_of(on_air):
    """What a config has for bytes as on the air."""
    return bytes(reversed(on_air)).hex()


def lorawan(**more):
    """A config's section."""
    return dict({"region": "KR920", "dev_eui": hex_of(DEV_EUI)}, **more)


class Place:
    """The air, a network that knows the device, and what has been heard of it."""

    def __init__(self, seed=1, region="KR920", class_c=True, distance_m=500):
        self.air = Air(seed)
        self.network = Network(self.air, region, seed)
        self.network.gps_s = 1480000000  # 2026-11-29; a clock believes nothing before that year
        self.known = self.network.add(DEV_EUI, JOIN_EUI, APP_KEY, class_c)
        self.radio = world.current().radio = SimRadio(self.air, self.air.node(distance_m, 0))
        self.group = self.network.group(GROUP_ADDR, *GROUP_KEYS)
        self.next_id = 0

    def heard(self):
        """[(kind, values, port)] of all events so far."""
        found = []
        for uplink in self.network.uplinks:
            if uplink.port:
                late = 2 if uplink.port > 10 else 0
                kind, values = codec.decode(uplink.payload[late:])
                found.append((kind, values, uplink.port))
        return found

    def kinds(self):
        return [kind for kind, _, _ in self.heard()]

    def command(self, name, **values):
        """Its bytes."""
        self.next_id += 1
        return codec.encode(name, dict(values, id=self.next_id), COMMANDS)

    def send(self, name, **values):
        """A command for the device."""
        return self.network.down(DEV_EUI, 10, self.command(name, **values))

    def send_to_group(self, name, **values):
        self.network.multicast(self.group, 10, self.command(name, **values))


def write(path, document):
    with open(path, "w") as f:
        json.dump(document, f)


async def started(section, config=LIGHT, secrets=SECRETS):
    """A device that runs; gives it and its task."""
    write("config.json", dict(config, uplink={"lorawan": section}))
    write("secrets.json", secrets)
    made = device.Device(board)
    task = asyncio.create_task(made.run())
    await asyncio.sleep_ms(100)
    return made, task


def lamp_permille():
    pwm = world.current().pwm(LAMP)
    return 0 if pwm is None else round(pwm[1] * 1000 / 65535)


async def until(done, seconds=120):
    """Waits until done() is true; AssertionError when it isn't within the time."""
    for _ in range(seconds * 10):
        if done():
            return
        await asyncio.sleep_ms(100)
    raise AssertionError("not within %d s" % seconds)
