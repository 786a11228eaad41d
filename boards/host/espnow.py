"""MicroPython's espnow module for the virtual board, as the ESP32 has it.

Messages go through `ether`, which has send(channel, frame) and receive(), a (channel, frame) or
None. By default it is UDP on this machine's loopback, at the port that the environment names in
KERB_ESPNOW; without that there is nobody else. A frame is the addresses of receiver and sender,
and the data. Nobody tells whether it has arrived, nor repeats it.
The radio is deaf as the real one is: off, on another channel, or looking for an access point.
"""

import os
import time

import network
from sim import chip

MAX_DATA_LEN = 250
KEY_LEN = 16
ADDR_LEN = 6
_NONE = (None, None)
_ALL = b"\xff\xff\xff\xff\xff\xff"

ether = None


class Loopback:
    """An ether for processes: each frame is broadcast on the loopback, before it its channel."""

    def __init__(self, port):
        import socket

        self._to = socket.getaddrinfo("127.255.255.255", port)[0][-1]
        self._sock = sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        sock.bind(socket.getaddrinfo("0.0.0.0", port)[0][-1])

    def send(self, channel, frame):
        try:
            self._sock.sendto(bytes((channel,)) + frame, self._to)
        except OSError:
            pass  # a full buffer: as lost as on the air

    def receive(self):
        try:
            data = self._sock.recv(300)
        except OSError:
            return None
        return data[0], data[1:]


def _ether():
    global ether
    if ether is None and os.getenv("KERB_ESPNOW"):
        ether = Loopback(int(os.getenv("KERB_ESPNOW")))
    return ether


class ESPNow:
    """Of it what broadcasts need. What it keeps of a message it uses again for the next.

    peers_table: {address: [signal strength in dBm, ticks in ms]} of all that were heard since the
    reset; it takes memory with each, and has none for a new one while heap_is_locked() gives True.
    """

    heap_is_locked = None

    def __init__(self):
        self._active = False
        self._peers = []
        self._data = [None, bytearray()]
        self.peers_table = {}

    def active(self, is_active=None):
        """Whether it is on, or switches it."""
        if is_active is not None:
            self._active = bool(is_active)
            if not is_active:
                self._peers.clear()
        return self._active

    def add_peer(self, mac):
        """Lets it send to an address of six bytes; OSError when it may already."""
        self._need()
        if len(mac) != ADDR_LEN:
            raise ValueError("invalid buffer length")
        if mac in self._peers:
            raise OSError(-12395, "ESP_ERR_ESPNOW_EXIST")
        if len(self._peers) >= 20:
            raise OSError(-12391, "ESP_ERR_ESPNOW_FULL")
        self._peers.append(bytes(mac))

    def del_peer(self, mac):
        """Takes an address back; OSError when it was not there."""
        self._need()
        if mac not in self._peers:
            raise OSError(-12393, "ESP_ERR_ESPNOW_NOT_FOUND")
        self._peers.remove(mac)

    def send(self, mac, data, sync=True):
        """Sends; with sync it would wait, and of a broadcast nobody tells."""
        self._need()
        if mac not in self._peers:
            raise OSError(-12393, "ESP_ERR_ESPNOW_NOT_FOUND")
        if not 0 < len(data) <= MAX_DATA_LEN:
            raise OSError(-12390, "ESP_ERR_ESPNOW_ARG")
        ap = chip.current().network
        if not ap.active:
            raise OSError(-12396, "ESP_ERR_ESPNOW_IF")
        air = _ether()
        # While it looks for an access point it is anywhere.
        if air and ap.hears(ap.tuned()):
            air.send(ap.tuned(), bytes(mac) + self._mac() + bytes(data))
        return True

    def irecv(self, timeout_ms=None):
        """[sender's address, message] or (None, None), at once: only timeout_ms=0 is here."""
        return self._data if self.recvinto(self._data, timeout_ms) else _NONE

    def recvinto(self, kept, timeout_ms=None):
        """Puts sender's address and message into `kept`; gives the message's length, 0 for none.

        MemoryError where there is no memory for a new sender: the message is in `kept` then.
        """
        self._need()
        if timeout_ms != 0:
            raise NotImplementedError("espnow of the virtual board waits for nobody")
        ap = chip.current().network
        air = _ether()
        while air:
            item = air.receive()
            if item is None:
                break
            channel, frame = item
            to, sender = frame[:ADDR_LEN], frame[ADDR_LEN : 2 * ADDR_LEN]
            mine = self._mac()
            if ap.hears(channel) and sender != mine and to in (_ALL, mine):
                kept[1][:] = frame[2 * ADDR_LEN :]
                sender = bytes(sender)
                if sender not in self.peers_table:
                    if self.heap_is_locked and self.heap_is_locked():
                        raise MemoryError("memory allocation failed, heap is locked")
                    self.peers_table[sender] = [0, 0]
                self.peers_table[sender][:] = (-50, time.ticks_ms())
                kept[0] = sender
                return len(kept[1])
        return 0

    def _need(self):
        if not self._active:
            raise OSError(-12389, "ESP_ERR_ESPNOW_NOT_INIT")

    @staticmethod
    def _mac():
        return network.WLAN().config("mac")
