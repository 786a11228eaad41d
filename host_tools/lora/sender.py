"""What the test network's gateways send: each one frame at a time."""

from host_tools.lora.air import airtime_us


class Sender:
    """The frames down of all gateways of an air, planned ahead."""

    def __init__(self, air):
        self._air = air
        self._busy = []  # [(gateway, start_us, end_us)]

    def is_busy(self, gateway, start_us, us):
        """Whether a gateway sends anything in the `us` from start_us on."""
        for other, from_us, until_us in self._busy:
            if other is gateway and from_us < start_us + us and until_us > start_us:
                return True
        return False

    def transmit(self, gateway, start_us, frame, freq_hz, sf, bw_hz, dbm):
        """Puts a frame into the air, as soon as the gateway is free; gives its Transmission.

        One for a window that is late by this is lost, as it is with a real gateway.
        """
        us = airtime_us(sf, bw_hz, len(frame), False)
        self._busy = [it for it in self._busy if it[2] > self._air.now_us]
        while self.is_busy(gateway, start_us, us):
            start_us = min(it[2] for it in self._busy if it[0] is gateway and it[2] > start_us)
        self._busy.append((gateway, start_us, start_us + us))
        return self._air.transmit(gateway, start_us, frame, freq_hz, sf, bw_hz, dbm, True)
