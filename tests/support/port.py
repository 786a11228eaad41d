"""Serial ports in a test's hands, as drivers see them: kerb.hal.serial.Serial."""


class Port:
    """One to put bytes into; `said` is what was written to it."""

    def __init__(self):
        self.waiting = b""
        self.said = b""

    def put(self, data):
        self.waiting += data

    def write(self, data):
        self.said += data

    def any(self):
        return len(self.waiting)

    def read_into(self, buf):
        size = min(len(buf), len(self.waiting))
        buf[:size] = self.waiting[:size]
        self.waiting = self.waiting[size:]
        return size


class Repeating:
    """One that gives the same bytes, no more than a buffer holds, `left` times: by itself it takes
    no memory."""

    def __init__(self, data):
        self._data = data
        self.left = 0

    def write(self, data):
        pass

    def read_into(self, buf):
        if not self.left:
            return 0
        self.left -= 1
        data = self._data
        for i in range(len(data)):
            buf[i] = data[i]
        return len(data)
