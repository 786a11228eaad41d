"""What a satellite receiver says, and one that obeys: at a serial port in a test's hands."""


def line(body):
    """A sentence of what is between $ and *."""
    check = 0
    for byte in body:
        check ^= byte
    return b"$" + body + b"*%02X\r\n" % check


def angle(e7, digits, letters):
    """dddmm.mmmmmmm,N of so many 1e-7 degrees; exact, but for three of seven decimals."""
    degrees, more = divmod(abs(e7), 10000000)
    minutes, part = divmod(more * 60, 10000000)
    text = "%0*d%02d.%07d" % (digits, degrees, minutes, part)
    return text.encode() + b"," + letters[e7 < 0].encode()


def place(lat_e7, lon_e7):
    return angle(lat_e7, 2, "NS") + b"," + angle(lon_e7, 3, "EW")


def burst(second, lat_e7, lon_e7, speed_kn="0.00", satellites=8, hdop="1.1", fix=3, date="280526"):
    """RMC, GGA and GSA of one second of the day."""
    clock = b"%02d%02d%02d.000" % (second // 3600, second // 60 % 60, second % 60)
    here = place(lat_e7, lon_e7)
    tail = b"%s,87.20,%s,,,A" % (speed_kn.encode(), date.encode())
    quality = b"1,%02d,%s,54.2,M,19.0,M,," % (satellites, hdop.encode())
    return (
        line(b"GNRMC," + clock + b",A," + here + b"," + tail)
        + line(b"GNGGA," + clock + b"," + here + b"," + quality)
        + line(b"GNGSA,A,%d,05,12,13,15,20,25,29,,,,,,2.0,%s,1.7" % (fix, hdop.encode()))
    )


def nothing(second):
    """The same of one that knows the time and no place."""
    clock = b"%02d%02d%02d.000" % (second // 3600, second // 60 % 60, second % 60)
    return (
        line(b"GNRMC," + clock + b",V,,,,,,,280526,,,N")
        + line(b"GNGGA," + clock + b",,,,,0,00,99.9,,,,,,")
        + line(b"GNGSA,A,1,,,,,,,,,,,,,99.9,99.9,99.9")
    )


def feed(nmea, data, size=64):
    """Feeds it in chunks; how many epochs were complete."""
    chunk = bytearray(64)
    done = 0
    for at in range(0, len(data), size):
        piece = data[at : at + size]
        chunk[: len(piece)] = piece
        done += nmea.feed(chunk, len(piece)) is True
    return done


class Receiver:
    """A receiver at a port: says a burst each second at `rate`, and obeys what it is told.

    heard: all that was written to it, at whatever rate. asleep, deaf, silent: as they are called;
    ignores: what it does not obey.
    """

    def __init__(self, rate=9600, kind="ublox"):
        self.rate = self._mine = rate
        self.kind = kind
        self.set_baud(9600)
        self.heard = b""
        self.ignores = None
        self.asleep = self.deaf = self.silent = False
        self.second = 40000
        self.lat_e7, self.lon_e7 = 351802057, 1290802057
        self._waiting = b""

    def set_baud(self, baud):
        self.baud = baud
        self._waiting = b""

    def write(self, data):
        self.heard += data
        if self.deaf or self.baud != self.rate:
            return
        self.asleep = False
        if data == self.ignores:
            return
        for sleeps in (b"\xb5\x62\x02\x41", b"$PCAS12", b"$PMTK161"):
            if sleeps in data:
                self.asleep = True

    def tick(self):
        """A second passes."""
        self.second += 1
        self.lat_e7 += 7
        if not (self.asleep or self.silent):
            said = burst(self.second, self.lat_e7, self.lon_e7)
            if self.baud != self.rate:
                said = bytes([byte ^ 0xA5 for byte in said[: len(said) * self.baud // self.rate]])
            self._waiting = (self._waiting + said)[:1024]

    def any(self):
        return len(self._waiting)

    def read_into(self, buf):
        size = min(len(buf), len(self._waiting))
        buf[:size] = self._waiting[:size]
        self._waiting = self._waiting[size:]
        return size
