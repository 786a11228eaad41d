"""What Hi-Link's radars LD2410 and LD2450 share: frames and commands on a serial line.

Format: Hi-Link's serial protocols, of the LD2450 V1.03 and of the LD2410B V1.06. 256000 baud, 8N1,
low byte first. A report begins and ends as the part's own driver says;

    command   FD FC FB FA, length of word and value (2), word (2), value, 04 03 02 01
    answer    the same with bit 8 of the word set, and before all else 2 bytes: 0 for well

Commands are taken only between FF and FE, and in between a part reports nothing.
"""

import time

from micropython import const

BAUD = const(256000)
RX_BYTES = const(512)  # at least: of an LD2450 that is 1.7 s of reports, of an LD2410 2 s

_CHUNK = const(64)
_STALL_MS = const(1500)  # told within 2 s by whoever polls every half second
# Of ten reports a second each is good for so long, and all together for no longer than a stall:
# with two a second a part is blind to who walks. It is well again when they are for _WELL_MS.
_WORTH_MS = const(400)
_WELL_MS = const(1000)
_ACK_MS = const(300)
_ASKS = const(3)
_ROUNDS = const(3)
_AGAIN_MS = const(2000)
# Ten reports a second; a part that starts anew needs longer than that.
_GAP_MS = const(600)
_ANSWER = const(0xFD)
_COMMAND_HEAD = b"\xfd\xfc\xfb\xfa"
_COMMAND_TAIL = b"\x04\x03\x02\x01"
_HEAD = const(4)  # of any frame
_LEAST = const(14)  # a frame with a length is no shorter, report or answer


def command(word, value=b""):
    """The bytes of a command."""
    return _COMMAND_HEAD + bytes((2 + len(value), 0, word, 0)) + value + _COMMAND_TAIL


ENABLE = command(0xFF, b"\x01\x00")
END = command(0xFE)


