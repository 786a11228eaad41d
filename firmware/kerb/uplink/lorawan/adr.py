"""Adaptive data rate, the device's half: the way back when the network is silent."""

from micropython import const

_LIMIT = const(64)  # ADR_ACK_LIMIT (RP002-1.0.4 2.3)
_DELAY = const(32)  # ADR_ACK_DELAY


class Adr:
    """Counts uplinks that nothing came back for, and backs off (TS001-1.0.4 4.3.1.1, table 9).

    After 64 of them `ack_req` asks the network to answer; after 96 the power goes to its default,
    after 128 and every 32 from there the data rate down by one, and 32 after it has arrived at
    the lowest there is one transmission a frame on all default channels. It acts on the plan.

    on: whether the network may set the data rate and power (the ADR bit of each uplink). While it
    is off nothing is counted. count: uplinks so far, for a device that sleeps by reset to keep.
    """

    def __init__(self, plan, on=True, count=0):
        self._plan = plan
        self.on = on
        self.count = count
        self.ack_req = on and count >= _LIMIT

    def sent(self):
        """A new uplink (not a repetition) is over; the plan may be another for the next one."""
        if not self.on:
            self.heard()
            return
        self.count += 1
        self.ack_req = self.count >= _LIMIT
        late = self.count - _LIMIT - _DELAY
        if late < 0 or late % _DELAY:
            return
        plan = self._plan
        plan.power = 0
        if not late:
            return
        dr = plan.dr - 1
        if plan.max_payload(dr):
            plan.dr = dr
            if plan.channels(dr):
                return
        else:
            plan.nb_trans = 1
        # At the end of the way, or no channel in use has the data rate.
        plan.default_channels()

    def heard(self):
        """A class A downlink came: the network hears us."""
        self.count = 0
        self.ack_req = False
