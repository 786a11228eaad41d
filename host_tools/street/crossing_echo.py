"""What a 24 GHz radar with one transmitter and two receivers hears of the bodies around it.

Range: a sweep of 250 MHz (the LD2450's sheet) resolves c/2B = 0.6 m. Two bodies closer than that
with the same Doppler are one echo, at a place between or beside them: two receivers find one
angle, that of the sum (glint).

Angle: sin(angle) = phase / (2 pi d / wavelength) repeats beyond the spacing's limit. Users saw
persons at 60 to 65 degrees shown at -45 to -65 (EverythingSmartHome/everything-presence-lite
#228), which is what d = 0.57 wavelengths, a limit of 62 degrees, does: 65 becomes -59, 80 -51.
So whoever stands beyond is mirrored *into* the view. An error of phase counts 1/cos(angle).

Level: r^-4, an element's cosine pattern, Swerling 1 fading from frame to frame, and 15 dB of an
adult (-5 dBsm) at 6 m ahead, so that the sheet's 6 m is where seven frames in ten still show him.
A 24 GHz radar at rest keeps what moves: who stands is heard by his fidgets (issues of users and
Screek's FAQ: lost when he sits still), who moves across by his limbs.
"""

import math

from host_tools.street.crossing_site import odds

LIMIT = math.sin(math.radians(62))  # sin of the angle from which on it repeats
_NOISE_U = 0.28  # sin(angle) for an echo as loud as the noise: 1 / (2 pi 0.57)
_NOISE_M = 0.35
_AT_6_M_DB = 15.0
_ADULT_DBSM = -5.0
_THRESHOLD = 9.2  # of the power against noise: one false alarm in 10,000 looks
_CELL_M, _CELL_MPS = 0.5, 0.25
_LOOK_M = 6.3  # the firmware shows nothing from farther away
_NEAR_M = 0.25
_STILL_MPS, _STILL_DB = 0.12, 17.0
_ACROSS_MPS, _ACROSS_DB = 0.2, 5.0
_FIDGET_DB = 4.0
_HIDDEN_DB = 12.0
_BACK_DB, _PLATE_DB = 22.0, 25.0
_TWICE_DB, _GLASS_DB = 25.0, 16.0  # the first at 1 m: 10 lg(0.5 / (4 pi)^2)
_WET_DB = {"dry": 0.0, "rain": 2.0, "downpour": 4.0}
_WANDER_M = 0.09


class Echo:
    """range_m, u = sin(angle) to the radar's right as measured, speed_mps (away is positive),
    power against noise; body: whose it is (None: nobody's).
    """

    __slots__ = ("body", "power", "range_m", "speed_mps", "u")

    def __init__(self, range_m, u, speed_mps, power, body):
        self.range_m, self.u, self.speed_mps, self.power = range_m, u, speed_mps, power
        self.body = body


def wrapped(u):
    """Give what an angle's sine is read as: in -LIMIT..LIMIT."""
    return (u + LIMIT) % (2 * LIMIT) - LIMIT


def level_db(range_m, cosine):
    """Give the power against noise, in dB, of 0 dBsm at that range and angle."""
    # (cos)^1.6 a way: -10 dB both ways at 60 degrees, the edge that the sheet gives.
    pattern = 32 * math.log10(max(0.02, cosine))
    return _AT_6_M_DB - _ADULT_DBSM + 40 * math.log10(6 / max(_NEAR_M, range_m)) + pattern


