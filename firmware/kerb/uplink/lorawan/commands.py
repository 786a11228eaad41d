"""MAC commands of LoRaWAN 1.0.4: what the device says (TS001-1.0.4 chapter 5)."""

import sys

from micropython import const

# Said again until the network is known to have heard: it would talk past us otherwise.
_STICKY = const(b"\x05\x08\x09\x0a")


class Commands:
    """Has the network's commands done (requests.py) and keeps the answers until they are sent.

    For each new uplink: answers(), and sent() once it was transmitted, not for its repetitions.
    For each unicast downlink: read().

    plan: plan.Plan. adr: whether the network may set the data rate and the power (the ADR bit of
    each uplink). sticky: what sticky() gave before a reset.
    battery: for DevStatusReq; 0 external power, 1 to 254 from empty to full, 255 unknown.
    link: (margin_db, gateways) of the last LinkCheckAns. time: (gps_s, fraction_256) of the last
    DeviceTimeAns, seconds since 1980-01-06 and 1/256 s at the end of the uplink that asked, the
    last one: an answer that it did not ask for is not taken. Both None if there was none.
    """

    def __init__(self, plan, adr, sticky=b""):
        self.plan = plan
        self.adr = adr
        self.battery = 255
        self.link = self.time = None
        self.due = []  # answers to send, each as bytes
        self.last = ()  # what the last uplink had
        self._again = []  # after those due: sticky ones that were sent already
        self._questions = []  # after them (table 15)
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
        return b"".join([it for it in self.due + self._again if it[0] in _STICKY])

    def answers(self, room):
        """The commands to send with the next uplink, as many whole ones as `room` bytes hold.

        room: at most 15 for FOpts, more for a frame on port 0. They go before any payload.
        """
        data = b""
        for answer in self.due + self._again + self._questions:
            if len(data) + len(answer) > room:
                break
            data += answer
        return data

    def sent(self, size):
        """A new uplink was transmitted with the first `size` bytes of answers().

        Answers that it had no room for are given up, and the network asks again (chapter 5). But
        the sticky ones and questions are sent later.
        """
        last, again, due, questions = [], [], [], []
        for answer in self.due + self._again + self._questions:
            size -= len(answer)
            is_sticky = answer[0] in _STICKY
            if size >= 0:
                last.append(answer)
                if is_sticky and answer not in again:
                    again.append(answer)
            elif is_sticky:
                due.append(answer)
            elif answer in self._questions:
                questions.append(answer)
        self.last = last
        self.due = due
        self._again = again
        self._questions = questions

    def read(self, data, snr_db, heard):
        """Do the commands in `data`, from FOpts or port 0 of a unicast downlink of that SNR.

        To be called for each, also without commands. heard: it came in RX1 or RX2, so that the
        network has heard the uplink before it. Whatever the bytes are, it does not raise.
        """
        if heard:
            self._again = []
        if data:
            from kerb.uplink.lorawan import requests

            requests.read(self, data, snr_db)
            # Commands are seldom: their memory is given back.
            package = "kerb.uplink.lorawan"
            del sys.modules[package + ".requests"]
            del sys.modules[package].requests
