"""Rangers on the virtual board's serial lines."""

import board
import world
from kerb.drivers import rangers
from kerb.system import schema
from support.ultrasonic import frame, text


def made(kind, index=0):
    cfg, errors = schema.validate(rangers.SCHEMA, {"ranger": kind})
    assert errors == []
    return rangers.make(board, cfg, index)


def test_parts_that_talk_on_their_own_are_read_on_the_boards_lines():
    for kind, form, every_ms in (("a02yyuw", frame, 100), ("mb7389", text, 148)):
        w = world.World()
        part = made(kind)
        second = made(kind, 1)
        for n in range(40):
            w.at_ms(n * every_ms + 7, w.uart(0).send, form(1000 + n), 9600)
            w.at_ms(n * every_ms + 29, w.uart(1).send, form(3000 + n), 9600)
        w.advance_ms(600)
        for _ in range(10):
            part.begin()
            second.begin()
            begun = w.now_ms()
            while not (part.poll(w.now_ms()) and second.poll(w.now_ms())):
                w.advance_ms(5)
            assert w.now_ms() - begun <= part.ready_ms + 10
            # Of this moment: what was sent last.
            now = (w.now_ms() - 7) // every_ms
            assert abs(part.distance_mm - 1000 - now) <= 1
            assert abs(second.distance_mm - 3000 - now) <= 1
            w.advance_ms(130)


def test_the_part_that_is_asked_answers_on_the_boards_line():
    w = world.World()
    part = made("jsn_serial")
    far = w.uart(0)
    asked = []

    def heard(data, *_):
        asked.append(bytes(data))
        w.after_ms(40, far.send, frame(1500), 9600)

    far.on_bytes = heard
    part.temperature_cdeg = 1457
    for n in range(3):
        part.begin()
        while not part.poll(w.now_ms()):
            w.advance_ms(5)
        assert (part.distance_mm, part.fault) == (1500, None)
    assert b"".join(asked) == b"\x55" * 3
    far.on_bytes = None
    part.begin()
    w.advance_ms(710)
    assert part.poll(w.now_ms()) and part.fault == "no_answer"


def test_silence_and_noise_are_told_apart_after_seven_tenths_of_a_second():
    for kind, form in (("a02yyuw", frame), ("jsn_serial", frame), ("mb7389", text)):
        w = world.World()
        part = made(kind)
        far = w.uart(0)
        for data, fault in ((b"", "no_answer"), (b"\x00\x12nonsense", "garbled")):
            part.begin()
            for _ in range(6):
                w.advance_ms(100)
                far.send(data, 9600)
                assert not part.poll(w.now_ms())
            w.advance_ms(100)
            assert part.poll(w.now_ms())
            assert (part.distance_mm, part.fault, part.alive) == (None, fault, False)
            # It is done, and stays as it is until the next begin().
            far.send(form(1000), 9600)
            w.advance_ms(20)
            assert part.poll(w.now_ms()) and part.fault == fault
