"""A device's way to the city by LoRaWAN."""

import os

from kerb.hal import chip
from kerb.system.schema import Bool, Choice, Hex, Int, Obj
from kerb.uplink.lorawan import region
from kerb.uplink.lorawan.plan import Plan

SCHEMA = {
    "lorawan": Obj(
        {
            "region": Choice(region.NAMES),
            # C, which always listens, is for devices with mains: commands reach it within seconds.
            "class": Choice(("A", "C"), default="A"),
            "dev_eui": Hex(8, 8),
            "join_eui": Hex(8, 8, default="0000000000000000"),
            # A session that was agreed on beforehand (ABP): its keys are among the secrets.
            "dev_addr": Hex(4, 4, default=None),
            "adr": Bool(default=True),
            # What is sent again until the network has acknowledged it; status and such never are.
            "confirm": Choice(("state", "alarm", "nothing"), default="state"),
            # Of the antenna, less the cable's loss; what is radiated stays within the region's.
            "antenna_gain_db": Int(-20, 20, default=2),
            "time_every_s": Int(3600, 604800, default=86400),
            # What a street's devices may all have to say at one moment waits up to so long.
            "spread_s": Int(0, 600, default=30),
            # The address of a multicast session: one downlink commands many. Its keys are among
            # the secrets, its channel is RX2's.
            "group": Hex(4, 4, default=None),
            # The data rate of a device without ADR.
            "dr": Int(0, 15, default=None),
        }
    ),
}


def check(cfg):
    """What the schema cannot say: a list of errors of a section that satisfies it."""
    lora = cfg["lorawan"]
    errors = []
    if lora["group"] and lora["class"] != "C":
        errors.append(
            "uplink.lorawan.group: found class A, allowed: class C, which always listens"
        )
    dr = lora["dr"]
    if dr is not None and lora["adr"]:
        errors.append("uplink.lorawan.dr: found with adr, which chooses it, allowed: adr false")
    elif dr is not None and not len(Plan(region.load(lora["region"])).channels(dr)):
        text = "uplink.lorawan.dr: found %d, allowed: a data rate for uplinks in %s"
        errors.append(text % (dr, lora["region"]))
    return errors


def tie(device, board, cfg, secrets):
    """(link, transport, time, peer) of a kerb.device.Device, its task added to it; see by_wifi.

    ValueError without the keys; OSError on a board without a radio.
    """
    from kerb.uplink.backoff import Backoff
    from kerb.uplink.lorawan.mac import Mac
    from kerb.uplink.lorawan.transport import Lora

    lora = cfg["uplink"]["lorawan"]
    if not hasattr(board, "radio"):
        raise OSError("this board has no LoRa radio")
    if lora["dev_addr"]:
        ids = _keys(secrets, lora["dev_addr"], "nwk_skey", "app_skey")
    else:
        (app_key,) = _keys(secrets, None, "app_key")
        ids = _on_air(lora["join_eui"]), _on_air(lora["dev_eui"]), app_key
    group = lora["group"] and _keys(secrets, lora["group"], "mc_nwk_skey", "mc_app_skey")
    radio = board.radio()
    radio.antenna_gain_db = lora["antenna_gain_db"]
    mac = Mac(
        region.load(lora["region"]),
        ids,
        radio,
        device.store,
        device.log,
        _random,
        lora["class"],
        group,
        lora["adr"],
        lora["dr"],
    )
    seed = int(chip.unique_id()[-4:], 16)
    transport = Lora(
        mac,
        Backoff(2000, 1800000, seed),
        device.clock,
        device.log,
        _random,
        lora["confirm"],
        lora["time_every_s"],
        lora["spread_s"],
    )
    if lora["class"] == "C":
        mac.battery = 0  # on mains
    device.add("lorawan", transport.run, 5000)
    return transport, transport, transport, None


def _on_air(text):
    """Bytes as they go over the air, of hex digits with the most significant first."""
    return bytes(reversed(bytes.fromhex(text)))


def _keys(secrets, addr, *names):
    """The address, if there is one, and the keys of these names; ValueError: one is missing."""
    found = [] if addr is None else [_on_air(addr)]
    for name in names:
        if secrets[name] is None:
            raise ValueError("uplink.lorawan: found no %s in secrets.json" % name)
        found.append(bytes.fromhex(secrets[name]))
    return tuple(found)


def _random(n):
    """A number from 0 to n - 1 that nobody can foresee."""
    return (int.from_bytes(os.urandom(4), "little") & 0x3FFFFFFF) % n
