"""MicroPython's network module for the virtual board: a station whose link the world makes.

Sockets are the machine's own and don't know of this link: a test or the street that cuts the
network cuts the TCP path too, with a proxy of its own.
"""

from sim import chip
from sim.ap import (
    STAT_CONNECT_FAIL,
    STAT_CONNECTING,
    STAT_GOT_IP,
    STAT_IDLE,
    STAT_NO_AP_FOUND,
    STAT_WRONG_PASSWORD,
)

STA_IF = 0
AP_IF = 1

__all__ = [
    "AP_IF",
    "STAT_CONNECTING",
    "STAT_CONNECT_FAIL",
    "STAT_GOT_IP",
    "STAT_IDLE",
    "STAT_NO_AP_FOUND",
    "STAT_WRONG_PASSWORD",
    "STA_IF",
    "WLAN",
    "country",
    "hostname",
]

_names = ["XX", "kerb"]


def country(code=None):
    """The regulatory domain, two letters."""
    if code is None:
        return _names[0]
    if len(code) != 2 or not code.isalpha():
        raise ValueError("invalid country code")
    _names[0] = code


def hostname(name=None):
    """The name given to DHCP, up to 32 characters."""
    if name is None:
        return _names[1]
    if len(name) > 32:
        raise ValueError("hostname too long")
    _names[1] = name


class WLAN:
    """The station; an access point of our own (AP_IF) is not there."""

    IF_STA = STA_IF
    PM_NONE = 0
    PM_PERFORMANCE = 1
    PM_POWERSAVE = 2

    def __init__(self, interface=STA_IF):
        if interface != STA_IF:
            raise ValueError("the virtual board is a station only")
        self._ap = chip.current().network

    def active(self, is_active=None):
        """The radio's state, or sets it."""
        if is_active is None:
            return self._ap.active
        self._ap.activate(is_active)

    def connect(self, ssid=None, key=None, *, bssid=None):
        """Begins to connect; status() says what came of it. OSError while the radio is off."""
        if not self._ap.active:
            raise OSError("STA must be active")
        self._ap.join(ssid, key)

    def disconnect(self):
        """Gives the link up."""
        self._ap.leave()

    def isconnected(self):
        """True while there is a link with an address."""
        return self._ap.status == STAT_GOT_IP

    def status(self, param=None):
        """A STAT_ constant; status("rssi"): dBm."""
        if param is None:
            return self._ap.status
        if param == "rssi":
            return self._ap.rssi_dbm
        raise ValueError("unknown status param")

    def ifconfig(self):
        """(address, netmask, gateway, DNS server): the machine's own, but for the DNS server.

        That is what the world says, by default one that is not there: a name then finds nobody
        on any machine, while "localhost" and addresses work.
        """
        if not self.isconnected():
            return ("0.0.0.0", "0.0.0.0", "0.0.0.0", "0.0.0.0")
        return ("127.0.0.1", "255.0.0.0", "127.0.0.1", self._ap.dns)

    def config(self, param=None, **settings):
        """Reads "mac", "ssid", "pm", "channel" or "reconnects"; sets the last three."""
        ap = self._ap
        if param is not None:
            if param == "mac":
                return (b"\x02" + chip.current().unique_id)[:6]
            if param == "ssid":
                return ap.joined or ""
            if param == "pm":
                return ap.pm
            if param == "channel":
                return ap.tuned()
            if param == "reconnects":
                return ap.reconnects
            raise ValueError("unknown config param")
        for name, value in settings.items():
            if name == "pm":
                ap.pm = value
            elif name == "channel":
                ap.tune(value)
            elif name == "reconnects":
                ap.reconnects = value
            else:
                raise ValueError("unknown config param")
