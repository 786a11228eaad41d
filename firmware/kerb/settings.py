"""What config.json and secrets.json of a device may say.

The keys of an app stand under the app's name; kerb.devices says whose they are.
"""

import sys

import __main__

from kerb.system import config, schema, timezone
from kerb.system.schema import Choice, Hex, Int, List, Obj, Str
from micropython import const

APPS = ("light", "parking", "crosswalk")

# What a topic has in place of a device's name when a command is for several.
_RESERVED = ("all", "group")
_NAME_CHARS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"
# Time zones stay within this of the sun's time: the far west of China is 3.3 h off.
_ZONE_SPAN_H = const(4)

# What forget() lets go of: names, whatever module of ours has them, and rooms with their modules.
# rp2 assembles programs for PIO; MicroPython itself imports it at the start.
_START_ONLY = ("SCHEMA", "Bool", "Choice", "Hex", "Int", "List", "Obj", "Str", "schema")
_START_ONLY += ("ConfigError", "settings", "rp2")
_ROOMS = ("apps", "devices", "drivers", "hal", "settings", "system")

SECRETS = {
    "wifi_psk": Str(8, 63, default=None),
    "mqtt_user": Str(1, 64, default=None),
    "mqtt_password": Str(1, 128, default=None),
    # Shared by the devices that talk to their neighbours; without it a device has none.
    "peer_key": Hex(16, 64, default=None),
    # Of LoRaWAN: for joining, or of a session that was agreed on, and of its group.
    "app_key": Hex(16, 16, default=None),
    "nwk_skey": Hex(16, 16, default=None),
    "app_skey": Hex(16, 16, default=None),
    "mc_nwk_skey": Hex(16, 16, default=None),
    "mc_app_skey": Hex(16, 16, default=None),
}


def _schema(doc):
    """The schema of a document, which depends on the app and the uplink that it names."""
    known = {
        "app": Choice(APPS),
        # The device's name in topics: unique in the city.
        "name": Str(1, 32),
        # Commands to these reach it too.
        "groups": List(Str(1, 32), max_items=8),
        "site": Obj(
            {
                "lat_e7": Int(-900000000, 900000000),
                "lon_e7": Int(-1800000000, 1800000000),
                "tz": Str(3, 64),
            }
        ),
        # Left out, the device works alone.
        "uplink": Obj(tied_by(doc).SCHEMA, optional=True),
    }
    found = doc.get("app") if isinstance(doc, dict) else None
    # With a mistyped app name each app's section may be there: one mistake, one error.
    for app in APPS:
        if app == found or (found not in APPS and isinstance(doc, dict) and app in doc):
            known[app] = Obj(made_of(app).schema(), optional=app != found)
    return known


def made_of(app):
    """The module of kerb.devices that says what the device with an app of APPS is made of."""
    return getattr(__import__("kerb.devices." + app).devices, app)


def tied_by(doc):
    """The module of kerb.devices that says how the device of this document is tied to the city."""
    uplink = doc.get("uplink") if isinstance(doc, dict) else None
    if isinstance(uplink, dict) and "lorawan" in uplink:
        from kerb.devices import by_lorawan as way
    else:
        from kerb.devices import by_wifi as way
    return way


def _check(clean):
    errors = []
    for key, names in (("name", [clean["name"]]), ("groups", clean["groups"])):
        for name in names:
            if name in _RESERVED or not all(c in _NAME_CHARS for c in name):
                text = (
                    "%s: found '%s', allowed: letters, digits, - and _, but not 'all' or 'group'"
                )
                errors.append(text % (key, name))
    errors += _check_site(clean["site"])
    uplink = clean["uplink"]
    if uplink:
        errors += tied_by(clean).check(uplink)
    app = clean["app"]
    if uplink and "lorawan" in uplink:
        if clean["groups"]:
            errors.append("groups: found with uplink.lorawan, allowed: uplink.lorawan.group")
        if uplink["lorawan"]["class"] == "C" and clean[app].get("sleep"):
            text = "%s.sleep: found with uplink.lorawan.class C, which always listens, allowed: A"
            errors.append(text % app)
    if clean[app].get("crossing") and not (uplink and uplink.get("peer")):
        errors.append("crosswalk.crossing: found without uplink.peer, allowed: both or none")
    return errors + made_of(app).check(clean[app])


def _check_site(site):
    try:
        zone = timezone.Zone(site["tz"])
    except ValueError as e:
        return ["site.tz: %s" % e]
    # The sign of a longitude or of a POSIX offset is easily wrong; it would light the day.
    by_sun_h = site["lon_e7"] / 150000000
    apart_h = (zone.standard_s / 3600 - by_sun_h + 12) % 24 - 12
    if abs(apart_h) > _ZONE_SPAN_H:
        text = "site: tz is %d h off the sun at lon_e7 %d, allowed: %d h (POSIX: KST-9 is UTC+9)"
        return [text % (round(apart_h), site["lon_e7"], _ZONE_SPAN_H)]
    return []


def check_config(doc):
    """All that is wrong with a config document, a text each; for tools on the host."""
    return schema.validate(_schema(doc), doc, _check)[1]


def load():
    """(settings, secrets, errors): both files of this device, checked.

    The errors are about files whose last good copy is used instead. ConfigError when a file has no
    usable copy at all.
    """
    settings, errors = config.load("config.json", _schema, _check)
    secrets, more = config.load_secrets("secrets.json", SECRETS)
    return settings, secrets, errors + more


def forget():
    """Lets go of what only the start needs, 14 kB of a board's RAM; nothing here works after it.

    Modules are only unlinked: what is in use of them stays, held by who uses it. A module that
    is imported later may import others of kerb.uplink, which keep their places; of another
    one it would get a second copy.
    """
    ours = [name for name in sys.modules if name.split(".")[0] in ("kerb", "rp2")]
    for module in [__main__] + [sys.modules[name] for name in ours]:
        for name in _START_ONLY:
            if hasattr(module, name):
                delattr(module, name)
    for name in ours:
        if name == "rp2" or (name + "..").split(".")[1] in _ROOMS:
            del sys.modules[name]
            above, _, last = name.rpartition(".")
            if hasattr(sys.modules.get(above), last):
                delattr(sys.modules[above], last)
