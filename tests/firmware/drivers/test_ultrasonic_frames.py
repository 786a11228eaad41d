"""What rangers say on a serial line: their frames read right, and nothing else believed."""

import random
import time

from kerb.drivers.ultrasonic_serial import AskedRanger, FrameRanger, TextRanger
from support.port import Port
from support.ultrasonic import echo_us, frame, text

KINDS = ((FrameRanger, frame, 30, 4500), (AskedRanger, frame, 200, 6000))
KINDS += ((TextRanger, text, 301, 4999),)


def made(kind):
    port = Port()
    part = kind(port)
    part.temperature_cdeg = 1457  # 340 m/s: what the JSN-SR04T takes for granted
    return part, port


def done(part):
    return part.poll(time.ticks_ms())


def read(part, port, data):
    """What the part makes of data that comes after begin(): (distance, fault, alive)."""
    part.begin()
    port.put(data)
    assert done(part)
    return part.distance_mm, part.fault, part.alive


def test_the_data_sheets_frames_are_read():
    part, port = made(FrameRanger)
    assert read(part, port, b"\xff\x07\xa1\xa7") == (1953, None, True)
    part, port = made(AskedRanger)
    assert read(part, port, b"\xff\x07\xa1\xa7") == (1953, None, True)
    part, port = made(TextRanger)
    assert read(part, port, b"R1953\r") == (1953, None, True)


def test_every_distance_of_the_range_is_read_and_none_beyond():
    for kind, form, near, far in KINDS:
        part, port = made(kind)
        for mm in range(1, 6200, 23):
            got = read(part, port, form(mm))
            if near <= mm <= far:
                assert got == (mm, None, True), (kind, mm)
            elif mm < near:
                assert got == (None, "out_of_range", True), (kind, mm)
            else:
                assert got == (None, "no_answer", True), (kind, mm)
        assert part.rejected == 0


def test_what_they_say_for_nothing_there_is_no_distance():
    for mm in (0, 5500):
        part, port = made(FrameRanger)
        assert read(part, port, frame(mm)) == (None, "no_answer", True)
    part, port = made(TextRanger)
    assert read(part, port, b"R5000\r") == (None, "no_answer", True)
    assert read(part, port, b"R0300\r") == (None, "out_of_range", True)


def test_the_part_that_knows_no_temperature_is_corrected_and_the_others_are_not():
    for celsius in range(-20, 61, 10):
        said = round(echo_us(3000, celsius) * 0.17)  # 340 m/s, there and back
        part, port = made(AskedRanger)
        part.temperature_cdeg = celsius * 100
        mm, _, _ = read(part, port, frame(said))
        assert abs(mm - 3000) <= 2, celsius
        part, port = made(FrameRanger)
        part.temperature_cdeg = celsius * 100
        assert read(part, port, frame(said))[0] == said
        # By config each may be the other way.
        part = AskedRanger(port, knows_air=True)
        part.temperature_cdeg = celsius * 100
        assert read(part, port, frame(said))[0] == said
        part = FrameRanger(port, knows_air=False)
        part.temperature_cdeg = celsius * 100
        assert abs(read(part, port, frame(said))[0] - 3000) <= 2


def test_only_one_of_them_is_asked():
    for kind, said in ((FrameRanger, b""), (TextRanger, b""), (AskedRanger, b"\x55")):
        part, port = made(kind)
        part.begin()
        assert port.said == said


def test_what_was_said_before_a_measurement_does_not_count_though_it_is_cut_anywhere():
    for kind, form, near, far in KINDS:
        old = form(1000)
        for cut in range(len(old)):
            part, port = made(kind)
            port.put(form(777) * 20 + old[:cut])
            part.begin()
            assert not done(part)
            port.put(old[cut:])
            assert done(part) and part.distance_mm == 1000, (kind, cut)
            assert part.rejected == 0


def test_chunks_of_any_size_give_the_same():
    for kind, form, near, far in KINDS:
        for size in (1, 2, 3, 5, 31, 32, 33):
            part, port = made(kind)
            stream = b"".join([form(1000 + n) for n in range(40)])
            part.begin()
            for at in range(0, len(stream), size):
                port.put(stream[at : at + size])
                part._take_in()
            assert part.frames == 40, (kind, size)
            done(part)
            assert part.distance_mm == 1039


def test_it_finds_its_frames_again_after_any_lost_or_added_bytes():
    random.seed(8)
    for kind, form, near, far in KINDS:
        part, port = made(kind)
        lost = wrong = 0
        for n in range(400):
            mm = 1000 + random.randrange(3000)
            data = form(mm)
            if n % 4 == 1:
                at = random.randrange(len(data))
                if random.random() < 0.5:
                    data = data[:at] + data[at + 1 :]
                else:
                    junk = bytes([random.choice((255, 82, 13, 0, 48)) for _ in range(3)])
                    data = data[:at] + junk + data[at:]
                lost += 1
            part.begin()
            port.put(data)
            whole = done(part)
            wrong += n % 4 == 3 and not (whole and part.distance_mm == mm)
        # The one that is damaged, and at most the one that follows.
        assert part.frames >= 400 - 2 * lost
        assert wrong == 0, kind


def test_noise_raises_nothing_and_makes_hardly_a_distance_up():
    for kind, form, near, far in KINDS:
        made_up = 0
        for seed in range(10):
            random.seed(seed)
            part, port = made(kind)
            for _ in range(100):
                data = bytes([random.randrange(256) for _ in range(random.randrange(12))])
                if random.randrange(3) == 0:
                    data = bytes([random.choice((255, 82, 13, 7, 0, 49)) for _ in range(8)])
                part.begin()
                port.put(data)
                if done(part):
                    assert part.distance_mm is None or near <= part.distance_mm <= far
                    made_up += part.distance_mm is not None
        # A sum of eight bits lets through one in 256 of what looks like a frame.
        assert made_up < 20, (kind, made_up)


def test_what_only_looks_like_a_frame_is_none():
    for kind, data in (
        (FrameRanger, b"\xff\x20\x00\x1f"),  # 8.2 m
        (FrameRanger, b"\xff\xff\xff\xfd"),
        (TextRanger, b"R195\r"),
        (TextRanger, b"R19534\r"),
        (TextRanger, b"R19 3\r"),
        (TextRanger, b"1953\r"),
        (TextRanger, b"R1953\n"),
    ):
        part, port = made(kind)
        part.begin()
        port.put(data)
        assert not done(part) and part.frames == 0, data


def test_no_flipped_bit_makes_another_distance():
    for mm in (300, 1953, 4095):
        for bit in range(32):
            part, port = made(FrameRanger)
            data = bytearray(frame(mm))
            data[bit // 8] ^= 1 << bit % 8
            part.begin()
            port.put(bytes(data))
            assert not done(part), (mm, bit)
            port.put(frame(1234) * 2)
            assert done(part) and part.distance_mm == 1234
