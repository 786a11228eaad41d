"""The sun by an ephemeris, with pyerfa: a second opinion beside NOAA's equations."""

from math import floor, pi

import erfa
import numpy as np

_JD_2000 = 2451544.5
# TT - UT1 in s, as observed until 2026 (IERS) and as it then goes on if nothing changes.
_TT_DAYS = (0, 3653, 7305, 9497, 14610)
_TT_S = (63.8, 66.1, 69.4, 69.1, 71.0)


class Ephemeris:
    """The apparent sun by pyerfa: what noaa.Sun takes as `position`, for days of the table.

    IAU 2006/2000A precession and nutation, epv00 with aberration; UT1 is taken as UTC (0.9 s).
    Made at every quarter of a day, in between by Lagrange's polynomial through six points.
    """

    def __init__(self, first, last):
        self._first = first - 2
        day = self._first + np.arange((last - first + 4) * 4) / 4
        tt = day + np.interp(day, _TT_DAYS, _TT_S) / 86400
        heliocentric, barycentric = erfa.epv00(_JD_2000, tt)
        sun = -heliocentric["p"]
        sun /= np.linalg.norm(sun, axis=1)[:, None]
        sun += barycentric["v"] / (erfa.DAYSEC / erfa.AULT)
        sun /= np.linalg.norm(sun, axis=1)[:, None]
        x, y, z = np.einsum("nij,nj->ni", erfa.pnm06a(_JD_2000, tt), sun).T
        hour_angle = erfa.gst06a(_JD_2000, day, _JD_2000, tt) - np.arctan2(y, x)
        equation = (hour_angle - 2 * pi * day) % (2 * pi) - pi
        self._rows = list(zip(np.arcsin(z).tolist(), (equation * 720 / pi).tolist()))

    def __call__(self, day):
        at = (day - self._first) * 4
        k = floor(at)
        u = at - k
        # Products of (u - j) for the six points j = -2..3, over those of their distances.
        p = [u + 2, u + 1, u, u - 1, u - 2, u - 3]
        below, above = p[0] * p[1] * p[2], p[3] * p[4] * p[5]
        weights = (
            p[1] * p[2] * above / -120,
            p[0] * p[2] * above / 24,
            p[0] * p[1] * above / -12,
            below * p[4] * p[5] / 12,
            below * p[3] * p[5] / -24,
            below * p[3] * p[4] / 120,
        )
        rows = self._rows[k - 2 : k + 4]
        declination = sum(w * row[0] for w, row in zip(weights, rows))
        return declination, sum(w * row[1] for w, row in zip(weights, rows))
