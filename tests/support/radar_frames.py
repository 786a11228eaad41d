"""What the crosswalk's radars send, for tests, and ports that behave like the parts."""

from support.port import Port

_HEAD = b"\xfd\xfc\xfb\xfa"
_TAIL = b"\x04\x03\x02\x01"


def signed(value):
    """A number of the LD2450: the top bit is set for positive."""
    value = 0x8000 | value if value > 0 else -value
    return bytes((value & 255, value >> 8))


def target(x_mm, y_mm, speed_cm_s=0, gate_mm=320):
    """8 bytes of an LD2450's report."""
    gate = bytes((gate_mm & 255, gate_mm >> 8))
    return signed(x_mm) + signed(y_mm) + signed(speed_cm_s) + gate


def report(*targets):
    """An LD2450's of up to three targets, each the arguments of target(); None is empty."""
    slots = [target(*it) if it else bytes(8) for it in targets]
    slots += [bytes(8)] * (3 - len(slots))
    return b"\xaa\xff\x03\x00" + b"".join(slots) + b"\x55\xcc"


def state(number, moving_cm=0, still_cm=0, gates=b""):
    """An LD2410's report; gates: the energies that it sends in its engineering mode."""
    data = bytes((1 if gates else 2, 0xAA, number))
    for cm in (moving_cm, still_cm):
        data += bytes((cm & 255, cm >> 8, 60 if cm else 0))
    data += bytes(2) + gates + b"\x55\x00"
    return b"\xf4\xf3\xf2\xf1" + bytes((len(data), 0)) + data + b"\xf8\xf7\xf6\xf5"


def answer(word, status=0, more=b""):
    """What acknowledges a command."""
    data = bytes((word, 1, status, 0)) + more
    return _HEAD + bytes((len(data), 0)) + data + _TAIL


class HiLinkPart(Port):
    """A part at the other end that answers commands, and is silent while it is configured.

    heard: the words of its commands. deaf: it hears none. loses(word) -> True: the answer to that
    one is lost. configuring: it is. several: the LD2450 was told to tell of several targets.
    """

    def __init__(self):
        super().__init__()
        self.deaf = False
        self.loses = lambda word: False
        self.start()

    def start(self):
        """Power on."""
        self.heard = []
        self.configuring = self.several = False

    def write(self, data):
        super().write(data)
        assert data[:4] == _HEAD and data[-4:] == _TAIL
        assert data[4] | data[5] << 8 == len(data) - 10
        word = data[6]
        if self.deaf:
            return
        self.heard.append(word)
        if word == 0xFF:
            self.configuring = True
        elif not self.configuring:
            return
        elif word == 0xFE:
            self.configuring = False
        elif word == 0x90:
            self.several = True
        if not self.loses(word):
            self.put(answer(word, more=b"\x01\x00\x40\x00" if word == 0xFF else b""))

    def tell(self, data):
        """A tenth of a second has passed: it reports, if it does so now."""
        if not self.configuring:
            self.put(data)


class Ops243Part(Port):
    """An OPS243 at the other end: it takes commands of two characters and answers as its manual.

    json, metres, zeros, decimals: what it was told; power on gives the manual's defaults. deaf: it
    hears nothing. knows_zeros: this version has BZ.
    """

    def __init__(self, knows_zeros=True):
        super().__init__()
        self.deaf = False
        self.knows_zeros = knows_zeros
        self.start()

    def start(self):
        """Power on."""
        self.json = self.metres = self.zeros = False
        self.decimals = 1

    def write(self, data):
        super().write(data)
        assert len(data) == 2
        if self.deaf:
            return
        if data == b"OJ":
            self.json = True
        elif data == b"UM":
            self.metres = True
        elif data == b"BZ":
            self.zeros = self.knows_zeros
        elif data == b"F2":
            self.decimals = 2
        if data in (b"UM", b"U?"):
            self.put(b'{"Units":"%s"}\r\n' % (b"m-per-sec" if self.metres else b"mph"))

    def tell(self, m_s):
        """A tenth of a second has passed: what it reports of that speed, 0 for nothing."""
        if not m_s and not self.zeros:
            return
        number = ("%.*f" % (self.decimals, m_s if self.metres else m_s * 2.236936)).encode()
        self.put(b'{"speed":"%s"}\r\n' % number if self.json else number + b"\r\n")
