"""What a LoRaWAN device must not forget of its session: keys, frame counters, plan, duty cycle;
and the MAC commands that it owes the network (TS001-1.0.4 chapter 5).

Two records of the store, and one of join.py, so that a cut of the power between any two writes
costs at worst a join, and never uses a nonce or a counter twice (TS001-1.0.4 4.3.1.5, TR007 4.13):

    lora_session  who and in which region (CRC), the session's number, DevAddr, keys, answers that
                  the network has to hear of, plan; written when the session begins and when the
                  network has changed one of these
    lora_counts   the session's number, FCntUp written ahead, FCntDown of device and group, which
                  group (CRC), the duty cycle; written before each 64th uplink, at each downlink
                  and before a transmission that changes the duty cycle's bytes (airtime.py)

The number of a session is its DevNonce. A new one writes its counters first: after a cut there
the old session finds counters that are not its own, and is over.

Flash wear: `lora_counts` has up to 38 bytes with the store's own and so costs a Pico's littlefs an
erase in every 16th put. An uplink in ten minutes and ten downlinks a day are 16 puts a day at
EU868's DR5, and 63 at its DR0, where the duty cycle's bytes change more often: 1,400 erases in a
year, spread over the file system. A downlink a minute is 1,440 puts a day.
"""

from struct import pack

from micropython import const

# The first byte of a record, so that another layout of a later version is no record.
VERSION = const(1)
# Version, number, limit of FCntUp, FCntDown, the group's, which group; then the duty cycle.
COUNTS_FORMAT = const("<BIIIII")

_AHEAD = const(64)  # uplinks that one write allows, and counters that a cut can skip
NO_NUMBER = 0xFFFFFFFF
_LAST = const(0xFFFFFFFE)  # the session ends here, one early: the limit has to fit 32 bits
# Said again until the network is known to have heard: it would talk past us otherwise.
_STICKY = const(b"\x05\x08\x09\x0a")


class Session:
    """The session, or none. It is made by start.restored(), and a new one begun by start.begin().

    keys: (nwk_skey, app_skey), None while there is no session; dev_addr: bytes(4) as on air. up:
    the FCntUp of the next new frame; ready() before each transmission. down, group_down: the
    lowest FCntDown that is still to be taken; write() when one was. fault: None, or why something
    was not kept: "flash", or "counter", all used up. head, kept: what lora_session has.
    """

    def ready(self):
        """Before each transmission, the duty spent: keep what has to be. False: see `fault`."""
        self.fault = None
        if self.up > _LAST:
            self.fault = "counter"
            return False
        if self.up < self.limit and self.duty.pack() == self.spent:
            return True
        return self.write(min(self.up + _AHEAD, _LAST + 1))

    def keep(self, sticky):
        """Keep the plan and Commands.sticky(), if they have changed."""
        kept = bytes((len(sticky),)) + sticky + self.plan.pack()
        if kept != self.kept and self.put("lora_session", self.head + kept):
            self.kept = kept

    def write(self, limit):
        """Keep the counters, FCntUp up to below `limit`; False if the flash refuses."""
        # A group's counter that is used up takes nothing more: the next one is none of 32 bits.
        downs = min(self.down, NO_NUMBER), min(self.group_down, NO_NUMBER)
        spent = self.duty.pack()
        head = pack(COUNTS_FORMAT, VERSION, self.number, limit, *downs, self.group)
        done = self.put("lora_counts", head + spent)
        if done:
            self.limit = limit
            self.spent = spent
        return done

    def put(self, name, record):
        done = self.store.put(name, record)
        self.fault = None if done else "flash"
        return done


class Commands:
    """Has the network's commands done (requests.py) and keeps the answers until they are sent.

    For each new uplink: answers(), and sent() once it was transmitted, not for its repetitions.
    For each unicast downlink: read().

    plan: plan.Plan. adr: whether the network may set the data rate and the power (the ADR bit of
    each uplink).
    battery: for DevStatusReq; 0 external power, 1 to 254 from empty to full, 255 unknown.
    link: (margin_db, gateways) of the last LinkCheckAns. time: (gps_s, fraction_256) of the last
    DeviceTimeAns, seconds since 1980-01-06 and 1/256 s at the end of the uplink that asked, the
    last one: an answer that it did not ask for is not taken. Both None if there was none.
    """

    def __init__(self, plan, adr):
        self.plan = plan
        self.adr = adr
        self.battery = 255
        self.link = self.time = None
        self.due = []  # answers to send, each as bytes
        self.last = ()  # what the last uplink had
        self.again = []  # after those due: sticky ones that were sent already
        self._questions = []  # after them (table 15)

    def ask(self, cid):
        """Ask with the next uplink: LinkCheckReq (2) or DeviceTimeReq (13)."""
        question = bytes((cid,))
        if question not in self._questions:
            self._questions.append(question)

    def sticky(self):
        """The answers, as bytes, that must outlive a reset as what they answer does."""
        data = b""
        for answer in self.due + self.again:
            if answer[0] in _STICKY:
                data += answer
        return data

    def answers(self, room):
        """The commands to send with the next uplink, as many whole ones as `room` bytes hold.

        room: at most 15 for FOpts, more for a frame on port 0. They go before any payload.
        """
        data = b""
        for answer in self.due + self.again + self._questions:
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
        for answer in self.due + self.again + self._questions:
            size -= len(answer)
            is_sticky = answer[0] in _STICKY
            if size >= 0:
                last.append(answer)
                if is_sticky:
                    again.append(answer)
            elif is_sticky:
                due.append(answer)
            elif answer in self._questions:
                questions.append(answer)
        self.last = last
        self.due = due
        self.again = again
        self._questions = questions

    def read(self, data, snr_db, heard):
        """Do the commands in `data`, from FOpts or port 0 of a unicast downlink of that SNR.

        To be called for each, also without commands. heard: it came in RX1 or RX2, so that the
        network has heard the uplink before it. Whatever the bytes are, it does not raise.
        """
        if heard:
            self.again = []
        if data:
            # Commands are seldom: plan.pack() gives their memory back.
            from kerb.uplink.lorawan import requests

            requests.read(self, data, snr_db)
