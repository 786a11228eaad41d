import random

from kerb.drivers.dali_frames import GARBLED, TICKS, decode, encode

HALF_US = 417


def levels_of(value, bits):
    """The half bits of a frame, start bit included, as the standard draws them."""
    out = []
    for place in range(bits, -1, -1):
        bit = 1 if place == bits else value >> place & 1
        out += [1 - bit, bit]
    return out


def runs_of(levels, half_us=HALF_US, before_us=5000, after_us=5000):
    """Times of equal levels, with the idle bus around."""
    runs = [before_us, 0]
    level = 0
    for each in levels:
        if each != level:
            runs.append(0)
            level = each
        runs[-1] += half_us
    if level:
        runs[-1] += after_us
    else:
        runs.append(after_us)
    return runs


def test_every_forward_frame_comes_back_from_its_levels():
    buffer = bytearray(TICKS)
    for value in list(range(0, 65536, 251)) + [0xFFFF, 0x0000, 0xAAAA, 0x5555, 0xFE00]:
        encode(value, buffer)
        levels = list(buffer)
        assert levels[:2] == [1, 1] and levels[-2:] == [1, 1]
        assert levels[2:-2] == levels_of(value, 16), value
        runs = runs_of(levels[2:-2])
        assert decode(runs, len(runs), 1) == (16, value, len(runs))


def test_every_answer_is_read_at_every_speed_that_gear_may_have():
    for value in range(256):
        for half_us in (367, 417, 466):
            runs = runs_of(levels_of(value, 8), half_us)
            assert decode(runs, len(runs), 1) == (8, value, len(runs)), (value, half_us)


def test_edges_may_be_moved_by_a_tenth_of_a_bit_by_optocouplers():
    for value in range(256):
        runs = runs_of(levels_of(value, 8))
        for i in range(1, len(runs) - 1):
            runs[i] += 70 if i % 2 else -70  # lows longer, highs shorter
        assert decode(runs, len(runs), 1)[:2] == (8, value)


def test_two_frames_are_read_one_after_the_other():
    runs = runs_of(levels_of(0xFF90, 16), after_us=7000)
    runs += runs_of(levels_of(0x06, 8))[1:]
    bits, value, at = decode(runs, len(runs), 1)
    assert (bits, value) == (16, 0xFF90)
    assert decode(runs, len(runs), at) == (8, 0x06, len(runs))


def test_a_half_bit_turned_over_is_never_a_frame_of_that_length():
    for value in (0x00, 0xFF, 0x04, 0xA5):
        for place in range(1, 18):
            levels = levels_of(value, 8)
            levels[place] ^= 1
            runs = runs_of(levels)
            assert decode(runs, len(runs), 1)[0] != 8, (value, place)


def test_a_spike_in_a_frame_garbles_it():
    runs = runs_of(levels_of(0xFF, 8))
    # Within the second half of a bit, which is high: 300, a spike of 40, 77.
    for at in range(2, len(runs) - 1, 2):
        spiked = runs[:at] + [300, 40, 77] + runs[at + 1 :]
        assert decode(spiked, len(spiked), 1)[0] == GARBLED, at


def test_a_frame_that_the_window_cuts_off_is_none():
    runs = runs_of(levels_of(0x55, 8))
    for count in range(2, len(runs)):
        assert decode(runs, count, 1)[0] != 8, count


def test_answers_that_overlap_are_garbled_or_equal():
    garbled = 0
    for one in range(0, 256, 7):
        for other in range(0, 256, 11):
            levels = [a & b for a, b in zip(levels_of(one, 8), levels_of(other, 8))]
            runs = runs_of(levels)
            bits, value, _ = decode(runs, len(runs), 1)
            if one == other:
                assert (bits, value) == (8, one)
            else:
                assert bits != 8, (one, other)
                garbled += 1
    assert garbled > 500


def test_noise_never_raises_and_always_comes_to_an_end():
    rng = random.getrandbits
    for _ in range(500):
        count = rng(6) + 1
        runs = [rng(rng(4) + 1) for _ in range(count)]
        at = 1
        for _ in range(100):
            if at >= count:
                break
            bits, value, later = decode(runs, count, at)
            assert later > at and (bits == GARBLED or 0 <= value < 1 << bits)
            at = later
        assert at >= count
