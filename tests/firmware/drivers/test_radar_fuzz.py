"""All that a radar's line can carry: cut, flipped, spliced at every byte; nothing raises, nothing
is lost that was whole, and what is made up stays within what the parts can tell.
"""

import random

from kerb.drivers.ld2410 import Ld2410
from kerb.drivers.ld2450 import Ld2450
from kerb.drivers.ops243 import Ops243
from support.port import Port
from support.radar_frames import answer, report, state

PLACES = ((-782, 1713, -16, 320), (500, 2500, 40, 320), (5, 5000, 0, 360))
REPORTS = (report(PLACES[0]), report(*PLACES), report())
STATES = (state(0), state(3, 120, 300), state(1, 75, gates=bytes(range(22))))
ANSWERS = (answer(0xFF, more=b"\x01\x00\x40\x00"), answer(0x90), answer(0xFE), answer(0x63))
LINES = (
    b'{"speed":"13.42"}\r\n',
    b'{"unit":"mps","speed":"-3.1","range":"20.5"}\r\n',
    b'{"Units":"m-per-sec"}\r\n',
    b'{"speed":"0.00"}\n',
)
KINDS = ((Ld2450, REPORTS + ANSWERS), (Ld2410, STATES + ANSWERS), (Ops243, LINES))
# Between frames, each begins some frame.
JUNK = (0xAA, 0xFF, 0x03, 0x00, 0x55, 0xCC, 0xFD, 0xFC, 0xFB, 0xFA, 0xF4, 0xF3, 0x04, 0x7B, 0x0A)


class Line:
    """A radar of one kind at a line: `take` gives it bytes, in chunks by chance."""

    def __init__(self, kind):
        self.port = Port()
        self.part = kind(self.port)
        self.now_ms = 0

    def take(self, data, size=None):
        for at in range(0, len(data), size or 64):
            self.port.put(data[at : at + (size or 64)])
            self.now_ms += 20
            self.part.poll(self.now_ms)
            self.believe()

    def wholes(self):
        return self.part.reports if isinstance(self.part, Ops243) else self.part.frames

    def believe(self):
        """Whatever came: what it tells is possible."""
        part = self.part
        assert part.fault in (None, "garbled", "no_answer")
        if isinstance(part, Ld2450):
            assert 0 <= part.count <= 3
            for i in range(part.count):
                assert 0 < part.y(i) <= 8000
                assert abs(part.x(i)) * 1000 <= part.y(i) * 1732
                assert abs(part.speed(i)) <= 1200 and part.resolution(i) > 0
        elif isinstance(part, Ld2410):
            assert part.present in (None, "none", "still", "moving")
            for mm in (part.moving_mm, part.still_mm):
                assert mm is None or 0 <= mm <= 8000
            assert part.present != "moving" or part.moving_mm
        else:
            assert part.speed_cm_s is None or abs(part.speed_cm_s) <= 7000
            assert part.range_mm is None or 0 < part.range_mm <= 200000


def is_whole(kind, frame):
    """Whether such a frame counts."""
    return b"speed" in frame if kind is Ops243 else frame not in ANSWERS


def test_a_frame_cut_at_every_byte_costs_no_other():
    for kind, frames in KINDS:
        for frame in frames:
            for cut in range(1, len(frame)):
                for piece in (frame[:cut], frame[cut:]):
                    if kind is Ops243 and piece[-1] != 10:
                        piece += b"\n"
                    line = Line(kind)
                    line.take(frames[0] + piece)
                    before = line.wholes()
                    # What was cut may take in what comes next, and gives it back.
                    line.take(frames[1] * 3)
                    assert line.wholes() == before + 3 or before == 2, (kind, frame, cut)


def test_a_byte_that_is_lost_or_doubled_or_put_in_costs_at_most_its_own_frame():
    for kind, frames in KINDS:
        for frame in frames:
            for at in range(len(frame)):
                for bad in (
                    frame[:at] + frame[at + 1 :],
                    frame[:at] + frame[at : at + 1] + frame[at:],
                    frame[:at] + bytes((JUNK[at % len(JUNK)],)) + frame[at:],
                ):
                    line = Line(kind)
                    line.take(frames[0] + bad + frames[1] * 3)
                    # A line without its end takes the next one with it.
                    wanted = 1 + 3 - (kind is Ops243)
                    assert wanted <= line.wholes() <= 5, (kind, frame, at)


def test_each_bit_flipped_raises_nothing_and_costs_at_most_its_own_frame():
    for kind, frames in KINDS:
        for frame in frames:
            for at in range(len(frame)):
                for bit in range(8):
                    bad = frame[:at] + bytes((frame[at] ^ 1 << bit,)) + frame[at + 1 :]
                    line = Line(kind)
                    line.take(frames[0] + bad + frames[1] * 3)
                    wanted = 1 + 3 - (kind is Ops243)
                    assert wanted <= line.wholes() <= 6, (kind, frame, at, bit)


def test_two_frames_spliced_at_every_pair_of_bytes():
    for kind, frames in KINDS:
        first, second = frames[1], frames[2]
        for cut in range(0, len(first) + 1, 2):
            for at in range(0, len(second) + 1, 3):
                line = Line(kind)
                line.take(first[:cut] + second[at:] + frames[1] * 4)
                assert line.wholes() >= 4 - (kind is Ops243), (kind, cut, at)


def test_streams_with_all_of_it_give_every_whole_frame_in_chunks_of_any_size():
    for kind, frames in KINDS:
        for seed in range(12):
            random.seed(seed)
            stream = b""
            wanted = 0
            for _ in range(60):
                frame = frames[random.randrange(len(frames))]
                what = random.randrange(6)
                if what == 0:
                    cut = random.randrange(len(frame))
                    stream += frame[:cut] if random.random() < 0.5 else frame[cut:]
                elif what == 1:
                    junk = [JUNK[random.randrange(len(JUNK))] for _ in range(9)]
                    stream += bytes(junk)
                else:
                    if kind is Ops243:
                        stream += b"\n"
                    stream += frame
                    wanted += is_whole(kind, frame)
            stream += b"\n" if kind is Ops243 else bytes(64)
            counts = set()
            for size in (1, 7, 30, 64):
                line = Line(kind)
                line.take(stream, size)
                assert line.wholes() >= wanted, (kind, seed, size)
                counts.add(line.wholes())
            assert len(counts) == 1, (kind, seed)


def test_noise_of_all_bytes_raises_nothing_and_is_told_as_noise():
    for kind, frames in KINDS:
        random.seed(5)
        line = Line(kind)
        for _ in range(150):
            line.take(bytes([random.randrange(256) for _ in range(60)]))
        assert line.wholes() == 0 and line.part.fault == "garbled"
        assert not line.part.alive


def test_answers_that_nobody_asked_for_change_nothing():
    for kind, frames in KINDS[:2]:
        for word in range(256):
            for status in (0, 1):
                line = Line(kind)
                line.take(answer(word, status) * 3 + frames[1])
                assert line.wholes() == 1 and not line.part.configured
