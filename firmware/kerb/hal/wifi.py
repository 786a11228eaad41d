"""The Wi-Fi station."""

import network

_STATES = (
    ("STAT_IDLE", "idle"),
    ("STAT_CONNECTING", "connecting"),
    ("STAT_WRONG_PASSWORD", "wrong password"),
    ("STAT_NO_AP_FOUND", "no access point"),
    ("STAT_CONNECT_FAIL", "failed"),
    ("STAT_ASSOC_FAIL", "refused"),
    ("STAT_BEACON_TIMEOUT", "out of reach"),
    ("STAT_HANDSHAKE_TIMEOUT", "wrong password"),
    ("STAT_GOT_IP", "connected"),
)


class Station:
    """The board as a Wi-Fi client. The radio stays off until up().

    stays_on: somebody else needs the radio: down() leaves it on. awake: it does not sleep between
    the access point's beacons, which costs 0.1 W, and what comes for it waits for none of them.
    """

    def __init__(self):
        self._wlan = None
        self.stays_on = self.awake = False

    def up(self, ssid, psk, country=None):
        """Begins to connect, anew if it was connected or trying; status() says how it goes.

        psk: None for an open network. country: two letters, ISO 3166-1; None leaves the port's
        choice, which is the channels that are allowed everywhere. OSError when the radio does not
        start, ValueError when the port knows no such country.
        """
        if country and hasattr(network, "country"):
            network.country(country)  # heeded when the radio starts
        if self._wlan is None:
            self._wlan = network.WLAN(network.STA_IF)
        wlan = self._wlan
        wlan.active(True)
        if self.awake and hasattr(wlan, "PM_NONE"):
            wlan.config(pm=wlan.PM_NONE)
        try:
            wlan.disconnect()  # the ESP32 refuses to connect while it tries to
        except OSError:
            pass
        wlan.connect(ssid, psk)

    def down(self):
        """Gives the link up, and switches the radio off where nobody else needs it."""
        if self._wlan is None:
            return
        if self.stays_on:
            self._wlan.disconnect()
        else:
            self._wlan.active(False)

    def off(self):
        """Takes the power off the radio, where that is more than down().

        With a Pico W's goes its LED, which hangs on the radio chip, until it is used again.
        """
        self.down()
        if hasattr(self._wlan, "deinit"):
            self._wlan.deinit()

    def connected(self):
        """True while there is a link with an address."""
        return self._wlan is not None and self._wlan.isconnected()

    def dns_server(self):
        """The address of the network's DNS server, or None."""
        if not self.connected():
            return None
        server = self._wlan.ifconfig()[3]
        return server if server and server != "0.0.0.0" else None

    def broadcast(self):
        """The address by which all on the same network are reached, or None without a link."""
        if not self.connected():
            return None
        address, mask = [
            [int(part) for part in text.split(".")] for text in self._wlan.ifconfig()[:2]
        ]
        return ".".join([str(a | 255 - m) for a, m in zip(address, mask)])

    def rssi_dbm(self):
        """Signal strength at the board, or None without a link."""
        if not self.connected():
            return None
        try:
            return self._wlan.status("rssi")
        except (OSError, ValueError):  # lost this moment; or a port that can't say
            return None

    def status(self):
        """How it stands, in words for a technician."""
        if self._wlan is None:
            return "off"
        status = self._wlan.status()
        for name, word in _STATES:
            if getattr(network, name, None) == status:
                return word
        return "status %s" % status
