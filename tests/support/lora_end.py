"""A plain EU868 end-device for tests of the network: it does as it is told, in explicit times."""

from host_tools.lora import packets
from host_tools.lora.air import symbol_us
from host_tools.lora.regions import REGIONS

_LONG_US = 4_000_000


class End:
    """`now_us` goes on with each frame; `window`: 1 or 2, where the last answer came."""

    def __init__(self, air, dev_eui, join_eui, app_key, metres=500):
        self.air = air
        self.node = air.node(metres)
        self.ids = join_eui, dev_eui
        self.app_key = app_key
        self.region = REGIONS["EU868"]
        self.keys = self.dev_addr = self.window = None
        self.now_us = 0
        self.nonce = 0
        self.fcnt = 0
        self.fcnt_down = 0
        self.hz = 868_100_000
        self.dr = 5
        self.dbm = 14
        self.rx1_delay_s = 1
        self.rx1_offset = 0
        self.rx1_hz = None
        self.rx2 = self.region.rx2

    def join(self, nonce=None):
        """A join with the next DevNonce; gives the plain join-accept, or None."""
        self.nonce = self.nonce + 1 if nonce is None else nonce
        body = b"\x00" + self.ids[0] + self.ids[1] + self.nonce.to_bytes(2, "little")
        self.rx1_offset, self.rx1_hz, self.rx2 = 0, None, self.region.rx2
        got = self._exchange(body + packets.cmac(self.app_key, body)[:4], 5)
        if got is None:
            return None
        plain = got[:1] + packets.encrypt(self.app_key, got[1:])
        assert packets.cmac(self.app_key, plain[:-4])[:4] == plain[-4:]
        join_nonce = int.from_bytes(plain[1:4], "little")
        self.dev_addr = plain[7:11]
        self.keys = packets.session_keys(self.app_key, join_nonce, plain[4:7], self.nonce)
        self.rx1_offset, self.rx2 = plain[11] >> 4, (self.rx2[0], plain[11] & 15)
        self.rx1_delay_s = plain[12] or 1
        self.fcnt = self.fcnt_down = 0
        return plain

    def frame(self, port=1, payload=b"x", confirmed=False, flags=0, fopts=b""):
        """The bytes of the next uplink."""
        mtype = packets.CONFIRMED_UP if confirmed else packets.UNCONFIRMED_UP
        return packets.data(
            self.keys, self.dev_addr, self.fcnt, mtype, flags, fopts, port, payload
        )

    def up(self, *words, **more):
        """Sends the next uplink, as frame() makes it; gives the Frame that answers, or None."""
        phy = self.frame(*words, **more)
        self.fcnt += 1
        return self.send(phy)

    def send(self, phy):
        """Sends any frame; gives the Frame that answers it in a window, or None."""
        got = self._exchange(phy, self.rx1_delay_s)
        return None if got is None else self.read(got)

    def read(self, phy):
        """The Frame of a downlink that has come; what is none, as it came."""
        frame = packets.read_data(phy)
        if frame is None:
            return phy
        fcnt = self.fcnt_down + (frame.fcnt - self.fcnt_down & 0xFFFF)
        assert frame.dev_addr == self.dev_addr and frame.open(self.keys, fcnt)
        self.fcnt_down = fcnt + 1
        return frame

    def _exchange(self, phy, delay_s):
        sf, bw_hz = self.region.rates[self.dr]
        sent = self.air.transmit(self.node, self.now_us, phy, self.hz, sf, bw_hz, self.dbm)
        self.air.run(sent.end_us)
        rx1 = self.rx1_hz or self.hz, max(0, self.dr - self.rx1_offset)
        self.now_us = sent.end_us + (delay_s + 1) * 1_000_000 + _LONG_US
        for window, (hz, dr) in enumerate((rx1, self.rx2)):
            open_us = sent.end_us + (delay_s + window) * 1_000_000
            channel = (hz,) + self.region.rates[dr]
            close_us = open_us + 8 * symbol_us(*channel[1:])
            caught = self.air.catch(self.node, open_us, close_us, *channel)
            if caught is not None and caught.start_us == open_us:
                got = self.air.outcome(caught, self.node)
                if got is not None:
                    self.window = window + 1
                    return got[0]
        return None
