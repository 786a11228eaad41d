"""The cars' radar: its lines read right, and nothing else believed."""

import micropython
from kerb.drivers.ops243 import Ops243
from support.port import Port, Repeating
from support.radar_frames import Ops243Part


def read(*lines):
    """(speed, range, fault) after these lines."""
    port = Port()
    part = Ops243(port)
    for line in lines:
        port.put(line + b"\r\n")
        part.poll(0)
    return part.speed_cm_s, part.range_mm, part.reports


def run(part, port, now_ms, ms, m_s=0):
    """Lets both work for so long; gives the time after it."""
    for _ in range(ms // 50):
        if not now_ms % 100:
            port.tell(m_s)
        part.poll(now_ms)
        now_ms += 50
    return now_ms


def started(knows_zeros=True):
    port = Ops243Part(knows_zeros)
    part = Ops243(port)
    now_ms = run(part, port, 0, 3000)
    assert part.configured and part.alive
    return part, port, now_ms


def test_every_form_of_a_line_is_read():
    for line in (
        b'{"speed":"13.42"}',
        b'{"speed":13.42}',
        b'{ "speed" : 13.42 }',
        b'{"speed":"+13.42"}',
        b'{"speed":"13.4203"}',
        b'{"unit":"mps","speed":"13.42"}',
        b'{"time":"105.3","unit":"m/s","magnitude":"55.1","speed":"13.42"}',
        b'{"speed":"13.42","unit":"m-per-sec"}',
        b'{"speed":13.42, "direction":"inbound", "time":105, "tick":135}',
        b'{"speed":["13.42","-2.10"],"magnitude":["80","20"]}',
        b'{"speed":[13.42, -2.1]}',
    ):
        assert read(line) == (1342, None, 1), line
    assert read(b'{"speed":"-13.42"}') == (-1342, None, 1)
    assert read(b'{"speed":"-13.42","direction":"outbound"}') == (-1342, None, 1)
    assert read(b'{"speed":13.42,"direction":"outbound"}') == (-1342, None, 1)
    assert read(b'{"speed":"13"}') == (1300, None, 1)
    assert read(b'{"speed":"0.5"}') == (50, None, 1)
    assert read(b'{"speed":"0.00"}') == (0, None, 1)
    assert read(b'{"speed":"69.99"}') == (6999, None, 1)


def test_ranges_of_the_kind_that_has_them_are_read():
    assert read(b'{"speed":"13.42"}', b'{"unit":"m","range":"31.5"}') == (1342, 31500, 1)
    assert read(b'{"speed":"13.42","range":"31.5"}') == (1342, 31500, 1)
    assert read(b'{"speed":"13.42"}', b'{"range":"0.0"}') == (1342, None, 1)
    assert read(b'{"speed":"13.42"}', b'{"range":"201"}') == (1342, None, 1)
    assert read(b'{"range":"31.5"}', b'{"speed":"0.00"}') == (0, None, 1)


def test_what_is_no_speed_in_metres_a_second_is_none():
    for line in (
        b"13.42",
        b'"mps",13.42',
        b'{"speed":"13.42"',
        b'"speed":"13.42"}',
        b'{"unit":"mph","speed":"13.42"}',
        b'{"unit":"kmph","speed":"13.42"}',
        b'{"unit":"mp","speed":"13.42"}',
        b'{"speed":""}',
        b'{"speed":}',
        b'{"speed"}',
        b'{"speed":"fast"}',
        b'{"speed":"1.2.3"}',
        b'{"speed":"--3"}',
        b'{"speed":"13.42e5"}',
        b'{"speed":"70.01"}',
        b'{"speed":"99999"}',
        b'{"speed":"' + b"9" * 60 + b'"}',
        b'{"speed":"13.42"' + b" " * 120 + b"}",
        b"{",
        b"}",
        b"\xff\xfe{\x00}",
    ):
        assert read(line)[2] == 0, line
        assert read(line)[0] is None, line
    # Lines that tell of something else.
    for line in (b'{"OutputFeature":"J"}', b'{"velocity":"13.42"}', b"{}"):
        assert read(line) == (0, None, 0), line


def test_chunks_of_any_size_give_the_same():
    stream = b"".join([b'{"speed":"%d.5"}\r\n' % (n % 30 + 1) for n in range(60)])
    for size in (1, 2, 3, 17, 63, 64, 65, 130):
        port = Port()
        part = Ops243(port)
        for at in range(0, len(stream), size):
            port.put(stream[at : at + size])
            part.poll(at)
        assert (part.reports, part.rejected, part.speed_cm_s) == (60, 0, 3050), size


def test_it_is_configured_at_its_start_and_after_its_own():
    part, port, now_ms = started()
    assert port.json and port.metres and port.decimals == 2
    asked = len(port.said)
    now_ms = run(part, port, now_ms, 2000, 13.42)
    assert part.speed_cm_s == 1342
    assert len(port.said) == asked
    # It starts anew, and talks of miles an hour until it is told.
    port.start()
    for _ in range(60):
        now_ms = run(part, port, now_ms, 50, 20)
        assert part.speed_cm_s in (1342, 2000, 0)
    assert part.configured and port.json and part.speed_cm_s == 2000


def test_it_is_configured_anew_when_it_has_forgotten_a_part_of_it():
    part, port, now_ms = started(knows_zeros=False)
    port.metres = False
    now_ms = run(part, port, now_ms, 3000)
    assert port.metres and part.configured
    port.json = False
    now_ms = run(part, port, now_ms, 2000, 9)
    assert port.json and part.speed_cm_s == 900


def test_a_speed_ends_when_it_is_not_told_any_more():
    for knows_zeros in (True, False):
        part, port, now_ms = started(knows_zeros)
        assert part.speed_cm_s == 0
        now_ms = run(part, port, now_ms, 1000, 13.42)
        assert part.speed_cm_s == 1342
        now_ms = run(part, port, now_ms, 1000)
        assert part.speed_cm_s == 0 and part.range_mm is None


def test_an_empty_road_for_an_hour_is_no_fault_with_or_without_zeros():
    for knows_zeros in (True, False):
        part, port, now_ms = started(knows_zeros)
        for _ in range(360):
            now_ms = run(part, port, now_ms, 10000)
            assert part.alive and part.fault is None and part.speed_cm_s == 0


def test_a_part_that_dies_at_its_work_was_silent_and_never_garbled():
    part, port, now_ms = started()
    now_ms = run(part, port, now_ms, 500, 13.42)
    port.deaf = True
    faults = set()
    for _ in range(100):
        part.poll(now_ms)
        faults.add(part.fault)
        now_ms += 50
    assert faults == {None, "no_answer"}


def test_silence_and_noise_are_told_within_2_s_and_end_with_the_next_line():
    for noise, fault in ((b"", "no_answer"), (b'\xff\x00spee":7\n', "garbled")):
        for born_dead in (True, False):
            if born_dead:
                part, port, now_ms = Ops243(Port()), Ops243Part(), 0
            else:
                part, port, now_ms = started()
                run(part, port, now_ms, 500, 13.42)
                now_ms += 500
            part._port = line = Port()
            told_ms = None
            for ms in range(0, 4000, 50):
                line.put(noise)
                part.poll(now_ms + ms)
                if part.fault and told_ms is None:
                    told_ms = ms
            assert told_ms < 2000 and part.fault == fault
            assert (part.alive, part.speed_cm_s) == (False, None)
            part._port = port
            port.waiting = b""
            now_ms = run(part, port, now_ms + 4000, 3000, 10)
            assert (part.alive, part.fault, part.speed_cm_s) == (True, None, 1000)


def test_a_part_that_hears_nothing_is_used_as_long_as_it_tells_metres_in_json():
    port = Ops243Part()
    port.json = port.metres = port.zeros = port.deaf = True
    part = Ops243(port)
    now_ms = run(part, port, 0, 30000, 8)
    assert part.speed_cm_s == 800 and part.fault is None and not part.configured
    asked = len(port.said)
    assert asked <= 60
    run(part, port, now_ms, 10000)
    assert len(port.said) == asked and part.speed_cm_s == 0


def test_a_line_takes_no_memory():
    port = Repeating(b'{"unit":"mps","speed":"13.42","range":"31.5"}\r\n')
    part = Ops243(port)
    for n in range(60):
        port.left = 1
        part.poll(n * 100)
    micropython.heap_lock()
    try:
        port.left = 1
        part.poll(6100)
        part.poll(9000)
        port.left = 1
        part.poll(9100)
    finally:
        micropython.heap_unlock()
    assert part.speed_cm_s == 1342
