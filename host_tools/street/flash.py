"""The temporary folder of a run: the board's flash with its two config files, and the broker's."""

import json
import os

from host_tools import scratch

DEVICE_NAME = "lamp-0001"
RATED_MW = 60000
STANDBY_MW = 500
GROUP = "north"
WIFI_SSID = "kerb-street"
BAY_REPORT_S = 60
BATTERY_LOW_MV, BATTERY_FULL_MV = 11800, 13200
CROSSING = "main-street"
# Of the battery's divider, in kOhm, as the board's README has it.
DIVIDER_HIGH, DIVIDER_LOW = 100, 22
_PREFIX = "kerb-street-"
# What a good street does: full in the evening and from 5:00, less when few are about.
SCHEDULE = (("22:00", 500), ("00:00", 300), ("05:00", 1000))


def make_folder():
    """Give a new private folder whose name tells whose it is."""
    return scratch.make(_PREFIX)


def remove(folder):
    scratch.remove(folder)


def common(site, base, mqtt_port, sntp_port):
    """Give what all devices have in their config document; both ports are on this machine."""
    return {
        "groups": [GROUP],
        "site": {
            "lat_e7": round(site.lat_deg * 1e7),
            "lon_e7": round(site.lon_deg * 1e7),
            "tz": site.tz,
        },
        "uplink": {
            "wifi": {"ssid": WIFI_SSID},
            "mqtt": {"host": "127.0.0.1", "port": mqtt_port, "base": base, "keepalive_s": 10},
            "sntp": {"host": "127.0.0.1", "port": sntp_port},
        },
    }


def light(document):
    """Give the light's config document around what is common."""
    return {
        "app": "light",
        "name": DEVICE_NAME,
        **document,
        "light": {
            "schedule": [{"at": at, "level_permille": level} for at, level in SCHEDULE],
            "rated_power_mw": RATED_MW - STANDBY_MW,
            "standby_power_mw": STANDBY_MW,
            "ramp_s": 2,
            "meter": "hlw8032",
            "thermistor": True,
            "presence": {"hold_s": 20},
        },
    }


def parking(document, number, bays, ranger):
    """Give the config document of parking device `number`, from 1; bays: (mount, floor_mm)."""
    return {
        "app": "parking",
        "name": "bay-{:04}".format(number),
        **document,
        "parking": {
            "ranger": ranger,
            "bays": [{"mount": mount, "floor_mm": floor_mm} for mount, floor_mm in bays],
            "report_s": BAY_REPORT_S,
        },
    }


def crosswalk(document, number, section, peer_port=None):
    """Give the config document of pole `number`, from 1, of a crossing; section: of its radar and
    geometry. With `peer_port` it is one of two that talk to each other there.
    """
    own = dict(section) | {
        "feedback": True,
        "battery": {"low_mv": BATTERY_LOW_MV, "full_mv": BATTERY_FULL_MV},
    }
    if peer_port:
        own |= {"crossing": CROSSING, "pole": number}
        document = document | {"uplink": document["uplink"] | {"peer": {"port": peer_port}}}
    return {
        "app": "crosswalk",
        "name": "crossing-{:04}".format(number),
        **document,
        "crosswalk": own,
    }


def secrets(account, wifi_psk, peer_key):
    """Give the device's secrets document for a broker account, a Wi-Fi key and its neighbours'."""
    return {"wifi_psk": wifi_psk, "peer_key": peer_key} | _of_account(account)


def _of_account(account):
    if account.user is None:
        return {}
    return {"mqtt_user": account.user, "mqtt_password": account.password or ""}


def write_login(folder, account):
    """Write a secrets file with a broker account alone, for other commands; gives its path."""
    path = folder / "login.json"
    _write_private(path, _of_account(account))
    return path


def write(folder, config_document, secrets_document):
    """Make the board's flash in `folder`; gives its path. Only the owner can read the secrets."""
    flash = folder / "flash"
    flash.mkdir(mode=0o700)
    (flash / "config.json").write_text(json.dumps(config_document, indent=1) + "\n")
    _write_private(flash / "secrets.json", secrets_document)
    return flash


def _write_private(path, document):
    """Write a JSON file that only its owner can read, from its first byte on."""
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(document, file)
