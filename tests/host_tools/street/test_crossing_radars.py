"""The habits of the simulated LD2450 and LD2410: frames, slots, commands."""

import math
import random
import struct

import cpython  # noqa: F401  what CPython lacks
import pytest

from host_tools.street import crossing_echo as echo
from host_tools.street.crossing_ld2410 import Part as PresencePart
from host_tools.street.crossing_ld2450 import Manner, Part, _word


def test_words_are_those_of_the_makers_example():
    words = [_word(it) for it in (-782, 1713, -16)]
    assert struct.pack("<HHHH", *words, 320) == bytes.fromhex("0E03B18610004001")
    assert _word(0) == 0


def _manner(**more):
    manner = Manner(random.Random(1))
    manner.confirm, manner.alpha, manner.beta = 2, 0.6, 0.2
    manner.keeps, manner.keeps_still, manner.freezes = 5, 20, True
    manner.empty, manner.clears_s, manner.resolution_mm = "zero", 5.0, 360
    for key, value in more.items():
        setattr(manner, key, value)
    return manner


def _part(**more):
    return Part(random.Random(2), "dry", _manner(**more))


def _at(x, y, speed=0.5):
    far = math.hypot(x, y)
    return echo.Echo(far, x / far, speed, 100.0, None)


def _targets(frame):
    found = []
    for at in range(4, 28, 8):
        x, y, speed, gate = struct.unpack_from("<HHHH", frame, at)
        words = [(it & 0x7FFF) * (1 if it & 0x8000 else -1) for it in (x, y, speed)]
        found.append((*words, gate))
    return found


def test_a_part_shows_somebody_from_the_second_echo_on_and_drops_him_some_frames_after_the_last():
    part = _part()
    shown = [
        _targets(part.frame(at / 10, [_at(0, 3)] if 5 <= at < 20 else []))[0][1] > 0
        for at in range(40)
    ]
    assert shown.index(True) == 6
    assert shown[6:25] == [True] * 19
    assert not any(shown[25:])


def test_what_was_heard_once_is_not_shown_and_a_slow_part_wants_three_echoes():
    part = _part()
    frames = [part.frame(at / 10, [_at(0, 3)] if at == 5 else []) for at in range(15)]
    assert not any(_targets(it)[0][3] for it in frames)
    slow = _part(confirm=3)
    shown = [_targets(slow.frame(at / 10, [_at(0, 3)]))[0][3] > 0 for at in range(6)]
    assert shown == [False, False, True, True, True, True]


def test_the_others_move_up_when_a_target_goes():
    part = _part()
    for at in range(10):
        frame = part.frame(at / 10, [_at(1, 2), _at(-2, 4)])
    first, second, _ = _targets(frame)
    assert first[0] > 0 > second[0]
    for at in range(10, 20):
        frame = part.frame(at / 10, [_at(-2, 4)])
    assert _targets(frame)[0][0] < 0
    assert _targets(frame)[1] == (0, 0, 0, 0)


@pytest.mark.parametrize(("empty", "gate"), [("stale", 360), ("bare", 0)])
def test_an_emptied_slot_may_keep_the_last_place_for_some_seconds(empty, gate):
    part = _part(empty=empty, clears_s=3.0)
    for at in range(10):
        last = _targets(part.frame(at / 10, [_at(1, 2)]))[0]
    for at in range(10, 20):
        frame = part.frame(at / 10, [])
    assert _targets(frame)[0] == (*last[:2], 0, gate)
    for at in range(20, 60):
        frame = part.frame(at / 10, [])
    assert _targets(frame)[0] == (0, 0, 0, 0)


def test_no_more_than_three_are_told_of_and_one_in_single_mode():
    part = _part()
    crowd = [_at(-2, 2), _at(0, 2), _at(2, 2), _at(0, 5)]
    for at in range(10):
        frame = part.frame(at / 10, crowd)
    assert sum(it[3] > 0 for it in _targets(frame)) == 3
    assert len(part.shows) == 3
    assert part.write(bytes.fromhex("FDFCFBFA0400FF00010004030201"))
    assert part.write(bytes.fromhex("FDFCFBFA0200800004030201"))
    assert part.write(bytes.fromhex("FDFCFBFA0200FE0004030201"))
    assert sum(it[3] > 0 for it in _targets(part.frame(1.1, crowd))) == 1


def test_it_is_configured_only_in_between_and_silent_meanwhile():
    part = _part()
    multi = bytes.fromhex("FDFCFBFA0200900004030201")
    assert part.write(multi) == b""
    enable = bytes.fromhex("FDFCFBFA0400FF00010004030201")
    answer = b"".join(part.write(enable[at : at + 1]) for at in range(len(enable)))
    assert answer == bytes.fromhex("FDFCFBFA0800FF010000010040000403 0201")
    assert part.frame(0.1, []) == b""
    assert part.write(multi) == bytes.fromhex("FDFCFBFA04009001000004030201")
    assert part.write(b"\x00\xfd\xfc" + bytes.fromhex("FDFCFBFA0200FE0004030201"))
    assert len(part.frame(0.2, [])) == 30


def test_speeds_are_whole_lines_of_doppler():
    part = _part()
    for at in range(5):
        frame = part.frame(at / 10, [_at(0, 3, -1.0)])
    assert _targets(frame)[0][2] == -98


def test_an_ld2410_tells_how_far_and_keeps_it_for_five_seconds():
    from kerb.drivers.ld2410 import Ld2410
    from support.port import Port

    part, port = PresencePart(random.Random(1)), Port()
    driver = Ld2410(port)
    told = []
    for at in range(120):
        port.put(part.frame(at / 10, [_at(0.5, 2, -1.2)] if 10 <= at < 30 else []))
        assert driver.poll(100 * at)
        told.append((driver.present, driver.moving_mm))
    assert set(told[:11]) == {("none", None)}
    assert set(told[11:80]) == {("moving", 2060)}
    assert told[29 + 52] == ("none", None)
