"""The Wi-Fi around the board: one access point, and the board's station as the rp2 port has it."""

STAT_IDLE = 0
STAT_CONNECTING = 1
STAT_GOT_IP = 3
STAT_CONNECT_FAIL = -1
STAT_NO_AP_FOUND = -2
STAT_WRONG_PASSWORD = -3


class AccessPoint:
    """What the world can set, and the state of the board's station.

    ssid, psk: None lets any in. rssi_dbm: at the board. connect_ms: until the address is there.
    dns: the address of the DNS server that the board is told, "0.0.0.0" for none.
    channel: its own; the board's radio follows it, as in an ESP32.
    A link that is lost stays lost until the board connects again.

    pm, reconnects: what the board has set; the virtual radio heeds neither.
    """

    def __init__(self, world):
        self.world = world
        self.ssid = None
        self.psk = None
        self.rssi_dbm = -60
        self.connect_ms = 1500
        self.dns = "192.168.4.1"
        self.up = True
        self.channel = 6
        self.pm = 1
        self.reconnects = -1
        self._tuned = 1
        self.active = False
        self.status = STAT_IDLE
        self.joined = None
        self._event = None

    def set_up(self, up):
        """Switches the access point on or off; off cuts the link at once."""
        self.up = bool(up)
        if not self.up and self.status == STAT_GOT_IP:
            self._become(STAT_IDLE)

    def activate(self, active):
        """The board's radio on or off."""
        self.active = bool(active)
        if not self.active:
            self.leave()

    def tuned(self):
        """The channel on which the board's radio is."""
        return self._tuned

    def hears(self, channel):
        """Whether it hears what is sent there: not while it is off, nor while it looks around."""
        return self.active and self.status != STAT_CONNECTING and channel == self._tuned

    def tune(self, channel):
        """The board puts its radio to another channel; OSError while it may not."""
        if not self.active or self.status in (STAT_CONNECTING, STAT_GOT_IP):
            raise OSError("Wifi Internal State Error")
        if not 1 <= channel <= 14:
            raise RuntimeError("Wifi Unknown Error 0x0102")
        self._tuned = channel

    def join(self, ssid, key):
        """The board asks for a link; how it ends shows connect_ms later."""
        self.leave()
        self._become(STAT_CONNECTING)
        self.joined = ssid
        self._tuned = 13  # it looks on one after the other
        clock = self.world.clock
        self._event = clock.after(self.connect_ms * 1000, self._decide, ssid, key)

    def leave(self):
        """The board gives the link up."""
        self.world.clock.cancel(self._event)
        self._become(STAT_IDLE)

    def board_reset(self):
        """The board starts again with its radio off."""
        self.activate(False)

    def _decide(self, ssid, key):
        if self.up:
            self._tuned = self.channel
        if not self.up or (self.ssid is not None and ssid != self.ssid):
            self._become(STAT_NO_AP_FOUND)
        elif self.psk is not None and key != self.psk:
            self._become(STAT_WRONG_PASSWORD)
        else:
            self._become(STAT_GOT_IP)

    def _become(self, status):
        if status != self.status:
            self.status = status
            self.world.tell("wlan", status == STAT_GOT_IP, status)
