"""Which echoes come back from a floor, a car or a person: ranges and levels in dB.

Two-dimensional, in the upright plane of the beam's axis; across it only curvature and offset
count. Levels are relative to a large mirror square on the axis at the same range (image source,
amplitude 1/2r). Sound of 40 kHz sees three kinds of thing:

- a smooth convex panel: heard only where one of its points faces the part; a radius R costs
  10 lg(R / (R + r)) in each plane. A flat slanted panel faces elsewhere and is not heard.
- a rounded corner: the same with its small radius; faces all directions between its neighbours.
- a rough floor: what stays coherent, exp(-(2 k s)^2) of the power for a roughness s in normal
  incidence (Rayleigh), and the rest scattered by Lambert's law from the ring or strip that one
  pulse lights at once (8 cycles).

Left out: shadows of one panel on another, diffraction from straight sharp edges except as a
10 mm corner, resonances, movement during a ping (Doppler, below one period).
"""

import itertools
import math

WAVELENGTH_M = 0.0086
_PULSE_M = 0.034  # half of eight cycles
_STEPS = 10


def panel_echoes(points, bend_m, crown_m, edge_m, eye):
    """Give (range_m, level_db, direction) of each echo of a polyline whose outside is on its left
    walking along it (up the front, over the roof); `eye` is the part's place (x, z), `direction`
    the angle from it to the echo's origin, from the x axis.
    """
    found = []
    ends = []
    for (x0, z0), (x1, z1) in itertools.pairwise(points):
        length = math.hypot(x1 - x0, z1 - z0)
        facing = math.atan2(x1 - x0, -(z1 - z0))  # the normal, on the left
        half_turn = length / (2 * bend_m)
        before = None
        for step in range(_STEPS + 1):
            u = step / _STEPS
            x, z = x0 + u * (x1 - x0), z0 + u * (z1 - z0)
            off = _wrap(math.atan2(eye[1] - z, eye[0] - x) - (facing + half_turn * (1 - 2 * u)))
            if before is not None and before[0] * off <= 0 and abs(before[0] - off) < 1:
                share = before[0] / (before[0] - off) if before[0] != off else 0.5
                x = before[1] + share * (x - before[1])
                z = before[2] + share * (z - before[2])
                found.append(_curved(eye, x, z, bend_m, crown_m))
                break
            before = (off, x, z)
        ends.append((facing + half_turn, facing - half_turn))
    for at in range(1, len(points) - 1):
        x, z = points[at]
        to_eye = math.atan2(eye[1] - z, eye[0] - x)
        first, last = ends[at - 1][1], ends[at][0]
        turn = _wrap(last - first)
        if turn < 0 and 0 >= _wrap(to_eye - first) >= turn:
            found.append(_curved(eye, x, z, edge_m, crown_m))
    return found


def _wrap(angle):
    return (angle + math.pi) % (2 * math.pi) - math.pi


def _curved(eye, x, z, bend_m, crown_m):
    away = math.hypot(x - eye[0], z - eye[1])
    level = curved_db(bend_m, away) + curved_db(crown_m, away)
    return away, level, math.atan2(z - eye[1], x - eye[0])


def curved_db(radius_m, away_m):
    """Give what a convex curve in one plane takes from a mirror's echo: a negative level in dB."""
    return 10 * math.log10(radius_m / (radius_m + away_m))


def roughness(rough_m):
    """Give (coherent loss in dB, incoherent share) of a surface of that r.m.s. roughness."""
    phase = 4 * math.pi * rough_m / WAVELENGTH_M
    coherent = math.exp(-(phase**2))
    return -10 * math.log10(max(coherent, 1e-9)), 1 - coherent


def floor_mirror_db(rough_m):
    """Give the level of the floor's mirror echo, from straight below the part."""
    return -roughness(rough_m)[0]


def floor_scatter_db(range_m, slant, rough_m, beam_deg):
    """Give the level of the floor's scattered echo where the beam's axis meets it at `slant`
    radians off the perpendicular.
    """
    share = roughness(rough_m)[1]
    wide = 2 * range_m * math.tan(math.radians(beam_deg))
    deep = min(wide, _PULSE_M / max(math.sin(slant), 0.05))
    power = 4 * range_m**2 * share / math.pi * math.cos(slant) ** 2 * wide * deep / range_m**4
    return 10 * math.log10(max(power, 1e-9))
