"""What satellite receivers are told, so that they start, sleep and say what is read of them.

    u-blox (6 to M10)   UBX, u-blox' interface descriptions: CFG-RST, RXM-PMREQ, CFG-MSG; NMEA's
                        PUBX,40 for the sentences, which all of them still know
    casic (AT6558)      PCAS, ZhongKeWei's CASIC protocol (U: from others' code). It sleeps
                        for a time in seconds; that a byte wakes it before is said nowhere
    mtk (L76, L80)      PMTK, Quectel's GNSS SDK commands manual; what stops it ends by a byte

A start is hot (all is known), warm (where the satellites are is forgotten) or cold (all is).
What a receiver has forgotten over a sleep it is told again: sentences() after each wake().
"""

BAUDS = (9600, 38400, 115200, 57600, 19200, 4800)
KINDS = ("ublox", "casic", "mtk")
STARTS = ("hot", "warm", "cold")

_BBR = (b"\x00\x00", b"\x01\x00", b"\xff\xff")  # what u-blox forgets, low byte first


def ubx(number, payload):
    """A message of UBX; number: its class << 8 | what it is. u-blox M8 interface, 32.4."""
    body = bytes((number >> 8, number & 0xFF, len(payload) & 0xFF, len(payload) >> 8)) + payload
    a = b = 0
    for byte in body:
        a = a + byte & 0xFF
        b = b + a & 0xFF
    return b"\xb5\x62" + body + bytes((a, b))


def nmea(text):
    """A sentence of what is between $ and *."""
    check = 0
    for byte in text:
        check ^= byte
    return b"$%s*%02X\r\n" % (text, check)


def start(kind, how):
    """A restart: how is one of STARTS. ValueError for another."""
    how = STARTS.index(how)
    if kind == "ublox":
        # 02: the satellite part alone; its port and configuration stay.
        return ubx(0x0604, _BBR[how] + b"\x02\x00")
    return nmea(b"PCAS10,%d" % how if kind == "casic" else b"PMTK%d" % (101 + how))


def sentences(kind):
    """RMC, GGA and GSA once a second, GSV every fifth where it can, and nothing else."""
    if kind == "ublox":
        lines = b""
        for name, each in ((b"RMC", 1), (b"GGA", 1), (b"GSA", 1), (b"GSV", 5)):
            lines += nmea(b"PUBX,40,%s,0,%d,0,0,0,0" % (name, each))
        for name in (b"GLL", b"VTG"):
            lines += nmea(b"PUBX,40,%s,0,0,0,0,0,0" % name)
        return lines
    if kind == "casic":
        # In its order: GGA, GLL, GSA, GSV, RMC, VTG, ZDA and what else there may be.
        return nmea(b"PCAS02,1000") + nmea(b"PCAS03,1,0,1,5,1,0,0,0,0,0,,,0,0")
    # GLL, RMC, VTG, GGA, GSA, GSV; 386: no speed below which it says the same place again.
    mask = b"PMTK314,0,1,0,1,1,5" + b",0" * 13
    return nmea(b"PMTK220,1000") + nmea(mask) + nmea(b"PMTK386,0")


def sleep(kind, seconds, old=False):
    """Off for so long, or until wake(); 0: until wake() alone. At most 65535 s for casic, which
    is off for all of these at 0.

    old: in u-blox' form of before M8, which M10 knows no more. They can't be sent both: the second
    wakes who has obeyed the first.
    """
    if kind == "ublox":
        ms = min(seconds, 1000000) * 1000  # they go up to 12 days
        words = bytes((ms & 0xFF, ms >> 8 & 0xFF, ms >> 16 & 0xFF, ms >> 24))
        if old:
            return ubx(0x0241, words + b"\x02\0\0\0")
        # Backup, also at USB; a byte on RX ends it.
        return ubx(0x0241, b"\0\0\0\0" + words + b"\x06\0\0\0\x08\0\0\0")
    if kind == "casic":
        return nmea(b"PCAS12,%d" % (min(seconds, 65535) or 65535))
    return nmea(b"PMTK161,0")


def wake(kind):
    """What has edges enough to wake it, and is no command: its first bytes are lost."""
    return b"\xff" * 8 if kind == "ublox" else b"\r\n\r\n"
