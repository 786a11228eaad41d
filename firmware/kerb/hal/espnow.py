"""ESP-NOW, by which ESP32s within reach hear each other without an access point.

By MicroPython's documentation and source; it has not been tried on a board yet.
"""

import espnow
import network
from micropython import const, heap_lock, heap_unlock

_ALL = b"\xff\xff\xff\xff\xff\xff"
_SENDERS = const(20)


class EspNow:
    """Broadcasts on the board's one radio, beside its Wi-Fi; `station` is its hal.wifi.Station.

    channel: where it is heard while there is no access point, 1 to 13. With one the radio is on
    the access point's channel, so this has to be the same for who is connected and who is not.

    The radio stays on when the station gives its link up, tries once to join where it would have
    gone on for ever, and sleeps no more between beacons, for 0.1 W more: else it is deaf.
    While it looks for its access point, some 3 s each time, it hears nobody.

    MicroPython keeps the address of each sender until the reset, and nothing makes it forget one:
    who sends with ever new addresses would fill the heap. So it learns the first 20. Of others,
    after those, the messages are heard, but one cannot aim at them.
    """

    def __init__(self, station, channel):
        station.stays_on = True
        self._wlan = network.WLAN(network.STA_IF)
        self._channel = channel
        self._now = espnow.ESPNow()
        self._last = self._one = None
        self._began = False

    def tend(self):
        """Puts the radio to where it is heard, if it is not there. To be called each second.

        OSError or RuntimeError when it refuses.
        """
        wlan = self._wlan
        if not wlan.active():
            wlan.active(True)
        if not self._began:
            wlan.config(reconnects=0)
            self._now.active(True)
            self._now.add_peer(_ALL)
            self._began = True
        if wlan.config("pm") != wlan.PM_NONE:
            wlan.config(pm=wlan.PM_NONE)
        # Joining is over sooner when it is left alone.
        if not wlan.isconnected() and wlan.status() != network.STAT_CONNECTING:
            if wlan.config("channel") != self._channel:
                wlan.config(channel=self._channel)

    def aim(self):
        """Whoever was heard last is sent everything to his own address, too, from now on.

        What goes to one address is repeated by the radio until it has arrived.
        """
        if self._one != self._last:
            if self._one:
                self._now.del_peer(self._one)
                self._one = None
            self._now.add_peer(self._last)
            self._one = self._last

    def send(self, data):
        """Up to 250 bytes to whoever hears them; OSError when the radio refuses.

        MicroPython waits while the radio has more to send than it can keep, at most 2 s.
        """
        if self._one:
            self._now.send(self._one, data, False)
        self._now.send(_ALL, data, False)

    def receive(self):
        """The next message, or None; OSError or ValueError when what is kept is out of order."""
        now = self._now
        if len(now.peers_table) >= _SENDERS:
            return self._receive_only()
        sender, data = now.irecv(0)
        if data is None:
            return None
        self._last = sender
        return bytes(data)

    def _receive_only(self):
        """As receive(), with a heap of which nobody can take any."""
        # By the source, untried: the message is in its place before its sender is looked up, and
        # one who is not known yet finds no memory. Nothing clears that table, nor does active().
        now = self._now
        kept = now._data
        heap_lock()
        try:
            came = now.recvinto(kept, 0)
            self._last = kept[0] if came else self._last
        except MemoryError:
            self._last = self._one
            came = True
        finally:
            heap_unlock()
        return bytes(kept[1]) if came else None
