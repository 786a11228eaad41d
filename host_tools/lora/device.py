"""What the test network keeps of one end-device: keys, counters, settings, what is under way."""

from host_tools.lora import commands, packets
from host_tools.lora.air import snr_needed_db

_ADR_HISTORY = 20
# RXParamSetupAns, RXTimingSetupAns, TxParamSetupAns, DlChannelAns come until a downlink is heard.
_UNTIL_HEARD = (5, 8, 9, 10)
_PLAIN = (8, 9)


class Uplink:
    """A data frame that the network took.

    device, fcnt, port, payload, confirmed, ack, adr, adr_ack_req; answers: [(CID, bytes)] of its
    MAC commands; hz, dr, rssi_dbm, snr_db, gateways, end_us of the reception; repeat: the same
    frame as before, sent again; phy: its bytes.
    """

    def __init__(self, device, frame, sent, dr, rssi_dbm, snr_db, gateways):
        self.device = device
        self.fcnt = frame.fcnt
        self.port = frame.port
        self.payload = frame.payload
        self.confirmed = frame.mtype == packets.CONFIRMED_UP
        self.adr = bool(frame.flags & packets.ADR)
        self.adr_ack_req = bool(frame.flags & packets.ADR_ACK_REQ)
        self.ack = bool(frame.flags & packets.ACK)
        self.commands = frame.payload if frame.port == 0 else frame.fopts
        self.answers = commands.parse(self.commands)
        self.hz = sent.freq_hz
        self.dr = dr
        self.rssi_dbm = rssi_dbm
        self.snr_db = snr_db
        self.gateways = gateways
        self.end_us = sent.end_us
        self.repeat = False
        self.phy = frame.phy

    def breaches(self, region):
        """Texts of what is wrong with it by a region's rules."""
        found = []
        if len(self.phy) - 13 > region.max_payload[self.dr]:
            found.append("%d bytes at DR%d" % (len(self.phy), self.dr))
        if region.channel(self.hz, self.device) is None and self.hz not in self.device.offered:
            found.append("an uplink on %d Hz" % self.hz)
        return found

    def answered(self, region, gps_s):
        """The answers to its LinkCheckReq and DeviceTimeReq; gps_s: at the air's zero."""
        data = b""
        for cid, _ in self.answers:
            if cid == 2:
                margin_db = int(self.snr_db - snr_needed_db(region.rates[self.dr][0]))
                data += bytes([2, max(0, margin_db), self.gateways])
            elif cid == 13:
                seconds = gps_s + self.end_us // 1_000_000
                fraction = self.end_us % 1_000_000 * 256 // 1_000_000
                data += b"\x0d" + seconds.to_bytes(4, "little") + bytes([fraction])
        return data


class Downlink:
    """A frame for a device. sent_us: when it began to be sent, None: not yet; fcnt: its number;
    window: 1 or 2, or "C" for at once; acked: None until the device's next uplink."""

    def __init__(self, port, payload, confirmed, commands, raw=None):
        self.port = port
        self.payload = payload
        self.confirmed = confirmed
        self.commands = commands
        self.raw = raw
        self.sent_us = None
        self.fcnt = None
        self.window = None
        self.acked = None


class Group:
    """A multicast group of class C devices; keys: (McNwkSKey, McAppSKey)."""

    def __init__(self, dev_addr, keys, hz, dr):
        self.dev_addr = dev_addr
        self.keys = keys
        self.hz = hz
        self.dr = dr
        self.fcnt = 0


