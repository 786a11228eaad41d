"""The other end of a broker: a small MQTT client that blocks, for tests."""

import socket
import threading


def _text(value):
    data = value.encode()
    return len(data).to_bytes(2, "big") + data


def _packet(kind, body):
    size = len(body)
    head = bytearray([kind])
    while size > 127:
        head.append(size & 127 | 128)
        size >>= 7
    head.append(size)
    return bytes(head) + body


class Client:
    """Connected on construction. `got`: (topic, payload, retained) of each message that came."""

    def __init__(self, port, name="tester", subscribe=None):
        self.got = []
        self.acks = 0
        self._id = 0
        self._arrived = threading.Condition()
        self._sock = socket.create_connection(("127.0.0.1", port), 10)
        self._sock.settimeout(None)
        self._file = self._sock.makefile("rb")
        self._send(0x10, _text("MQTT") + b"\4\2\0\0" + _text(name))
        threading.Thread(target=self._read, daemon=True).start()
        self._wait(lambda: self.connected is not None)
        if subscribe:
            self._id += 1
            self._send(0x82, self._id.to_bytes(2, "big") + _text(subscribe) + b"\1")
            self._wait(lambda: self.subscribed)

    connected = None
    subscribed = False

    def _send(self, kind, body):
        self._sock.sendall(_packet(kind, body))

    def _read(self):
        try:
            while self._take():
                pass
        except (OSError, ValueError):
            pass

    def _take(self):
        head = self._file.read(1)
        if not head:
            return False
        size = shift = 0
        while True:
            byte = self._file.read(1)[0]
            size |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                break
        body = self._file.read(size)
        with self._arrived:
            if head[0] >> 4 == 2:
                self.connected = body[1]
            elif head[0] >> 4 == 9:
                self.subscribed = True
            elif head[0] >> 4 == 4:
                self.acks += 1
            elif head[0] >> 4 == 3:
                end = 2 + int.from_bytes(body[:2], "big")
                topic = body[2:end].decode()
                if head[0] & 6:
                    self._send(0x40, body[end : end + 2])
                    end += 2
                self.got.append((topic, body[end:], bool(head[0] & 1)))
            self._arrived.notify_all()
        return True

    def _wait(self, done, limit_s=60):
        with self._arrived:
            assert self._arrived.wait_for(done, limit_s), "nothing came from the broker"

    def wait_for(self, topic, payload=None, limit_s=60):
        """Until such a message has come."""
        self._wait(
            lambda: any(t == topic and (payload is None or p == payload) for t, p, _ in self.got),
            limit_s,
        )

    def publish(self, topic, payload, qos=1, retain=False):
        body = _text(topic)
        if qos:
            self._id = self._id % 65535 + 1
            body += self._id.to_bytes(2, "big")
        self._send(0x30 | qos << 1 | retain, body + payload)

    def wait_acks(self, count, limit_s=60):
        """Until the broker has taken `count` messages of QoS 1."""
        self._wait(lambda: self.acks >= count, limit_s)

    def close(self):
        try:
            self._sock.sendall(b"\xe0\0")
            self._sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._sock.close()