class Hearing:
    """One radar at `site` in `weather` (dry, rain, downpour). `chance` is its own."""

    def __init__(self, site, weather, chance):
        self._site = site
        self._chance = chance
        self._lost_db = _WET_DB[weather]
        # Each part's own error of phase, and how its noise floor came out.
        self._tilt = chance.gauss(0, 0.025)
        self._lost_db += abs(chance.gauss(0, 1.5))
        self._wander = {}

    def echoes(self, now_s, bodies):
        """Give the Echoes of one frame; bodies: [(Body, (x, y, vx, vy))] in the street's."""
        chance = self._chance
        raw = []
        for body, place in bodies:
            self._sources(now_s, body, place, raw)
        self._hide(raw)
        raw.sort(key=lambda it: it[0])
        found = []
        while raw:
            cell = [raw.pop(0)]
            while raw and raw[0][0] - cell[0][0] < _CELL_M:
                if abs(raw[0][2] - cell[0][2]) < _CELL_MPS:
                    cell.append(raw.pop(0))
                else:
                    break
            power = sum(it[3] for it in cell)
            if power < _THRESHOLD:
                continue
            range_m = sum(it[0] * it[3] for it in cell) / power
            speed = sum(it[2] * it[3] for it in cell) / power
            u = cell[0][1] if len(cell) == 1 else self._glint(cell)
            body = max(cell, key=lambda it: it[3])[4]
            wide = 4 if odds(chance, 0.01) else 1  # now and then one is far off
            u += self._tilt + chance.gauss(0, wide * _NOISE_U / math.sqrt(power))
            range_m += chance.gauss(0, _NOISE_M / math.sqrt(power))
            if _NEAR_M < range_m < _LOOK_M:
                found.append(Echo(range_m, wrapped(u), speed, power, body))
        return found

    def _glint(self, cell):
        """The angle of a sum of echoes whose phases are by chance: maybe beside them all."""
        re = im = u_re = u_im = 0.0
        for _, u, _, power, *_ in cell:
            phase = self._chance.uniform(0, 2 * math.pi)
            amount = math.sqrt(power)
            re, im = re + amount * math.cos(phase), im + amount * math.sin(phase)
            u_re += u * amount * math.cos(phase)
            u_im += u * amount * math.sin(phase)
        u = (u_re * re + u_im * im) / max(1e-9, re * re + im * im)
        us = [it[1] for it in cell]
        return min(max(us) + 0.15, max(min(us) - 0.15, u))

    def _sources(self, now_s, body, place, raw):
        site, chance = self._site, self._chance
        x, y, vx, vy = place
        right, ahead = site.to_radar(x, y)
        flat = math.hypot(right, ahead)
        if flat > 12:
            return
        range_m = max(_NEAR_M, math.sqrt(flat * flat + site.above_m * site.above_m))
        away_right, away_ahead = site.to_radar(x + vx, y + vy)
        speed = ((away_right - right) * right + (away_ahead - ahead) * ahead) / range_m
        u, cosine = right / range_m, abs(ahead) / range_m
        db = body.rcs_dbsm + level_db(range_m, cosine) - self._lost_db
        if ahead < 0:
            # The back lobe: what is behind looks as if it were in front.
            db -= _BACK_DB + (_PLATE_DB if site.shielded else 0)
        db -= self._slow_db(now_s, body, math.hypot(vx, vy), speed)
        if db < -10:
            return
        # What scatters wanders over the body from frame to frame, and slowly.
        drift = self._wander.get(body, (0.0, 0.0))
        size = _WANDER_M * body.half_m / 0.25
        drift = tuple(0.7 * it + chance.gauss(0, 0.7 * size) for it in drift)
        self._wander[body] = drift
        r, s = range_m + drift[0], u + drift[1] / range_m
        # Limbs: the strongest line is not always the trunk's.
        v = speed + chance.gauss(0, 0.1 * math.hypot(vx, vy) + 0.02)
        power = 10 ** (db / 10)
        raw.append([r, s, v, power * chance.expovariate(1), body, True])
        # Back to the pole, and once more: half a square metre of pole and housing.
        twice_db = db - _TWICE_DB - 40 * math.log10(range_m)
        if range_m < _LOOK_M / 2 and twice_db > 0:
            again = 10 ** (twice_db / 10) * chance.expovariate(1)
            raw.append([2 * r, s, 2 * v, again, None, False])
        if site.glass and y < site.depth_m:
            self._mirror(place, power, raw)

    def _mirror(self, place, power, raw):
        """A way over the front of glass: out straight and back by it, or the other way round."""
        site, chance = self._site, self._chance
        x, y, vx, vy = place
        right, ahead = site.to_radar(x, 2 * site.depth_m - y)
        far = math.hypot(right, ahead)
        near = math.hypot(*site.to_radar(x, y))
        if ahead <= 0 or (far + near) / 2 > _LOOK_M:
            return
        turned_right, turned_ahead = site.to_radar(x + vx, 2 * site.depth_m - y - vy)
        speed = ((turned_right - right) * right + (turned_ahead - ahead) * ahead) / far
        weak = 10 ** (-_GLASS_DB / 10) * (near / far) ** 2 * chance.expovariate(1)
        raw.append([(far + near) / 2, right / far, speed, power * weak, None, False])

    def _slow_db(self, now_s, body, speed, radial):
        if speed >= _STILL_MPS:
            return _ACROSS_DB if abs(radial) < _ACROSS_MPS else 0.0
        chance = self._chance
        if now_s >= body.next_fidget_s:
            body.fidgets_until_s = now_s + chance.uniform(0.3, 1.2)
            body.next_fidget_s = body.fidgets_until_s + chance.expovariate(1 / 3.5)
        return _FIDGET_DB if now_s < body.fidgets_until_s else _STILL_DB

    def _hide(self, raw):
        """Take from who is behind somebody."""
        real = [it for it in raw if it[5]]
        for far in real:
            for near in real:
                if near[0] < far[0] - 0.3 and near[4] is not far[4]:
                    if abs(near[1] - far[1]) < near[4].half_m / near[0]:
                        far[3] *= 10 ** (-_HIDDEN_DB / 10)
                        break
