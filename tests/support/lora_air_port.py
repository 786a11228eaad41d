"""What the simulated LoRa chips share: a place in an Air, the receiver's clock, interrupts."""

from host_tools.lora.air import LOCK, symbol_us


class AirPort:
    """A chip's antenna. The chip has on_frame(outcome, is_good), on_timeout(), on_no_header().

    complaints: what the chip was told that a real one would have punished silently.
    sent: (frame, Hz, sf, bw_hz, dBm, when) of each transmission; opened: (when, Hz, sf, bw_hz) of
    each reception, both by the world's clock.
    ignores_headers: a header that can't be read ends nothing. mute_interrupts: so many don't come.
    bad_crcs: so many frames come with a wrong checksum, as somebody else's with one may.
    """

    def __init__(self, world, air, node):
        self.world = world
        self.air = air
        self.node = node
        self.complaints = []
        self.sent = []
        self.opened = []
        self.ignores_headers = False
        self.mute_interrupts = 0
        self.bad_crcs = 0
        self._watched = 0  # counts the receiver's sessions
        self._sends = None
        self._locked = None
        self._rx = None
        air.watchers.append(self._on_air)

    def complain(self, words):
        """Notes it."""
        self.complaints.append(words)

    def now(self):
        """Microseconds of the world."""
        return self.world.now_us()

    def interrupt(self, pin, level):
        """The line of an interrupt, unless a test has it lost."""
        if level and self.mute_interrupts:
            self.mute_interrupts -= 1
            return
        if pin is not None:
            self.world.drive(pin, level)

    def transmit(self, start_us, frame, freq_hz, sf, bw_hz, dbm):
        """Puts a frame on the air, by an antenna of 2 dBi."""
        self._sends = self.air.transmit(self.node, start_us, frame, freq_hz, sf, bw_hz, dbm + 2)

    def stop_transmitter(self):
        """What is on the air ends now, if anything is."""
        if self._sends is not None:
            self._sends.end_us = min(self._sends.end_us, self.now())
            self._sends = None

    def start_receiver(self, open_us, freq_hz, sf, bw_hz, down, symbols, timeout_us, single):
        """Opens; symbols and timeout_us: None for no end. An end calls on_timeout()."""
        self._watched += 1
        self._locked = None
        self._rx = (open_us, freq_hz, sf, bw_hz, down, single)
        self.opened.append((open_us, freq_hz, sf, bw_hz))
        clock = self.world.clock
        symbol = symbol_us(sf, bw_hz)
        if symbols is not None:
            clock.at(open_us + symbols * symbol, self._no_preamble, self._watched)
        if timeout_us is not None:
            clock.at(open_us + timeout_us, self._no_header, self._watched)
        for sent in self.air._sent:
            self._on_air(sent)

    def stop_receiver(self):
        """Closes."""
        self._watched += 1
        self._rx = self._locked = None

    def level_dbm(self, freq_hz, bw_hz):
        """What there is in a channel now."""
        now = self.now()
        return self.air.rssi_dbm(self.node, freq_hz, bw_hz, now - 1, now)

    def _on_air(self, sent):
        if self._rx is None or sent.node is None or sent.end_us <= self.now():
            return
        begin_us = max(self._rx[0], sent.start_us)
        lock_us = begin_us + LOCK * symbol_us(sent.sf, sent.bw_hz)
        self.world.clock.at(max(lock_us, self.now()), self._lock, self._watched)

    def _lock(self, session):
        if session != self._watched or self._locked is not None:
            return
        open_us, freq_hz, sf, bw_hz, down, _ = self._rx
        caught = self.air.catch(self.node, open_us, self.now(), freq_hz, sf, bw_hz, down)
        if caught is not None and caught.end_us > self.now():
            self._locked = caught
            self.world.clock.at(caught.end_us, self._end, session, caught)

    def _no_preamble(self, session):
        if session == self._watched and self._locked is None:
            self.stop_receiver()
            self.on_timeout()

    def _no_header(self, session):
        if session != self._watched:
            return
        sent = self._locked
        if sent is None or self.now() < sent.start_us + symbol_us(sent.sf, sent.bw_hz) * 81 // 4:
            self.stop_receiver()
            self.on_timeout()

    def _end(self, session, sent):
        if session != self._watched:
            return
        self._locked = None
        outcome = self.air.outcome(sent, self.node)
        single = self._rx[5]
        self._rx = (sent.end_us,) + self._rx[1:]
        if outcome is None:
            if single and not self.ignores_headers:
                self.stop_receiver()
                self.on_no_header()
            return
        if single:
            self.stop_receiver()
        is_good = not self.bad_crcs
        self.bad_crcs -= not is_good
        self.on_frame(outcome, is_good)
