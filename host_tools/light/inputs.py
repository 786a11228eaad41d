"""The place and the schedule that a person gives, checked as the device checks them."""

import json
import math
from pathlib import Path
from typing import NamedTuple

from host_tools import config_files

_FULL = 1000


class Plan(NamedTuple):
    """A place in 1e-7 degree, its kerb.system.timezone.Zone, and the config of its schedule.

    tz is the zone in POSIX words; tz_from is where it comes from: "given", "config", "longitude".
    """

    lat_e7: int
    lon_e7: int
    zone: object
    cfg: dict
    tz: str
    tz_from: str


def read(given, lat, lon, tz, twilight=None):
    """Give the Plan of a schedule (steps in words, or a JSON file's name) at a place.

    lat, lon (degrees) and tz (POSIX) may be None where a device's config.json says them; a tz that
    nobody says is the whole hours of the longitude, without summer time. twilight is "official",
    "civil" or None for what the file says. ValueError names what is wrong, what was found and what
    is allowed.
    """
    settings, _, schema = config_files.firmware()
    from kerb.apps import schedule
    from kerb.system import timezone

    site, section = {}, {}
    if "=" in given and not Path(given).is_file():
        section = {"schedule": steps(given)}
    else:
        document = _document(given)
        if isinstance(document, list):
            section = {"schedule": document}
        elif "app" in document:
            errors = settings.check_config(document)
            if errors:
                raise ValueError(
                    "\n  ".join([given + " would be refused by the device:", *errors])
                )
            if document["app"] != "light":
                raise ValueError("{}: found app {}, allowed: light".format(given, document["app"]))
            site = document["site"]
            light = document.get("light", {})
            section = {key: light[key] for key in light if key in schedule.SCHEMA}
        else:
            section = document
    if twilight is not None:
        section = {**section, "civil_twilight": twilight == "civil"}
    # The names in errors are those of a device's config.
    clean, errors = schema.validate(
        {"light": schema.Obj(schedule.SCHEMA)},
        {"light": section},
        lambda clean: schedule.check(clean["light"]),
    )
    if errors:
        raise ValueError("\n  ".join(["the schedule is none:", *errors]))
    lat_e7 = _e7("--lat", lat, 90, site.get("lat_e7"))
    lon_e7 = _e7("--lon", lon, 180, site.get("lon_e7"))
    tz_from = "given" if tz is not None else "config" if "tz" in site else "longitude"
    tz = {"given": tz, "config": site.get("tz"), "longitude": zone_of(lon_e7)}[tz_from]
    return Plan(lat_e7, lon_e7, timezone.Zone(tz), clean["light"], tz, tz_from)


def zone_of(lon_e7):
    """Give the POSIX time zone of a longitude in 1e-7 degree: whole hours, no summer time."""
    hours = round(lon_e7 / 1.5e8)
    return "<{:+03d}>{:d}".format(hours, -hours)


def steps(text):
    """Give the config's steps of "22:00=50% 00:00=30%"; ValueError if a word is none."""
    found = []
    for word in text.replace(",", " ").split():
        at, equals, level = word.partition("=")
        found.append({"at": at, "level_permille": _permille(word, level if equals else "")})
    return found


def _permille(word, text):
    try:
        percent = float(text.removesuffix("%"))
    except ValueError:
        percent = math.nan
    if not 0 <= percent <= 100:
        raise ValueError("--schedule: found '{}', allowed: WHEN=0% to WHEN=100%".format(word))
    return round(percent * _FULL / 100)


def _document(name):
    try:
        document = json.loads(Path(name).read_bytes())
    except OSError as error:
        raise ValueError(
            "--schedule: found '{}', {}; allowed: steps as 22:00=50%, or a JSON file".format(
                name, (error.strerror or "no file").lower()
            )
        ) from None
    except ValueError as error:
        raise ValueError("{} is not JSON: {}".format(name, error)) from None
    if not isinstance(document, list | dict):
        raise ValueError("{}: found no list and no object, allowed: either".format(name))
    return document


def _e7(option, degrees, limit, default_e7):
    if degrees is None:
        if default_e7 is None:
            raise ValueError("{}: missing, and the schedule is no config.json".format(option))
        return default_e7
    if not -limit <= degrees <= limit:
        raise ValueError(
            "{}: found {:g}, allowed: -{} to {}".format(option, degrees, limit, limit)
        )
    return round(degrees * 1e7)
