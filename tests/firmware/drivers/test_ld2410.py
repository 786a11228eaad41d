"""The radar that tells presence: its reports read right, and nothing else believed."""

from binascii import unhexlify

from kerb.drivers.ld2410 import Ld2410
from support.port import Port
from support.radar_frames import HiLinkPart, state


def radar():
    port = Port()
    return port, Ld2410(port)


def read(data):
    port, part = radar()
    port.put(data)
    return (part.present, part.moving_mm, part.still_mm) if part.poll(0) else None


def test_the_sheets_examples_are_read():
    assert read(unhexlify("F4F3F2F10D0002AA02510000" + "00003B00005500" + "F8F7F6F5")) == (
        "still",
        None,
        0,
    )
    engineering = "F4F3F2F1230001AA031E003C000039000008083C22050303040306050000391013060608046001"
    assert read(unhexlify(engineering + "5500F8F7F6F5")) == ("moving", 300, 0)


def test_each_state_says_what_its_distances_are_worth():
    assert read(state(0, 100, 200)) == ("none", None, None)
    assert read(state(1, 100, 200)) == ("moving", 1000, None)
    assert read(state(2, 100, 200)) == ("still", None, 2000)
    assert read(state(3, 100, 200)) == ("moving", 1000, 2000)
    assert read(state(3, 100, 200, gates=bytes(range(22)))) == ("moving", 1000, 2000)


def test_what_moves_at_no_distance_or_beyond_its_range_is_nobody():
    assert read(state(1, 0, 0)) == ("none", None, None)
    assert read(state(1, 801, 0)) == ("none", None, None)
    assert read(state(2, 0, 801)) == ("none", None, None)
    assert read(state(3, 0, 150)) == ("still", None, 1500)


def test_a_frame_that_is_none_is_not_read():
    good = state(1, 100, 200)
    for at in (0, 1, 2, 3, 4, 5, 6, 7, 17, 19, 20, 21, 22):
        bad = good[:at] + bytes((good[at] ^ 0x40,)) + good[at + 1 :]
        port, part = radar()
        port.put(bad + good)
        # The next one is found, or the one after that.
        if not part.poll(0):
            port.put(good)
            assert part.poll(100), at
        assert (part.present, part.frames) == ("moving", 1) or part.frames == 2, at


def test_chunks_of_any_size_give_the_same():
    stream = b"".join([state(1, 100 + n, gates=bytes(22) if n & 1 else b"") for n in range(40)])
    for size in (1, 2, 9, 22, 23, 44, 45, 46, 64):
        port, part = radar()
        for at in range(0, len(stream), size):
            port.put(stream[at : at + size])
            part.poll(at)
        assert (part.frames, part.rejected, part.moving_mm) == (40, 0, 1390), size


def test_it_is_configured_and_faults_are_told():
    port = HiLinkPart()
    part = Ld2410(port)
    for n in range(10):
        port.tell(state(2, 0, 150))
        part.poll(n * 100)
    assert port.heard == [0xFF, 0x63, 0xFE] and part.configured
    assert part.present == "still" and part.fault is None
    for n in range(10, 30):
        part.poll(n * 100)
    assert (part.alive, part.fault, part.present) == (False, "no_answer", None)
    for n in range(30, 50):
        port.put(b"\xf4\xf3noise")
        part.poll(n * 100)
    assert (part.alive, part.fault, part.still_mm) == (False, "garbled", None)
    for n in range(50, 60):
        port.tell(state(0))
        part.poll(n * 100)
    assert (part.alive, part.fault, part.present) == (True, None, "none")
