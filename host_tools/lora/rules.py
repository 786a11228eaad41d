"""Watches an air for transmissions against a region's rules; for tests, and none of a lawyer's.

    rules = Rules(air, "EU868")
    ...
    assert not rules.errors

EU868: ETSI EN 300 220-2 V3.1.1 annex B. KR920: the limits that RP002-1.0.4 section 2.11 gives for
South Korea, with the laxest listen-before-talk that stacks use (-65 dBm over 5 ms). AS923, US915,
IN865: RP002-1.0.4 and FCC 15.247. Joins: TS001-1.0.4 chapter 7. Written apart from the firmware's
tables, that the one may be a check of the other.
"""

_HOUR_US = 3_600_000_000
_LBT_US = 5_000
_LBT_DBM = -65
_JOIN_BYTES = 23
# Of each: (lowest Hz, highest Hz, air time in any hour in ms, most dBm EIRP).
_BANDS = {
    "EU868": (
        (863_000_000, 865_000_000, 3_600, 16),
        (865_000_000, 868_000_000, 36_000, 16),
        (868_000_000, 868_600_000, 36_000, 16),
        (868_700_000, 869_200_000, 3_600, 16),
        (869_400_000, 869_650_000, 360_000, 29),
        (869_700_000, 870_000_000, 36_000, 16),
    ),
    "KR920": ((920_800_000, 923_400_000, 3_600_000, 14),),
    "AS923": ((915_000_000, 928_000_000, 36_000, 16),),
    "US915": ((902_000_000, 928_000_000, 3_600_000, 30),),
    "IN865": ((865_000_000, 867_000_000, 3_600_000, 30),),
}
_LONGEST_MS = {"KR920": 4_000, "AS923": 400, "US915": 400}


class Rules:
    """errors: texts. most_ms: {(node, band): the most air time of any hour}; joins_ms: the same of
    (node, period), 0 the first hour, 1 the next ten, then one a day.

    longest_us: of one transmission, or None; a test changes it where a network has allowed more.
    """

    def __init__(self, air, region):
        self.errors = []
        self.most_ms = {}
        self.joins_ms = {}
        self.frames = 0
        self._air = air
        self._region = region
        self._bands = _BANDS[region]
        longest_ms = _LONGEST_MS.get(region)
        self.longest_us = longest_ms and longest_ms * 1000
        self._spans = {}  # {(node, band): [(start_us, end_us)] of the last hour}
        self._first_us = {}  # {node: its first join-request}
        self._ends_us = {}
        air.watchers.append(self._on_air)

    def _on_air(self, sent):
        if sent.down:
            return
        self.frames += 1
        if sent.start_us < self._ends_us.get(sent.node, 0):
            self._say(sent, "while the last frame is still sent")
        self._ends_us[sent.node] = sent.end_us
        if self.longest_us and sent.end_us - sent.start_us > self.longest_us:
            self._say(sent, "for %d ms" % ((sent.end_us - sent.start_us) // 1000))
        self._check_band(sent)
        if self._region == "KR920":
            dbm = self._air.rssi_dbm(
                sent.node, sent.freq_hz, sent.bw_hz, sent.start_us - _LBT_US, sent.start_us
            )
            if dbm > _LBT_DBM:
                self._say(sent, "into %d dBm" % dbm)
        if len(sent.frame) == _JOIN_BYTES and sent.frame[0] == 0:
            self._check_join(sent)

    def _check_band(self, sent):
        half_hz = sent.bw_hz // 2
        for i, (lowest_hz, highest_hz, limit_ms, most_dbm) in enumerate(self._bands):
            if not lowest_hz <= sent.freq_hz - half_hz <= sent.freq_hz + half_hz <= highest_hz:
                continue
            if self._region == "US915" and sent.bw_hz == 500_000:
                most_dbm = 26
            if self._region == "KR920" and sent.freq_hz < 922_000_000:
                most_dbm = 10
            if sent.dbm > most_dbm:
                self._say(sent, "with %d dBm" % sent.dbm)
            key = sent.node, i
            spans = self._spans.get(key, [])
            spans.append((sent.start_us, sent.end_us))
            since_us = sent.end_us - _HOUR_US
            self._spans[key] = spans = [it for it in spans if it[1] > since_us]
            used_ms = sum([it[1] - max(it[0], since_us) for it in spans]) / 1000
            self.most_ms[key] = max(used_ms, self.most_ms.get(key, 0))
            if used_ms > limit_ms:
                self._say(sent, "with %d ms in an hour" % used_ms)
            return
        self._say(sent, "outside of the bands")

    def _check_join(self, sent):
        first_us = self._first_us.setdefault(sent.node, sent.start_us)
        hours = (sent.start_us - first_us) // _HOUR_US
        period = 0 if hours < 1 else 1 if hours < 11 else 2 + (hours - 11) // 24
        key = sent.node, period
        used_ms = self.joins_ms.get(key, 0) + (sent.end_us - sent.start_us) / 1000
        self.joins_ms[key] = used_ms
        if used_ms > (36_000 if period < 2 else 8_700):
            self._say(sent, "with %d ms of joins" % used_ms)

    def _say(self, sent, what):
        text = "%d us: %d bytes at %d Hz, SF%d, %s"
        self.errors.append(text % (sent.start_us, len(sent.frame), sent.freq_hz, sent.sf, what))
