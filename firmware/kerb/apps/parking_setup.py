"""What can be set of a parking sensor, and what each way to mount it means."""

from kerb.system.schema import Choice, Int, List, Obj

# Mount: (least gap between ground and vehicle in mm, and in permille of the way to the ground,
# nothing of a bay is nearer than this in mm, what comes has come at least so far in mm). People
# sway along the beam of a sensor on a post; across the beam of one above them.
MOUNTS = {
    "ceiling": (400, 0, 200, 30),
    "post": (150, 150, 250, 150),
    "kerb": (150, 150, 230, 150),
}
_BAY = {
    "mount": Choice(("ceiling", "post", "kerb"), default="ceiling"),
    # The tape's way to the ground; left out the bay learns it, from its first change on.
    "floor_mm": Int(300, 6000, default=None),
    # What is above the ground by less is no vehicle. Left out: by the mount.
    "vehicle_mm": Int(100, 2000, default=None),
}
SCHEMA = {
    "bays": List(Obj(_BAY), max_items=8, min_items=1),
    # Between bursts while nothing changes, and while something may. With more than half a minute
    # a part that dies would be believed for over a minute.
    "idle_s": Int(1, 30, default=1),
    "quick_ms": Int(300, 5000, default=500),
    "burst": Int(3, 15, default=5),
    "idle_burst": Int(1, 15, default=3),
    # So long stands still what counts as a vehicle; less, settle_s, if it was seen to come.
    "dwell_s": Int(3, 60, default=45),
    "settle_s": Int(1, 10, default=2),
    "report_s": Int(60, 86400, default=3600),
}


def check(cfg):
    """What the schema cannot say: a list of errors of a config that satisfies SCHEMA."""
    errors = []
    for key, least, most, by in (
        ("idle_burst", 1, cfg["burst"], "burst"),
        ("settle_s", 1, cfg["dwell_s"], "dwell_s"),
        ("quick_ms", 300, cfg["idle_s"] * 1000, "idle_s"),
    ):
        if cfg[key] > most:
            text = "parking.%s: found %d, allowed: %d to %d (parking.%s)"
            errors.append(text % (key, cfg[key], least, most, by))
    for number, bay in enumerate(cfg["bays"]):
        floor_mm, vehicle_mm = bay["floor_mm"], bay["vehicle_mm"]
        if floor_mm is None:
            continue
        gap_mm, permille, least_mm, _ = MOUNTS[bay["mount"]]
        # Between what is too near for a bay and what is too near the ground a vehicle needs room.
        if vehicle_mm is None:
            least_mm = max(least_mm + gap_mm, least_mm * 1000 // (1000 - permille)) + 1
            if floor_mm < least_mm:
                text = "parking.bays[%d].floor_mm: found %d, allowed: %d to 6000 (mount)"
                errors.append(text % (number, floor_mm, least_mm))
        elif vehicle_mm >= floor_mm - least_mm:
            text = "parking.bays[%d].vehicle_mm: found %d, allowed: less than %d (floor_mm, mount)"
            errors.append(text % (number, vehicle_mm, floor_mm - least_mm))
    return errors