class Device:
    """One end-device. The radio settings are those that it has confirmed.

    channels: {index: hz}; rx1_hz: {uplink hz: hz} where DlChannelReq changed it; dr, power,
    nb_trans: what ADR has set; history: the last SNRs since ADR's last change; battery, margin_db:
    of its last DevStatusAns; nonces: DevNonces used; fcnt_up: of the last uplink, None before.
    """

    def __init__(self, dev_eui, join_eui, app_key, region):
        self.dev_eui = dev_eui
        self.join_eui = join_eui
        self.app_key = app_key
        self.class_c = False
        self.nonces = []
        self.join_nonce = 0
        self.joins = 0
        self.dev_addr = None
        self.keys = None
        self.max_eirp_code = None
        self.reset(region)

    def reset(self, region):
        """As the device is after a join or, by ABP, from the factory."""
        self.region = region
        self.fcnt_up = None
        self.fcnt_down = 0
        self.queue = []
        self.waiting = None  # the confirmed Downlink whose answer is to come
        self.asked = []  # [(CID, bytes)] of requests without an answer yet
        self.own_answers = b""
        self.last_phy = None
        self.channels = dict(enumerate(region.join_hz))
        self.offered = []  # Hz of NewChannelReqs, whose answers may be lost
        self.rx1_hz = {}
        self.rx1_delay_s = 1
        self.rx1_offset = 0
        self.rx2_hz, self.rx2_dr = region.rx2
        self.down_dwell = False
        self.dr = None
        self.power = 0
        self.nb_trans = 1
        self.history = []
        self.battery = None
        self.margin_db = None

    def whole_counter(self, fcnt16):
        """The 32-bit counter of an uplink: the next that ends so, or the last one again."""
        if self.fcnt_up is None:
            return fcnt16
        return self.fcnt_up + (fcnt16 - self.fcnt_up & 0xFFFF)

    def take_answers(self, uplink):
        """Applies what the device has agreed to; gives errors, texts, of answers nobody asked."""
        errors = []
        for cid, answer in uplink.answers:
            if cid in (2, 13):
                continue
            asked = [it for it in self.asked if it[0] == cid]
            if not asked:
                if cid not in _UNTIL_HEARD:
                    errors.append("answer %d that nobody asked for" % cid)
                continue
            # Answers without a status say the same of all; repeated, they come once only.
            for request in asked if cid in _PLAIN else asked[:1]:
                self.asked.remove(request)
                error = self._agreed(cid, request[1], answer)
                if error:
                    errors.append(error)
        return errors

    def _agreed(self, cid, request, answer):
        """Applies one request by its answer; gives what was wrong with it, or None."""
        if cid == 6:
            self.battery = answer[0]
            self.margin_db = answer[1] & 63 if answer[1] & 63 < 32 else (answer[1] & 63) - 64
        elif cid == 3 and answer[0] == 7:
            if request[0] >> 4 != 15:
                self.dr = request[0] >> 4
            if request[0] & 15 != 15:
                self.power = request[0] & 15
            self.nb_trans = request[3] & 15 or self.nb_trans
        elif cid == 5 and answer[0] == 7:
            offset, dr = request[0] >> 4 & 7, request[0] & 15
            if offset >= self.region.offsets or dr not in self.region.rates:
                return "agreed to RX1DROffset %d, RX2 at DR%d" % (offset, dr)
            self.rx1_offset, self.rx2_dr = offset, dr
            self.rx2_hz = _hz(request[1:4])
        elif cid == 7 and answer[0] == 3:
            hz = _hz(request[1:4])
            for gone in (hz, self.channels.pop(request[0], None)):
                self.rx1_hz.pop(gone, None)
            if hz:
                self.channels[request[0]] = hz
        elif cid == 8:
            self.rx1_delay_s = request[0] & 15 or 1
        elif cid == 9:
            self.down_dwell = bool(request[0] & 0x20)
            self.max_eirp_code = request[0] & 15
        elif cid == 10 and answer[0] == 3:
            self.rx1_hz[self.channels.get(request[0])] = _hz(request[1:4])
        return None

    def remember(self, data):
        """Keeps the requests that a downlink carries until they are answered."""
        requests = [it for it in commands.parse(data, commands.REQUESTS) if it[0] not in (2, 13)]
        again = [cid for cid, _ in requests]
        # An answer to one that was asked before and is asked again: of the later one.
        self.asked = [it for it in self.asked if it[0] not in again] + requests
        for cid, request in requests:
            if cid == 7:
                self.offered.append(_hz(request[1:4]))

    def adr(self, region, snr_db, dr, margin_db):
        """The LinkADRReqs of the common margin rule, or none.

        The best SNR of the last 20 uplinks, less what the data rate needs and a margin, gives
        steps of 3 dB: first the data rate up, then the power down; if negative, the power up.
        """
        self.history.append(snr_db)
        if len(self.history) < _ADR_HISTORY:
            return b""
        self.history = self.history[1 - _ADR_HISTORY :]
        needed_db = 10 - 2.5 * region.rates[dr][0]
        steps = int((max(self.history) - needed_db - margin_db) / 3)
        new_dr, power = dr, self.power
        while steps > 0 and new_dr < region.top_dr:
            new_dr += 1
            steps -= 1
        while steps > 0 and power < region.last_power:
            power += 1
            steps -= 1
        while steps < 0 and power > 0:
            power -= 1
            steps += 1
        if (new_dr, power) == (dr, self.power):
            return b""
        self.history = []
        requests = b""
        for cntl, mask in region.masks(self):
            requests += commands.link_adr(new_dr, power, mask, cntl, self.nb_trans)
        return requests


def _hz(data):
    return int.from_bytes(data, "little") * 100
