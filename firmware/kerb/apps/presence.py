"""Light for whoever is there: raised when somebody is seen, and let fall after a hold time.

Seen by the lamp's own sensor, or by a neighbour's, whose word comes in a message (see
kerb.uplink.peer): the neighbours within `reach` places on the same street raise too, so that the
light is ahead of the walker, whichever way he goes.
"""

from kerb.system.allowance import Allowance
from kerb.system.schema import Int, Obj, Str
from micropython import const

SCHEMA = {
    # Left out, there is no sensor and nobody's word counts.
    "presence": Obj(
        {
            "level_permille": Int(1, 1000, default=1000),
            "hold_s": Int(10, 3600, default=60),
            # The lamp's place in its row, counted along the street. Without: it works alone.
            "street": Str(1, 24, default=None),
            "position": Int(0, 65535, default=None),
            "reach": Int(0, 10, default=2),
            # Above it the lamp is not let fall until there is room for another raise.
            "max_raises_h": Int(2, 360, default=60),
            # A sensor that sees somebody without a pause for so long is broken.
            "stuck_s": Int(600, 86400, default=7200),
        },
        optional=True,
    ),
}

KIND = const(1)  # of the message
_TELL_EVERY_S = const(4)
_TELL_AGAIN_S = const(2)
_HOUR_S = const(3600)


def check(cfg):
    """What the schema cannot say: a list of errors of a config that satisfies SCHEMA."""
    it = cfg["presence"]
    if not it:
        return []
    if (it["street"] is None) != (it["position"] is None):
        return ["light.presence: found one of street and position, allowed: both or none"]
    return []


class Presence:
    """The pure part; `cfg` is what stands under "presence", or None: then nothing is raised.

    `stuck` says that the sensor saw somebody for stuck_s without a pause. It is not believed then
    until it has seen nobody for the hold time.

    A lamp that is raised in a night as often as allowed stays raised, instead of falling only to
    be raised again: at most max_raises_h raises in any hour, and none that is asked for is missed.
    """

    def __init__(self, cfg):
        self._cfg = cfg
        self.stuck = False
        self._until_s = -1
        self._active_since_s = None
        self._quiet_since_s = 0
        self._told_s = -_HOUR_S
        self._raised = False
        if cfg:
            most = cfg["max_raises_h"] // 2
            # Together they bound the raises of any hour: these at once, the others one by one.
            self._raises = Allowance(most, -(-_HOUR_S // (cfg["max_raises_h"] - most)))

    def look(self, uptime_s, active):
        """Takes what the lamp's own sensor says; call it each second. None: there is none."""
        cfg = self._cfg
        if not cfg or active is None:
            return
        if not active:
            if self._active_since_s is not None:
                self._active_since_s = None
                self._quiet_since_s = uptime_s
            if self.stuck and uptime_s - self._quiet_since_s >= cfg["hold_s"]:
                self.stuck = False
            return
        if self._active_since_s is None:
            self._active_since_s = uptime_s
        if uptime_s - self._active_since_s >= cfg["stuck_s"]:
            self.stuck = True
        if not self.stuck:
            self.seen(uptime_s)

    def seen(self, uptime_s, ago_s=0):
        """Somebody is here now, or was seconds ago; False when that is no reason for light."""
        if not self._cfg or ago_s >= self._cfg["hold_s"]:
            return False
        self._until_s = max(self._until_s, uptime_s + self._cfg["hold_s"] - ago_s)
        return True

    def level(self, uptime_s, level_permille):
        """The level that is wanted without presence, raised if somebody is here; never lowered.

        To be asked at night only: by day nobody needs to be lit.
        """
        cfg = self._cfg
        if not cfg or level_permille >= cfg["level_permille"]:
            return level_permille
        left = self._raises.left(uptime_s)
        if uptime_s < self._until_s:
            if not self._raised:
                self._raised = True
                self._raises.spend()
        elif left:
            self._raised = False
        return cfg["level_permille"] if self._raised else level_permille

    def message(self, uptime_s):
        """The payload to send to the neighbours, of KIND, or None while there is nothing to say.

        At once when somebody comes, and every 4 s while he is there; call it after look().
        """
        cfg = self._cfg
        since_s = self._active_since_s
        if not cfg or cfg["position"] is None or since_s is None or self.stuck:
            return None
        quiet_s = uptime_s - self._told_s
        if quiet_s < _TELL_AGAIN_S or (self._told_s >= since_s and quiet_s < _TELL_EVERY_S):
            return None
        self._told_s = uptime_s
        return self._place(cfg["position"])

    def heard(self, uptime_s, payload):
        """Takes a neighbour's message of KIND; True when it is of this lamp's concern."""
        cfg = self._cfg
        if not cfg or cfg["position"] is None or len(payload) < 3:
            return False
        position = payload[0] << 8 | payload[1]
        if abs(position - cfg["position"]) > cfg["reach"] or payload != self._place(position):
            return False
        self.seen(uptime_s)
        return True

    def _place(self, position):
        return bytes((position >> 8, position & 255)) + self._cfg["street"].encode()
