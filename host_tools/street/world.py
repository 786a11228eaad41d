"""The simulated street as pure arithmetic: its place, its time and its sky.

No sockets and no tasks here. Everything is simulated and none of it random: the same time and
place always give the same sky and sensor voltage. What hangs on the pole is in pole.py.
"""

import io
import math
import struct
import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from host_tools.street import sun

_SWITCH_LUX = 20  # street photocells switch at 10 to 70 lux
_SWITCH_MV = 400
_MV_PER_DECADE = 550  # so that full daylight gives 2.4 V
_SENSOR_MAX_MV = 3000


def posix_zone(text):
    """Give a tzinfo for a POSIX TZ string such as "KST-9" or "CET-1CEST,M3.5.0,M10.5.0/3".

    Python reads such rules only as the footer of a zone file (RFC 8536), so one is made up round
    it. Raises ValueError where the string is no rule.
    """
    try:
        footer = text.encode("ascii")
    except UnicodeEncodeError:
        raise ValueError("time zone {!r}: only ASCII is allowed".format(text)) from None
    counts = struct.pack(">6l", 0, 0, 0, 0, 1, 4)
    block = b"TZif2" + bytes(15) + counts + struct.pack(">lbb", 0, 0, 0) + b"UTC\0"
    try:
        zone = ZoneInfo.from_file(io.BytesIO(block + block + b"\n" + footer + b"\n"), key=text)
        datetime(2026, 1, 1, tzinfo=zone).utcoffset()
    except ValueError as error:
        raise ValueError("time zone {!r}: {}".format(text, error)) from None
    if not footer or b"\n" in footer:
        raise ValueError("time zone {!r}: expected a POSIX rule such as KST-9".format(text))
    return zone


class Site:
    """Where the street is: degrees north and east, and a POSIX time zone string."""

    def __init__(self, lat_deg, lon_deg, tz):
        if not -90 <= lat_deg <= 90:
            raise ValueError("latitude {}: allowed -90 to 90".format(lat_deg))
        if not -180 <= lon_deg <= 180:
            raise ValueError("longitude {}: allowed -180 to 180".format(lon_deg))
        self.lat_deg = lat_deg
        self.lon_deg = lon_deg
        self.tz = tz
        self.zone = posix_zone(tz)

    def __str__(self):
        north = "N" if self.lat_deg >= 0 else "S"
        east = "E" if self.lon_deg >= 0 else "W"
        return "{:.2f} {} {:.2f} {}".format(abs(self.lat_deg), north, abs(self.lon_deg), east)

    def local(self, utc):
        """Give the street's wall time for an aware UTC time."""
        return utc.astimezone(self.zone)

    def sunrise_and_sunset(self, utc):
        """Give (sunrise, sunset) in UTC of the local day at `utc`; None where there is none."""
        noon = self.local(utc).replace(hour=12, minute=0, second=0, microsecond=0).astimezone(UTC)
        return tuple(
            sun.crossing(noon, self.lat_deg, self.lon_deg, rising) for rising in (True, False)
        )


class StreetClock:
    """The street's true time: runs like real time, and can be set to any moment."""

    def __init__(self, utc, monotonic=time.monotonic):
        self._monotonic = monotonic
        self.set(utc)

    def set(self, utc):
        """Move to an aware UTC time."""
        self._utc = utc
        self._at_s = self._monotonic()

    def now(self):
        """Give the aware UTC time."""
        return self._utc + timedelta(seconds=self._monotonic() - self._at_s)


class Sky:
    """The sun and the ambient light over a site."""

    def __init__(self, site, clock):
        self.site = site
        self.clock = clock

    def elevation_deg(self):
        return sun.elevation_deg(self.clock.now(), self.site.lat_deg, self.site.lon_deg)

    def sensor_mv(self):
        """Give what the light sensor reads now, in mV."""
        return sensor_mv(sun.sky_lux(self.elevation_deg()))

    def words(self):
        """Name the brightness: "daylight", "twilight" (sun down, above -6 degrees) or "dark"."""
        elevation = self.elevation_deg()
        if elevation > 90 - sun.SUNSET_ZENITH_DEG:
            return "daylight"
        return "twilight" if elevation > 90 - sun.CIVIL_ZENITH_DEG else "dark"


def sensor_mv(lux):
    """Give the voltage of the simulated light sensor, a logarithmic one, in whole mV.

    It looks at the sky: the lamp's own light does not reach it.
    """
    decades = math.log10(max(lux, 1e-3) / _SWITCH_LUX)
    return max(0, min(_SENSOR_MAX_MV, round(_SWITCH_MV + _MV_PER_DECADE * decades)))
