"""A LoRaWAN 1.0.4 network for tests: gateways, join server and network server in one object.

A test network and nothing more: it trusts its caller, has no duty cycle of its own and forgets
all when it ends. It has no clock either: it acts when Air.run() tells it of a frame's end, and
puts its answer into the air for the moment when the device's window opens.

    air = Air(seed=1)
    network = Network(air, "EU868", seed=2)
    device = network.add(dev_eui, join_eui, app_key)
    network.down(dev_eui, 10, b"\\x01")  # in a window after the next uplink
    network.uplinks[-1].payload

EUIs, addresses and NetID are bytes as on the air, least significant first.
"""

from host_tools.lora import packets
from host_tools.lora.air import Random, airtime_us
from host_tools.lora.device import Device, Downlink, Group, Uplink
from host_tools.lora.regions import REGIONS
from host_tools.lora.sender import Sender

_NET_ID = b"\x01\x00\x00"
_JOIN_DELAY_S = 5
_FOPTS = 15
_GPS_S = 1_450_000_000  # at the air's zero, late in 2025


class Network:
    """uplinks: every new data frame, as Uplink; repeats: those that came again; joins: the
    join-requests accepted, as (device, dev_nonce).

    on_uplink: None, or called with each Uplink before it is answered, on_join with each device.
    errors: texts of what devices did against the specification, as far as a network sees it.
    window: 1 or 2, in which it answers, None: in either by chance; silent: it answers nothing.
    adr: whether it sends LinkADRReqs by the margin rule, with margin_db.
    rx_delay_s, rx1_offset, rx2_dr, with_cf_list: what a join-accept says.
    gps_s: seconds of GPS time at the air's zero.
    """

    def __init__(self, air, region, seed=0, gateways=None):
        self.air = air
        self.region = REGIONS[region]
        self.random = Random(seed)
        self.gateways = [air.node()] if gateways is None else gateways
        self.devices = []
        self.uplinks = []
        self.repeats = []
        self.joins = []
        self.errors = []
        self.on_uplink = None
        self.on_join = None
        self.window = 1
        self.silent = False
        self.adr = False
        self.margin_db = 10
        self.rx_delay_s = 1
        self.rx1_offset = 0
        self.rx2_dr = self.region.rx2[1]
        self.with_cf_list = True
        self.gps_s = _GPS_S
        self._sender = Sender(air)
        air.listeners.append(self._on_air)

    def add(self, dev_eui, join_eui, app_key, class_c=False):
        """A device that joins over the air; gives its Device."""
        device = Device(dev_eui, join_eui, app_key, self.region)
        device.class_c = class_c
        self.devices.append(device)
        return device

    def add_abp(self, dev_addr, nwk_skey, app_skey, dev_eui=None, class_c=False):
        """A device with a session from the factory; without a dev_eui it goes by its address."""
        device = self.add(dev_eui or dev_addr, None, None, class_c)
        device.dev_addr = dev_addr
        device.keys = (nwk_skey, app_skey)
        return device

    def device(self, dev_eui):
        """The Device of an EUI; KeyError if there is none."""
        for device in self.devices:
            if device.dev_eui == dev_eui:
                return device
        raise KeyError(dev_eui)

    def down(
        self, dev_eui, port=None, payload=b"", confirmed=False, commands=b"", at_us=None, raw=None
    ):
        """Sends something to a device: class A after its next uplink, class C at once (at_us, or
        as soon as the air has told of time) if it has no commands and no other confirmed one is
        unanswered. Gives its Downlink.

        commands: MAC commands, in FOpts if they fit, else on port 0 and then nothing else with
        them. raw: this frame as it is, whatever it may be.
        """
        device = self.device(dev_eui)
        if port is not None and len(commands) > _FOPTS:
            raise ValueError("%d bytes of MAC commands beside a payload" % len(commands))
        down = Downlink(port, payload, confirmed, commands, raw)
        device.queue.append(down)
        if device.class_c and device.keys is not None:
            self._send_class_c(device, self.air.now_us if at_us is None else at_us)
        return down

    def group(self, dev_addr, nwk_skey, app_skey, hz=None, dr=None):
        """A multicast group for multicast(); on the region's RX2 if nothing else is said."""
        rx2_hz, rx2_dr = self.region.rx2
        return Group(dev_addr, (nwk_skey, app_skey), hz or rx2_hz, rx2_dr if dr is None else dr)

    def multicast(self, group, port, payload, at_us=None):
        """Sends to all of a group at once, from all gateways one after the other; True: done."""
        frame = packets.data(
            group.keys, group.dev_addr, group.fcnt, packets.UNCONFIRMED_DOWN, 0, b"", port, payload
        )
        group.fcnt += 1
        start_us = self.air.now_us if at_us is None else at_us
        for gateway in self.gateways:
            start_us = self._transmit(gateway, start_us, frame, group.hz, group.dr, True).end_us
        return True

    def frame(self, device, down, flags=0, extra=b""):
        """The bytes of a Downlink with the device's next counter; what down() sends."""
        mtype = packets.CONFIRMED_DOWN if down.confirmed else packets.UNCONFIRMED_DOWN
        port, payload, fopts = down.port, down.payload, down.commands + extra
        if len(fopts) > _FOPTS:
            port, payload, fopts = 0, down.commands, b""
        return packets.data(
            device.keys, device.dev_addr, device.fcnt_down, mtype, flags, fopts, port, payload
        )

    # what comes in

    def _on_air(self, sent):
        if sent.down or sent.node in self.gateways:
            return
        best = None
        heard = 0
        for gateway in self.gateways if self.region.hears(sent.freq_hz) else ():
            packet = self.air.outcome(sent, gateway)
            if packet is not None:
                heard += 1
                if best is None or packet[2] > best[1][2]:
                    best = (gateway, packet)
        if best is not None:
            self.receive(sent, best[0], best[1][1], best[1][2], heard)

    def receive(self, sent, gateway, rssi_dbm, snr_db, gateways=1):
        """Takes a frame that a gateway has heard: a Transmission, and how."""
        if self.region.uplink_dr(sent.sf, sent.bw_hz) is None:
            self.errors.append("an uplink at SF%d of %d Hz" % (sent.sf, sent.bw_hz))
        elif sent.frame[:1] == b"\x00":
            self._join(sent, gateway)
        else:
            self._data(sent, gateway, rssi_dbm, snr_db, gateways)

    def _join(self, sent, gateway):
        request = packets.read_join_request(sent.frame)
        for device in self.devices:
            if request is None or (device.join_eui, device.dev_eui) != request[:2]:
                continue
            if not packets.is_mine(device.app_key, sent.frame):
                self.errors.append("join-request with a wrong MIC")
                return
            nonce = request[2]
            if device.nonces and nonce <= device.nonces[-1]:
                self.errors.append("DevNonce %d after %d" % (nonce, device.nonces[-1]))
                return
            if sent.freq_hz not in self.region.join_hz + getattr(self.region, "wide_hz", ()):
                self.errors.append("join on %d Hz" % sent.freq_hz)
            device.nonces.append(nonce)
            if not self.silent:
                self._accept(device, nonce, sent, gateway)
            return

    def _accept(self, device, dev_nonce, sent, gateway):
        device.join_nonce += 1 + self.random(3)
        device.dev_addr = bytes([self.random(256), self.random(256), self.random(256), 0x02])
        settings = self.rx1_offset << 4 | self.rx2_dr
        cf_list = self.region.cf_list if self.with_cf_list else b""
        frame = packets.join_accept(
            device.app_key,
            device.join_nonce,
            _NET_ID,
            device.dev_addr,
            settings,
            self.rx_delay_s,
            cf_list,
        )
        device.keys = packets.session_keys(device.app_key, device.join_nonce, _NET_ID, dev_nonce)
        device.reset(self.region)
        self._answer(device, frame, sent, gateway, _JOIN_DELAY_S)
        device.rx1_delay_s = self.rx_delay_s or 1
        device.rx1_offset, device.rx2_dr = self.rx1_offset, self.rx2_dr
        if self.with_cf_list:
            device.channels = self.region.channels()
        device.joins += 1
        self.joins.append((device, dev_nonce))
        if self.on_join is not None:
            self.on_join(device)

    def _data(self, sent, gateway, rssi_dbm, snr_db, gateways):
        frame = packets.read_data(sent.frame)
        if frame is None or frame.mtype not in (packets.UNCONFIRMED_UP, packets.CONFIRMED_UP):
            return
        for device in self.devices:
            if device.dev_addr == frame.dev_addr and device.keys is not None:
                if frame.open(device.keys, device.whole_counter(frame.fcnt)):
                    break
                if frame.open(device.keys, frame.fcnt & 0xFFFF):
                    self.errors.append("FCntUp %d after %d" % (frame.fcnt, device.fcnt_up))
                    return
        else:
            self.errors.append("an uplink with a wrong MIC or of nobody")
            return
        dr = self.region.uplink_dr(sent.sf, sent.bw_hz)
        uplink = Uplink(device, frame, sent, dr, rssi_dbm, snr_db, gateways)
        self.errors += uplink.breaches(self.region)
        if uplink.fcnt == device.fcnt_up:
            uplink.repeat = True
            self.repeats.append(uplink)
            if uplink.phy != device.last_phy:
                self.errors.append("FCntUp %d twice, with other bytes" % uplink.fcnt)
                return
        else:
            self._new(device, uplink)
        if not self.silent:
            self._respond(device, uplink, sent, gateway)

    def _new(self, device, uplink):
        device.fcnt_up = uplink.fcnt
        device.last_phy = uplink.phy
        device.own_answers = uplink.answered(self.region, self.gps_s)
        if device.waiting is not None:
            device.waiting.acked = uplink.ack
            device.waiting = None
        self.errors += device.take_answers(uplink)
        self.uplinks.append(uplink)
        if self.on_uplink is not None:
            self.on_uplink(uplink)
        if self.adr and uplink.adr:
            commands = device.adr(self.region, uplink.snr_db, uplink.dr, self.margin_db)
            if commands:
                device.queue.insert(0, Downlink(None, b"", False, commands))

    # what goes out

    def _respond(self, device, uplink, sent, gateway):
        """Answers an uplink, if there is something to say, in one of its windows."""
        extra = device.own_answers
        if not (device.queue or extra or uplink.confirmed or uplink.adr_ack_req):
            return
        down = Downlink(None, b"", False, b"")
        if device.queue:
            first = device.queue[0]
            if len(first.commands) + len(extra) <= _FOPTS or not extra:
                down = device.queue.pop(0)
        flags = (packets.ACK if uplink.confirmed else 0) | packets.ADR * self.adr
        flags |= packets.PENDING if device.queue else 0
        frame = down.raw or self.frame(device, down, flags, extra)
        answer = self._answer(device, frame, sent, gateway, device.rx1_delay_s)
        self._sent(device, down, answer)

    def _sent(self, device, down, answer):
        down.sent_us = answer[0].start_us
        down.window = answer[1]
        if down.raw is not None:
            return
        down.fcnt = device.fcnt_down
        device.fcnt_down += 1
        device.remember(down.commands)
        if down.confirmed:
            device.waiting = down

    def _answer(self, device, frame, sent, gateway, delay_s):
        """Puts a frame into a window of an uplink; gives (its Transmission, which window)."""
        region = self.region
        rx1_dr = region.rx1_dr(region.uplink_dr(sent.sf, sent.bw_hz), device)
        start_us = sent.end_us + delay_s * 1_000_000
        window = self.window or 1 + self.random(2)
        if window == 1 and not self._fits_rx1(frame, rx1_dr, gateway, start_us):
            window = 2
        if window == 1:
            hz = region.rx1_hz(sent.freq_hz, device)
            return self._transmit(gateway, start_us, frame, hz, rx1_dr, False), 1
        return self._transmit(
            gateway, start_us + 1_000_000, frame, device.rx2_hz, device.rx2_dr, True
        ), 2

    def _fits_rx1(self, frame, dr, gateway, start_us):
        if dr not in self.region.rates:
            return False
        if frame[0] >> 5 != packets.JOIN_ACCEPT and len(frame) - 13 > self.region.max_payload[dr]:
            return False
        us = airtime_us(*self.region.rates[dr], len(frame), False)
        return not self._sender.is_busy(gateway, start_us, us)

    def _send_class_c(self, device, at_us):
        """Sends what may be sent at any time: no MAC commands (TS001-1.0.4 17.1), and nothing
        confirmed while such an answer is to come; these wait for the device's next uplink."""
        gateway = self.gateways[0]
        for down in tuple(device.queue):
            if down.commands or (down.confirmed and device.waiting is not None):
                continue
            device.queue.remove(down)
            frame = down.raw or self.frame(device, down)
            sent = self._transmit(gateway, at_us, frame, device.rx2_hz, device.rx2_dr, True)
            self._sent(device, down, (sent, "C"))
            at_us = sent.end_us

    def _transmit(self, gateway, start_us, frame, hz, dr, is_rx2):
        dbm = self.region.gateway_rx2_dbm if is_rx2 else self.region.gateway_dbm
        return self._sender.transmit(gateway, start_us, frame, hz, *self.region.rates[dr], dbm)
