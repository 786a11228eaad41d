"""The radar that tells places: its reports read right, and what is not so dropped."""

import random
from binascii import unhexlify

import micropython
from kerb.drivers.hilink import RX_BYTES
from kerb.drivers.ld2450 import Ld2450
from support.port import Port, Repeating
from support.radar_frames import HiLinkPart, answer, report

EMPTY = report()


def radar():
    port = Port()
    return port, Ld2450(port)


def targets(part):
    return [(part.x(i), part.y(i), part.speed(i), part.resolution(i)) for i in range(part.count)]


def read(*frames):
    """The targets after these frames, each a tenth of a second after the other."""
    port, part = radar()
    for n, data in enumerate(frames):
        port.put(data)
        assert part.poll(n * 100)
    return targets(part)


def started(port):
    """A radar at a part that has acknowledged its configuration, and the time."""
    part = Ld2450(port)
    now_ms = 0
    while not part.configured or not part.alive:
        port.tell(report((0, 2000 + now_ms % 7)))
        part.poll(now_ms)
        now_ms += 100
        assert now_ms < 2000
    return part, now_ms


def test_the_sheets_example_is_read():
    data = unhexlify("AAFF03000E03B18610004001" + "00" * 16 + "55CC")
    assert read(data) == [(-782, 1713, -16, 320)]


