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
    # Between bursts while nothing changes, and while something may.
    "idle_s": Int(1, 120, default=1),
    "quick_ms": Int(300, 5000, default=500),
    "burst": Int(3, 15, default=5),
    "idle_burst": Int(1, 15, default=3),
    # So long stands still what counts as a vehicle; less, settle_s, if it was seen to come.
    "dwell_s": Int(3, 60, default=20),
    "settle_s": Int(1, 10, default=2),
    "report_s": Int(60, 86400, default=3600),
}


def check(cfg):
    """What the schema cannot say: a list of errors of a config that satisfies SCHEMA."""
    if cfg["idle_burst"] > cfg["burst"]:
        return [
            "parking.idle_burst: found %d, allowed: 1 to %d (parking.burst)"
            % (cfg["idle_burst"], cfg["burst"])
        ]
    return []