class HiLink:
    """The part behind `port`, a kerb.hal.serial.Serial at BAUD with RX_BYTES.

    Nothing that comes raises anything or is waited for, and once warm poll() takes no memory.

    alive: reports come. fault: None, or what is wrong with them: "no_answer" nothing comes,
    "garbled" bytes come and no whole report, or less than one in 0.4 s. Both are settled 1.5 s
    after the first poll() and after the last report, and within 2 s of where less than one a
    second comes. configured: the part has acknowledged all commands since it was last seen to
    start; one that never does is asked three times and used as it is.
    frames, rejected: whole reports, and bytes that began like a frame and were none.
    """

    def __init__(self, port, head, tail, size, longest, commands):
        """head, tail: of a report. size: its length, 0 where it tells that itself. longest: of any
        frame. commands: to be acknowledged one after the other; the last is END."""
        self._port = port
        self._head = head
        self._tail = tail
        self._fixed = size
        self._commands = commands
        self._chunk = bytearray(_CHUNK)
        self._frame = bytearray(longest)
        self._have = 0
        self._need = _HEAD + 1
        self._since_ms = self._quiet_ms = None
        self._until_ms = 0
        self._any = self._full = self._settling = False
        self._configure(None)
        self.alive = False
        self.fault = None
        self.frames = self.rejected = 0

    def _configure(self, now_ms):
        """Has the commands sent, from the first one on."""
        self.configured = False
        self._at = self._asks = self._rounds = 0
        self._due_ms = now_ms

    def poll(self, now_ms):
        """Takes in what has come; True when a new report was among it. `now_ms`: ticks_ms()."""
        if self._since_ms is None:
            self._since_ms = self._due_ms = now_ms
            self._until_ms = time.ticks_add(now_ms, _STALL_MS)
        self._now_ms = now_ms
        port, chunk = self._port, self._chunk
        taken = 0
        new = False
        before = self.frames
        while taken < RX_BYTES:
            count = port.read_into(chunk)
            if not count:
                break
            taken += count
            if self._feed(count):
                new = True
        if taken:
            self._any = True
            if self._quiet_ms is not None and self._at == len(self._commands):
                if not self._settling and time.ticks_diff(now_ms, self._quiet_ms) >= _GAP_MS:
                    self._configure(now_ms)
            self._quiet_ms = None
        elif self._quiet_ms is None:
            self._quiet_ms = now_ms
        if new:
            self._since_ms = now_ms
            self._settling = self._any = False
            self.alive = True
            left_ms = max(0, time.ticks_diff(self._until_ms, now_ms))
            left_ms = min(left_ms + (self.frames - before) * _WORTH_MS, _STALL_MS)
            self._until_ms = time.ticks_add(now_ms, left_ms)
            if left_ms >= _WELL_MS:
                self.fault = None
        elif time.ticks_diff(now_ms, self._since_ms) >= _STALL_MS:
            self._since_ms = now_ms
            self.alive = False
            self.fault = "garbled" if self._any else "no_answer"
            self._any = False
            self._lost()
            if self._at == len(self._commands):
                self._configure(now_ms)
        elif not self.fault and time.ticks_diff(now_ms, self._until_ms) >= 0:
            self.fault = "garbled"
        if self._at < len(self._commands) and time.ticks_diff(now_ms, self._due_ms) >= 0:
            self._ask(now_ms)
        # After so long without a look the port has kept the oldest of what came, which is no news.
        full = taken >= RX_BYTES
        fresh = new and not full and not self._full
        if taken:
            self._full = full
        return fresh

    def _ask(self, now_ms):
        wait_ms = _ACK_MS
        if self._asks < _ASKS:
            self._port.write(self._commands[self._at])
            self._asks += 1
        else:
            # It may have been told to be configured and nothing after that: it is silent then.
            self._port.write(END)
            self._at = self._asks = 0
            self._rounds += 1
            wait_ms = _AGAIN_MS
            if self.alive and self._rounds >= _ROUNDS:
                self._at = len(self._commands)
        self._due_ms = time.ticks_add(now_ms, wait_ms)

    def _feed(self, count):
        """Takes in so many bytes of the chunk; True when a report was completed."""
        chunk, frame = self._chunk, self._frame
        head, have = self._head, self._have
        need = self._need
        begin = head[0]
        if have and frame[0] == _ANSWER:
            head = _COMMAND_HEAD
        new = False
        for i in range(count):
            byte = chunk[i]
            # Inline, for noise at 256000 baud is 25 bytes each millisecond. In no head does its
            # first byte come again.
            if 0 < have < _HEAD and byte != head[have]:
                have = 0
                self.rejected += 1
            if not have:
                if byte != begin and byte != _ANSWER:
                    continue
                head = _COMMAND_HEAD if byte == _ANSWER else self._head
            frame[have] = byte
            have += 1
            if have >= need:
                self._have = have
                if self._sift():
                    new = True
                have, need = self._have, self._need
                head = _COMMAND_HEAD if frame[0] == _ANSWER else self._head
        self._have = have
        return new

    def _sift(self):
        """Takes whole frames off the front and drops what is none; True for a report."""
        frame = self._frame
        begin = self._head[0]
        have = self._have
        need = _HEAD + 1
        new = False
        while have:
            need = self._size(have)
            if need > have:
                break
            gone = need
            if not need:
                # What turns out to be none may hide the beginning of one.
                self.rejected += 1
                gone = 1
                while gone < have and frame[gone] != begin and frame[gone] != _ANSWER:
                    gone += 1
            elif frame[0] == _ANSWER:
                self._answered()
            else:
                self.frames += 1
                self._report()
                new = True
            have -= gone
            for i in range(have):
                frame[i] = frame[gone + i]
        self._have = have
        self._need = need if have > _HEAD else _HEAD + 1
        return new

    def _size(self, have):
        """The length of the frame that the first `have` bytes are, or begin; 0: they are none.

        More than `have` when more is to come; it may not be the last word then.
        """
        frame = self._frame
        head, tail, size = self._head, self._tail, self._fixed
        if frame[0] == _ANSWER:
            head, tail, size = _COMMAND_HEAD, _COMMAND_TAIL, 0
        for i in range(min(have, _HEAD)):
            if frame[i] != head[i]:
                return 0
        if have < _HEAD:
            return _HEAD
        if not size:
            if have < 6:
                return 6
            size = 10 + (frame[4] | frame[5] << 8)
            if not _LEAST <= size <= len(frame):
                return 0
        if have >= size:
            at = size - len(tail)
            for i in range(len(tail)):
                if frame[at + i] != tail[i]:
                    return 0
        return size

    def _answered(self):
        """Looks whether the answer is that to the command that was sent last."""
        frame = self._frame
        if self._at == len(self._commands) or not self._asks:
            return
        if frame[6] != self._commands[self._at][6] or frame[7] != 1 or frame[8] or frame[9]:
            return
        self._at += 1
        self._asks = 0
        self._due_ms = self._now_ms
        if self._at == len(self._commands):
            self.configured = self._settling = True

    def _report(self):
        """A whole report is in the frame."""

    def _lost(self):
        """No report has come for too long."""