def test_every_value_comes_out_as_it_went_in():
    random.seed(1)
    for _ in range(300):
        wanted = []
        for _ in range(random.randrange(4)):
            y_mm = random.randrange(1, 8001)
            x_mm = random.randrange(-y_mm * 1732 // 1000 + 1, y_mm * 1732 // 1000)
            if abs(x_mm) > 32767:
                continue
            speed = random.randrange(-1200, 1201)
            wanted.append((x_mm, y_mm, speed, random.randrange(1, 1000)))
        assert read(report(*wanted)) == wanted


def test_what_it_can_not_see_is_dropped_and_the_others_move_up():
    here = (100, 2000, 5, 320)
    for wrong in (
        (0, 0, 0, 0),  # empty
        (0, 0, 30, 320),
        (50, -2000, 5, 320),  # behind it
        (50, 0, 5, 320),
        (3470, 2000, 5, 320),  # beyond 60 degrees
        (-3470, 2000, 5, 320),
        (50, 8001, 5, 320),
        (50, 2000, 1201, 320),
        (50, 2000, -1201, 320),
        (50, 2000, 5, 0),  # a gate of 0
    ):
        assert read(report(wrong, here)) == [here], wrong
        assert read(report(here, wrong, here)) == [here, here], wrong
        assert read(report(None, here, wrong)) == [here], wrong


def test_the_place_of_who_walked_there_and_has_gone_is_forgotten_at_once():
    walk = [report((90 * n, 1500, 80)) for n in range(8)]
    for speed in (80, 0):
        left = report((630, 1500, speed))
        assert len(read(*walk, left)) == 1
        assert read(*walk, left, left) == []
        assert read(*walk, *[left] * 40) == []
        # When it moves on it counts at once.
        assert len(read(*walk, *[left] * 9, report((631, 1500)))) == 1
    # With another target that moves beside it.
    walk = [report((90 * min(n, 7), 1500, 80), (n, 3000, 90, 320)) for n in range(12)]
    assert read(*walk) == [(11, 3000, 90, 320)]


def test_the_place_of_who_stood_there_is_kept_for_three_seconds():
    for seed in range(20):
        random.seed(seed)
        stood = [(random.randrange(-15, 16), 1500 + random.randrange(-15, 16)) for _ in range(20)]
        frames = [report(place) for place in stood]
        assert len(read(*frames, *[frames[-1]] * 28)) == 1
        assert read(*frames, *[frames[-1]] * 29) == []


def test_who_stands_is_kept_because_the_parts_places_never_stand():
    random.seed(3)
    port, part = radar()
    missed = 0
    for n in range(600):
        place = (random.randrange(-6, 7), 1800 + random.randrange(-6, 7), 0, 320)
        port.put(report(place))
        part.poll(n * 100)
        missed += part.count != 1
    assert missed == 0


def test_chunks_of_any_size_give_the_same():
    frames = [report((n, 2000 + n, n, 320)) for n in range(40)]
    stream = b"".join(frames)
    for size in (1, 2, 7, 29, 30, 31, 63, 64, 65, 200):
        port, part = radar()
        for at in range(0, len(stream), size):
            port.put(stream[at : at + size])
            part.poll(at * 2)
        assert part.frames == 40 and part.rejected == 0, size
        assert targets(part) == [(39, 2039, 39, 320)]


def test_a_report_is_told_once_and_the_newest_of_several_counts():
    port, part = radar()
    assert not part.poll(0)
    port.put(report((1, 2000)) + report((2, 2000)) + report((3, 2000))[:20])
    assert part.poll(10)
    assert part.x(0) == 2 and part.frames == 2
    assert not part.poll(20)
    port.put(report((3, 2000))[20:])
    assert part.poll(30)
    assert part.x(0) == 3


def test_what_a_full_buffer_kept_is_too_old_to_be_told():
    port, part = radar()
    for size in (RX_BYTES, 2 * RX_BYTES):
        port.put((report((1, 2000)) * 40)[:size])
        assert not part.poll(0) and not part.poll(20)
        port.put(report((9, 2000)))
        assert not part.poll(100) or part.x(0) == 9
        port.put(report((9, 2000)))
        assert part.poll(200) and part.x(0) == 9
    assert part.fault is None


def test_silence_and_noise_are_told_within_2_s_and_end_with_the_next_report():
    for noise, fault in ((b"", "no_answer"), (b"\xaa\xff\x03noise", "garbled")):
        port, part = radar()
        told_ms = None
        for now_ms in range(0, 4000, 50):
            port.put(noise)
            assert not part.poll(now_ms)
            if part.fault and told_ms is None:
                told_ms = now_ms
        assert 1500 <= told_ms < 2000 and part.fault == fault
        for now_ms in range(4000, 6000, 100):
            port.put(report((now_ms, 5000)))
            part.poll(now_ms)
        assert part.alive and part.fault is None and part.count == 1
        told_ms = None
        for now_ms in range(6000, 9000, 50):
            port.put(noise)
            part.poll(now_ms)
            if part.fault and told_ms is None:
                told_ms = now_ms
        assert told_ms < 7950 and part.fault == fault
        assert not part.alive and part.count == 0


def faults_of(gap_ms, noise=b"", ms=60000, poll_ms=20):
    """[(ms, fault)] of a part that was well until 0 and reports that rarely from then on."""
    port, part = radar()
    start_ms = 2000
    told = []
    for at_ms in range(0, start_ms + ms, poll_ms):
        if at_ms <= start_ms:
            if at_ms % 100 == 0:
                port.put(report((0, 2000 + at_ms % 7)))
        else:
            port.put(noise)
            if (at_ms - start_ms) % gap_ms < poll_ms:
                port.put(report((0, 2000 + at_ms % 7)))
        part.poll((1 << 30) - 3000 + at_ms & (1 << 30) - 1)
        if part.fault != (told[-1][1] if told else None):
            told.append((at_ms - start_ms, part.fault))
    return told


def test_a_part_that_reports_too_rarely_to_see_anybody_is_told_once_and_for_as_long():
    for gap_ms, within_ms in ((600, 6000), (1000, 2000), (1200, 2000), (1400, 2000)):
        for noise in (b"", b"\xaa\xff\x03noise"):
            told = faults_of(gap_ms, noise)
            assert len(told) == 1 and told[0][1] == "garbled", (gap_ms, told)
            assert told[0][0] <= within_ms, (gap_ms, told)
    for gap_ms in (100, 200, 300):
        assert faults_of(gap_ms) == [], gap_ms


def test_a_part_that_loses_some_of_its_reports_is_no_fault_and_one_that_loses_most_is_one():
    for lost in (0.5, 0.95):
        random.seed(4)
        port, part = radar()
        faulty = 0
        for n in range(3000):
            if random.random() >= lost:
                port.put(report((0, 2000 + n % 7)))
            part.poll(n * 100)
            faulty += part.fault is not None
        assert faulty == 0 if lost == 0.5 else faulty > 2700, (lost, faulty)


def test_whoever_looks_every_half_second_finds_a_part_well():
    port, part = radar()
    for n in range(600):
        port.put(report((0, 2000 + n % 7)))
        if n % 5 == 4:
            part.poll(n * 100)
            assert part.fault is None and part.alive, n


def test_it_is_configured_at_its_start_and_after_its_own():
    port = HiLinkPart()
    part, now_ms = started(port)
    assert port.heard == [0xFF, 0x90, 0xFE]
    assert port.several and not port.configuring
    for n in range(100):
        port.tell(report((n, 2000)))
        assert part.poll(now_ms + n * 100)
    assert len(port.heard) == 3
    # It loses its power for two seconds, and what it was told.
    now_ms += 10000
    port.start()
    for n in range(20):
        part.poll(now_ms + n * 100)
    now_ms += 2000
    for n in range(20):
        port.tell(report((n, 2000)))
        part.poll(now_ms + n * 100)
    assert port.several and part.configured and part.alive
    assert port.heard[-3:] == [0xFF, 0x90, 0xFE]
    # As long as a part needs to start, too short for a fault.
    now_ms += 2000
    port.start()
    for n in range(30):
        if n > 9:
            port.tell(report((n, 2000)))
        part.poll(now_ms + n * 100)
        assert part.fault is None
    assert port.several and port.heard == [0xFF, 0x90, 0xFE]


def test_a_part_that_never_acknowledges_is_asked_some_times_and_used():
    port = HiLinkPart()
    port.deaf = True
    part = Ld2450(port)
    for n in range(300):
        port.tell(report((n, 2000)))
        assert part.poll(n * 100)
        assert part.count == 1 and part.fault is None
    assert not part.configured
    asked = len(port.said)
    assert asked < 400
    for n in range(300, 600):
        port.tell(report((n, 2000)))
        part.poll(n * 100)
    assert len(port.said) == asked


def test_no_lost_answer_and_no_lost_command_leaves_the_part_in_its_configuration():
    for seed in range(40):
        random.seed(seed)
        port = HiLinkPart()
        port.loses = lambda word: random.random() < 0.4
        part = Ld2450(port)
        for n in range(400):
            port.deaf = random.random() < 0.3
            port.tell(report((n, 2000)))
            part.poll(n * 100)
        port.loses = lambda word: False
        port.deaf = False
        for n in range(400, 500):
            port.tell(report((n, 2000)))
            part.poll(n * 100)
        assert part.alive and not port.configuring, seed


def test_a_part_that_obeys_and_never_answers_is_left_reporting():
    port = HiLinkPart()
    port.loses = lambda word: True
    part = Ld2450(port)
    for n in range(300):
        port.tell(report((n, 2000)))
        part.poll(n * 100)
        assert n < 150 or part.alive
    assert not port.configuring


def test_a_part_that_refuses_is_used_as_it_is():
    port, part = radar()
    for n in range(200):
        port.put(answer(0xFF, status=1) + report((n, 2000)))
        assert part.poll(n * 100)
    assert not part.configured and part.fault is None


def test_a_part_that_repeats_itself_is_stuck_when_it_does_not_acknowledge_any_more():
    port = HiLinkPart()
    part, now_ms = started(port)
    port.deaf = True
    told_ms = None
    for n in range(200):
        port.tell(report((300, 2000, 40)))
        part.poll(now_ms + n * 100)
        if part.fault and told_ms is None:
            told_ms = n * 100
    assert part.fault == "stuck" and not part.alive and part.count == 0
    assert 10000 <= told_ms <= 12000
    now_ms += 20000
    for n in range(5):
        port.tell(report((300 + n, 2000, 40)))
        part.poll(now_ms + n * 100)
    assert part.fault is None and part.alive and part.count == 1


def test_a_part_that_repeats_itself_and_acknowledges_has_a_stale_slot_and_no_fault():
    port = HiLinkPart()
    part, now_ms = started(port)
    for n in range(600):
        port.tell(report((300, 2000, 40)))
        part.poll(now_ms + n * 100)
        assert part.fault is None
    assert part.count == 0
    assert port.heard == [0xFF, 0x90, 0xFE] * 2


def test_nobody_there_for_hours_is_no_fault():
    port = HiLinkPart()
    part, now_ms = started(port)
    for n in range(3000):
        port.tell(EMPTY)
        part.poll(now_ms + n * 100)
        assert part.fault is None
    assert len(port.heard) == 3


def test_a_report_takes_no_memory():
    port = Repeating(report((100, 2000, 5), (-100, 3000, 5), (0, 1000, 5)))
    part = Ld2450(port)
    for n in range(60):
        port.left = 1
        part.poll(n * 100)
    micropython.heap_lock()
    try:
        port.left = 2
        part.poll(6100)
        part.poll(9000)
        port.left = 1
        part.poll(9100)
    finally:
        micropython.heap_unlock()
    assert part.alive
