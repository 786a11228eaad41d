"""The air between LoRa radios: who hears what of whom. It has no clock: all times are given to it.

    air = Air(seed=7)
    pole, gateway = air.node(800), air.node(0)
    sent = air.transmit(pole, 1_000_000, frame, 868_100_000, 9, 125_000, 14)
    air.outcome(sent, gateway)  # once sent.end_us is past: (bytes, rssi_dbm, snr_db) or None

Times are whole microseconds since any moment that all users of one Air agree on. A frame is put in
when it begins to be sent or before, and asked for after its end: then all that could disturb it is
known. Runs on CPython and on unix MicroPython and ends the same on both.

Path loss is log-distance, as measured in a city (Petajajarvi 2015: 128.95 dB at 1 km, 23.2 dB a
decade), with a fading that each reception throws for itself. The noise is thermal, with 6 dB of
the receiver; what SNR a spreading factor needs is Semtech's table (SX1276 datasheet, table 13). Of
two frames in one channel with the same spreading factor the stronger one is received if it is 6 dB
above the other (capture); other factors and the other direction's chirps disturb from 16 dB above.
Nothing of the first three chirps of a preamble is needed (Bor 2016, "Do LoRa networks scale?").
"""

import math

PREAMBLE = 8  # chirps, of which a receiver must see
LOCK = 5
_CAPTURE_DB = 6
_ISOLATION_DB = 16
_NOISE_FIGURE_DB = 6
_SNR_MAX_DB = 14  # more no chip tells of a frame
_LOSS_1_KM_DB = 128.95
_LOSS_DECADE_DB = 23.2
_NEVER_NEARER_M = 1
_MEMORY_US = 60_000_000


class Random:
    """Numbers of a seed, the same on every runtime: random(n) gives 0 to n - 1 (n < 2**32)."""

    def __init__(self, seed):
        self._state = (seed * 2654435761 + 0x9E3779B9) & 0xFFFFFFFF or 1
        for _ in range(4):
            self(1)

    def __call__(self, n):
        x = self._state  # Marsaglia's xorshift of 32 bits
        x ^= x << 13 & 0xFFFFFFFF
        x ^= x >> 17
        x ^= x << 5 & 0xFFFFFFFF
        self._state = x
        return x * n >> 32


def symbol_us(sf, bw_hz):
    """How long one chirp takes."""
    return (1_000_000 << sf) // bw_hz


