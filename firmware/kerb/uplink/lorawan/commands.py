"""MAC commands, the device's side of all of LoRaWAN 1.0.4 (TS001-1.0.4 chapter 5)."""

from micropython import const

_LINK_CHECK = const(2)
_LINK_ADR = const(3)
_DUTY_CYCLE = const(4)
_RX_PARAM = const(5)
_DEV_STATUS = const(6)
_NEW_CHANNEL = const(7)
_RX_TIMING = const(8)
_TX_PARAM = const(9)
_DL_CHANNEL = const(10)
_DEVICE_TIME = const(13)

_SIZES = const(b"\0\0\3\5\2\5\1\6\2\2\5\0\0\6")  # of each downlink command with its identifier
# Answered until the network is known to have heard: it would talk past us otherwise.
_STICKY = const(b"\x05\x08\x09\x0a")
_MOST = const(48)  # answers kept: no frame holds more LinkADRReq


class Commands:
    """Applies the network's commands to the plan and keeps the answers until they are sent.

    For each new uplink: answers(), and sent() once it was transmitted, not for its repetitions.
    For each unicast downlink: read(). Anything may be in a command: the plan refuses what the
    region does not allow, and the answer says so.

    adr: whether the network may set the data rate and the power (the ADR bit of each uplink).
    sticky: what sticky() gave before a reset.
    battery: for DevStatusReq; 0 external power, 1 to 254 from empty to full, 255 unknown.
    link: (margin_db, gateways) of the last LinkCheckAns. time: (gps_s, fraction_256) of the last
    DeviceTimeAns, seconds since 1980-01-06 and 1/256 s at the end of the uplink that asked, the
    last one: an answer that it did not ask for is not taken. Both None if there was none.
    """

    def __init__(self, plan, adr, sticky=b""):
        self._plan = plan
        self.adr = adr
        self.battery = 255
        self.link = self.time = None
        self._out = []  # what to send, each command as bytes
        self._again = []  # after it: sticky ones that were sent already
        self._questions = []  # after them (chapter 5, table 15)
        self._sent = ()  # what the last uplink had
        while sticky:
            end = 1 if 8 <= sticky[0] <= 9 else 2
            self._again.append(sticky[:end])
            sticky = sticky[end:]

    def ask(self, cid):
        """Ask with the next uplink: LinkCheckReq (2) or DeviceTimeReq (13)."""
        question = bytes((cid,))
        if question not in self._questions:
            self._questions.append(question)

    def sticky(self):
        """The answers, as bytes, that must outlive a reset as what they answer does."""
        return b"".join([it for it in self._out + self._again if it[0] in _STICKY])

    def answers(self, room):
        """The commands to send with the next uplink, as many whole ones as `room` bytes hold.

        room: at most 15 for FOpts, more for a frame on port 0. They go before any payload.
        """
        data = b""
        for answer in self._out + self._again + self._questions:
            if len(data) + len(answer) > room:
                break
            data += answer
        return data

    def sent(self, size):
        """A new uplink was transmitted with the first `size` bytes of answers().

        Answers that it had no room for are given up, and the network asks again (chapter 5). But
        the sticky ones and questions are sent later.
        """
        sent, again, left, questions = [], [], [], []
        for answer in self._out + self._again + self._questions:
            size -= len(answer)
            is_sticky = answer[0] in _STICKY
            if size >= 0:
                sent.append(answer)
                if is_sticky and answer not in again:
                    again.append(answer)
            elif is_sticky:
                left.append(answer)
            elif answer in self._questions:
                questions.append(answer)
        self._sent = sent
        self._out = left
        self._again = again
        self._questions = questions

    def read(self, data, snr_db, heard):
        """Do the commands in `data`, from FOpts or port 0 of a unicast downlink of that SNR.

        To be called for each, also without commands. heard: it came in RX1 or RX2, so that the
        network has heard the uplink before it.

        Ends without a word at an unknown or cut off one, whose length nobody can tell.
        """
        if heard:
            self._again = []
        plan = self._plan
        i = 0
        while i < len(data):
            cid = data[i]
            end = i + (_SIZES[cid] if cid < len(_SIZES) else 0)
            if end == i or end > len(data):
                return
            value = data[i + 1] if end > i + 1 else 0
            hz = (data[i + 2] | data[i + 3] << 8 | data[i + 4] << 16) * 100 if end > i + 4 else 0
            answer = b""
            n = 1
            if cid == _LINK_ADR:
                answer, n = self._link_adr(data, i)
                end = i + 5 * n
            elif cid == _DUTY_CYCLE:
                plan.max_duty = value & 15
            elif cid == _RX_PARAM:
                answer = plan.rx_param(value >> 4 & 7, value & 15, hz)
            elif cid == _DEV_STATUS:
                answer = bytes((self.battery, max(-32, min(31, snr_db)) & 63))
            elif cid == _NEW_CHANNEL:
                answer = plan.new_channel(value, hz, data[i + 5] & 15, data[i + 5] >> 4)
            elif cid == _RX_TIMING:
                plan.rx1_delay_s = value & 15 or 1
            elif cid == _TX_PARAM:
                if not plan.tx_param(value):
                    answer = None
            elif cid == _DL_CHANNEL:
                answer = plan.dl_channel(value, hz)
            else:
                answer = None
                if bytes((cid,)) in self._sent:
                    if cid == _LINK_CHECK:
                        self.link = value, data[i + 2]
                    else:
                        self.time = int.from_bytes(data[i + 1 : i + 5], "little"), data[i + 5]
            i = end
            if answer is not None:
                if not isinstance(answer, bytes):
                    answer = bytes((answer,))
                answer = bytes((cid,)) + answer
                while n and len(self._out) < _MOST:
                    self._out.append(answer)
                    n -= 1

    def _link_adr(self, data, i):
        """Do the block of LinkADRReq at i as one, all or nothing; gives (status, how many)."""
        masks = []
        while i < len(data) and data[i] == _LINK_ADR:
            if i + 5 > len(data):
                # The last one governs the block, and it is cut off.
                return None, len(data)
            value = data[i + 1]
            mode = data[i + 4]
            masks.append((mode >> 4 & 7, data[i + 2] | data[i + 3] << 8))
            i += 5
        plan = self._plan
        if self.adr:
            status = plan.link_adr(value >> 4, value & 15, masks, mode & 15)
        else:
            # The channels are the network's to choose all the same (4.3.1.1).
            status = int(plan.link_adr(15, 15, masks, plan.nb_trans) == 7)
        return status, len(masks)
