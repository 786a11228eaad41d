"""Shapes of cars as seen from the side and from the end, for the echoes that they send back.

Each is a polyline of (x, z) in metres from the nose at x = 0, or of (y, z) from the flank at
y = 0. Sheet metal and glass are smooth at 40 kHz (wavelength 8.6 mm), so panels are mirrors,
slightly convex; corners are rounded. Heights, lengths and slopes are typical of the class
(bonnets 4 to 10 degrees, windscreens 26 to 32 degrees from level, vans' tails near upright;
lengths and heights lie within makers' published dimensions). The shares of the classes are round
figures for a European street; nothing finer is claimed. Mirrors, roof bars and open doors are
left out.
"""

from typing import NamedTuple


class Body(NamedTuple):
    """A class of car. `side` is its profile up to the roof, `flank` its cross-section; `bend_m` is
    the radius of a panel in the profile's plane, `crown_m` across it, `edge_m` that of a corner.
    """

    name: str
    share: float
    side: tuple
    flank: tuple
    half_width_m: float
    bend_m: float
    crown_m: float
    edge_m: float


def _flank(sill, belt, roof, inward):
    """Cross-section from the sill to the roof's middle."""
    return (
        (0.08, sill),
        (0.0, sill + 0.12),
        (0.0, belt - 0.15),
        (0.05, belt),
        (inward, roof - 0.06),
        (0.88, roof),
    )


BODIES = (
    Body(
        "hatchback",
        *(0.30, ((0, 0.25), (0, 0.60), (0.12, 0.74), (0.95, 0.95), (1.75, 1.42), (2.4, 1.47))),
        *(_flank(0.20, 0.92, 1.46, 0.30), 0.87, 4, 3.5, 0.08),
    ),
    Body(
        "saloon",
        *(0.18, ((0, 0.22), (0, 0.58), (0.12, 0.70), (1.25, 0.95), (2.05, 1.41), (2.6, 1.44))),
        *(_flank(0.18, 0.90, 1.43, 0.34), 0.90, 5, 4, 0.08),
    ),
    Body(
        "sport utility",
        *(0.32, ((0, 0.30), (0, 0.75), (0.10, 0.92), (1.05, 1.08), (1.70, 1.60), (2.3, 1.66))),
        *(_flank(0.28, 1.05, 1.66, 0.24), 0.92, 5, 4.5, 0.10),
    ),
    Body(
        "van",
        *(0.10, ((0, 0.30), (0, 0.80), (0.10, 1.00), (0.60, 1.15), (1.20, 1.80), (1.9, 1.93))),
        *(_flank(0.28, 1.10, 1.93, 0.10), 0.98, 8, 7, 0.08),
    ),
    Body(
        "sports car",
        *(0.04, ((0, 0.15), (0, 0.45), (0.12, 0.56), (1.35, 0.85), (2.25, 1.20), (2.7, 1.24))),
        *(_flank(0.14, 0.78, 1.23, 0.42), 0.93, 2.5, 2.5, 0.10),
    ),
    Body(
        "pick-up",
        *(0.06, ((0, 0.40), (0, 0.85), (0.08, 1.05), (1.15, 1.18), (1.75, 1.72), (2.3, 1.78))),
        *(_flank(0.38, 1.15, 1.78, 0.26), 0.94, 6, 5, 0.06),
    ),
)

# The rest of the profile, from the roof's end to the tail.
_TAILS = {
    "hatchback": ((3.2, 1.42), (3.85, 0.98), (4.0, 0.62), (4.0, 0.28)),
    "saloon": ((3.35, 1.38), (4.05, 1.06), (4.55, 1.02), (4.70, 0.85), (4.72, 0.30)),
    "sport utility": ((3.8, 1.60), (4.35, 1.10), (4.45, 0.75), (4.45, 0.35)),
    "van": ((4.6, 1.92), (4.85, 1.85), (4.9, 0.6), (4.9, 0.32)),
    "sports car": ((3.1, 1.20), (4.0, 0.92), (4.35, 0.86), (4.4, 0.40)),
    "pick-up": ((3.3, 1.74), (3.5, 1.12), (3.52, 0.72), (5.0, 0.72), (5.02, 1.1), (5.25, 0.5)),
}


def profile(body, backwards=False):
    """Give the whole side profile; `backwards` for a car that reversed in: its tail at x = 0."""
    points = body.side + _TAILS[body.name]
    if backwards:
        length_m = points[-1][0]
        points = tuple((length_m - x, z) for x, z in reversed(points))
    return points


def length_m(body):
    return max(x for x, _ in _TAILS[body.name])