def airtime_us(sf, bw_hz, n_bytes, crc=True):
    """How long a frame takes: preamble 8, explicit header, 4/5 (Semtech AN1200.13)."""
    chirp_us = symbol_us(sf, bw_hz)
    slow = 2 if chirp_us >= 16_000 else 0  # the low data rate's optimisation
    bits = 8 * n_bytes - 4 * sf + 28 + (16 if crc else 0)
    chirps = 8 + max(0, -(-bits // (4 * (sf - slow)))) * 5
    return chirp_us * (PREAMBLE + chirps) + chirp_us * 17 // 4


def noise_dbm(bw_hz):
    """What a receiver hears of nothing."""
    return -174 + 10 * math.log10(bw_hz) + _NOISE_FIGURE_DB


def snr_needed_db(sf):
    """Below it a frame is not received; a float: -7.5 for SF7, -20 for SF12."""
    return 10 - 2.5 * sf


class Node:
    """One radio. Made by Air.node().

    ppm: by how much its clock is too fast; latency_us: how late at most its processor is at an
    interrupt and at opening its receiver. Both are for SimRadio to heed.
    deaf: receives nothing; mute: is heard by nobody; loss_permille: of its receptions that fail.
    """

    def __init__(self, x_m, y_m, ppm, latency_us):
        self.x_m = x_m
        self.y_m = y_m
        self.ppm = ppm
        self.latency_us = latency_us
        self.deaf = False
        self.mute = False
        self.loss_permille = 0
        self.losses_db = {}


class Transmission:
    """One frame on the air. `down`: with inverted chirps, as gateways send, and without CRC."""

    def __init__(self, node, start_us, end_us, frame, freq_hz, sf, bw_hz, dbm, down):
        self.node = node
        self.start_us = start_us
        self.end_us = end_us
        self.frame = frame
        self.freq_hz = freq_hz
        self.sf = sf
        self.bw_hz = bw_hz
        self.dbm = dbm
        self.down = down
        self.told = False
        self.levels = {}  # {node: dBm}
        self.fates = {}  # {node: what outcome() gave}


class Air:
    """loss_permille: of all receptions that fail for no other reason; fade_db: each reception is
    so much stronger or weaker at most.

    watchers: called with each Transmission that is put in (captures, checks of the rules).
    listeners: called with each that has ended, in the order of the ends, by run().
    drop: None, or drop(transmission, node) that says True where a reception is to fail.
    now_us: up to when run() has come.
    """

    def __init__(self, seed=0, loss_permille=0, fade_db=2):
        self.random = Random(seed)
        self.loss_permille = loss_permille
        self.fade_db = fade_db
        self.watchers = []
        self.listeners = []
        self.drop = None
        self.now_us = 0
        self._sent = []

    def node(self, x_m=0, y_m=0, ppm=0, latency_us=0):
        """A new radio at a place, in metres."""
        return Node(x_m, y_m, ppm, latency_us)

    def link(self, node, other, loss_db):
        """Sets the path loss between two, in place of that of their distance."""
        node.losses_db[other] = other.losses_db[node] = loss_db

    def transmit(self, node, start_us, frame, freq_hz, sf, bw_hz, dbm, down=False):
        """Puts a frame in, from start_us on with dbm EIRP; gives its Transmission.

        The frame is copied. start_us may be in the future, never before what was asked already.
        """
        end_us = start_us + airtime_us(sf, bw_hz, len(frame), not down)
        sent = Transmission(
            node, start_us, end_us, bytes(frame), freq_hz, sf, bw_hz, dbm, bool(down)
        )
        self._sent.append(sent)
        for watcher in self.watchers:
            watcher(sent)
        return sent

    def jam(self, start_us, end_us, freq_hz, bw_hz, dbm):
        """Somebody else's signal, not LoRa, of so much at every receiver."""
        self._sent.append(
            Transmission(None, start_us, end_us, None, freq_hz, 0, bw_hz, dbm, False)
        )

    def run(self, until_us):
        """Tells the listeners of all that has ended by then; what they put in may be among it."""
        while True:
            ended = [it for it in self._sent if not it.told and it.end_us <= until_us]
            if not ended:
                break
            first = min(ended, key=lambda it: it.end_us)
            first.told = True
            self.now_us = max(self.now_us, first.end_us)
            if first.node is not None:
                for listener in self.listeners:
                    listener(first)
        self.now_us = max(self.now_us, until_us)
        old_us = self.now_us - _MEMORY_US
        if self._sent and self._sent[0].end_us < old_us:
            self._sent = [it for it in self._sent if it.end_us >= old_us]

    def level_dbm(self, sent, node):
        """What of a transmission arrives at a node; a float."""
        if sent.node is None:
            return sent.dbm
        level = sent.levels.get(node)
        if level is None:
            loss_db = node.losses_db.get(sent.node)
            if loss_db is None:
                loss_db = path_loss_db(node, sent.node)
            level = sent.dbm - loss_db
            if self.fade_db:
                level += (self.random(2001) - 1000) * self.fade_db / 1000
            sent.levels[node] = level
        return level

    def catch(self, node, open_us, close_us, freq_hz, sf, bw_hz, down=True):
        """The transmission onto which a receiver locks that is open between two times, or None.

        It must see five chirps of the preamble in that time; the frame may end later.
        """
        caught = None
        need_us = LOCK * symbol_us(sf, bw_hz)
        for sent in self._sent:
            if (sent.freq_hz, sent.sf, sent.bw_hz, sent.down) != (freq_hz, sf, bw_hz, down):
                continue
            preamble_us = sent.start_us + PREAMBLE * symbol_us(sf, bw_hz)
            if min(close_us, preamble_us) - max(open_us, sent.start_us) < need_us:
                continue
            if sent.node is node or not self._is_heard(sent, node):
                continue
            if caught is None or sent.start_us < caught.start_us:
                caught = sent
        return caught

    def outcome(self, sent, node):
        """(bytes, rssi_dbm, snr_db) as a node received it, or None. Ask after its end.

        A frame down has no CRC: half of those that collide come with wrong bytes.
        """
        if node not in sent.fates:
            sent.fates[node] = self._outcome(sent, node)
        return sent.fates[node]

    def rssi_dbm(self, node, freq_hz, bw_hz, from_us, until_us):
        """The highest that a node hears in a channel in that time, whatever it is."""
        power = noise_dbm(bw_hz)
        for other in self._sent:
            if other.start_us < until_us and other.end_us > from_us and other.node is not node:
                if self._overlaps_channel(other, freq_hz, bw_hz) and not _is_mute(other):
                    power = max(power, self.level_dbm(other, node))
        return round(power)

    def _is_heard(self, sent, node):
        snr_db = self.level_dbm(sent, node) - noise_dbm(sent.bw_hz)
        return snr_db >= snr_needed_db(sent.sf) and not node.deaf and not _is_mute(sent)

    def _outcome(self, sent, node):
        if sent.node is node or not self._is_heard(sent, node) or self._speaks(sent, node):
            return None
        if self.drop is not None and self.drop(sent, node):
            return None
        loss_permille = max(self.loss_permille, node.loss_permille)
        if loss_permille and self.random(1000) < loss_permille:
            return None
        level = self.level_dbm(sent, node)
        frame = sent.frame
        if self._is_disturbed(sent, node, level):
            if not sent.down or self.random(2):
                return None
            frame = self._spoil(frame)
        snr_db = min(level - noise_dbm(sent.bw_hz), _SNR_MAX_DB)
        return frame, round(level), round(snr_db)

    def _speaks(self, sent, node):
        """Whether a node itself transmits meanwhile: nobody hears then."""
        return any(
            it.node is node and it.start_us < sent.end_us and it.end_us > sent.start_us
            for it in self._sent
        )

    def _is_disturbed(self, sent, node, level):
        needed_us = sent.start_us + (PREAMBLE - LOCK) * symbol_us(sent.sf, sent.bw_hz)
        for other in self._sent:
            if other is sent or other.start_us >= sent.end_us or other.end_us <= needed_us:
                continue
            if not self._overlaps_channel(other, sent.freq_hz, sent.bw_hz) or _is_mute(other):
                continue
            above_db = level - self.level_dbm(other, node)
            if other.node is None:
                needed_db = snr_needed_db(sent.sf)
            elif (other.sf, other.bw_hz, other.down) == (sent.sf, sent.bw_hz, sent.down):
                needed_db = _CAPTURE_DB
            else:
                needed_db = -_ISOLATION_DB
            if above_db < needed_db:
                return True
        return False

    def _spoil(self, frame):
        data = bytearray(frame)
        for _ in range(1 + self.random(4)):
            if data:
                data[self.random(len(data))] ^= 1 + self.random(255)
        return bytes(data)

    def _overlaps_channel(self, other, freq_hz, bw_hz):
        return abs(other.freq_hz - freq_hz) * 2 < other.bw_hz + bw_hz


def path_loss_db(node, other):
    """Between two places, by their distance alone."""
    dx, dy = node.x_m - other.x_m, node.y_m - other.y_m
    metres = max(_NEVER_NEARER_M, math.sqrt(dx * dx + dy * dy))
    return _LOSS_1_KM_DB + _LOSS_DECADE_DB * math.log10(metres / 1000)


def _is_mute(sent):
    return sent.node is not None and sent.node.mute
