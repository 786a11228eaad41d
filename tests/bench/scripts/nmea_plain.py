"""A straightforward NMEA parser, a character at a time, as one would first write it."""


class Plain:
    """Of RMC and GGA: places in 1e-7 degree, speed in knots, satellites and HDOP."""

    def __init__(self):
        self.lat_e7 = self.lon_e7 = self.time = self.date = None
        self.speed = self.course = self.hdop = self.altitude = None
        self.satellites = 0
        self.valid = False
        self._line = ""

    def update(self, byte):
        """Takes one byte."""
        if byte == 36:
            self._line = ""
        elif byte == 10:
            self._take(self._line)
            self._line = ""
        elif byte != 13:
            self._line += chr(byte)

    def _take(self, line):
        body, _, told = line.partition("*")
        check = 0
        for char in body:
            check ^= ord(char)
        try:
            if int(told, 16) != check:
                return
            fields = body.split(",")
            if fields[0][2:] == "RMC":
                self._rmc(fields)
            elif fields[0][2:] == "GGA":
                self._gga(fields)
        except ValueError:
            return

    def _rmc(self, fields):
        self.time = fields[1]
        self.valid = fields[2] == "A"
        if self.valid:
            self.lat_e7 = self._angle(fields[3], fields[4], 2)
            self.lon_e7 = self._angle(fields[5], fields[6], 3)
            self.speed = float(fields[7])
            self.course = float(fields[8]) if fields[8] else None
        self.date = fields[9]

    def _gga(self, fields):
        self.time = fields[1]
        if fields[6] != "0":
            self.lat_e7 = self._angle(fields[2], fields[3], 2)
            self.lon_e7 = self._angle(fields[4], fields[5], 3)
        self.satellites = int(fields[7])
        self.hdop = float(fields[8])
        self.altitude = float(fields[9])

    @staticmethod
    def _angle(text, letter, digits):
        minutes, _, part = text[digits:].partition(".")
        part = int((part + "0000000")[:7])
        e7 = int(text[:digits]) * 10000000 + (int(minutes) * 10000000 + part) // 60
        return -e7 if letter in "SW" else e7
