import time

import world
from kerb.hal.serial import EVEN, Serial


def test_read_into_gives_what_has_come_and_never_waits():
    w = world.World()
    port = Serial(1, 9600, tx=4, rx=5)
    buf = bytearray(8)
    w.uart(1).send(b"R1234\r")
    got = b""
    for _ in range(20):
        before = w.now_us()
        count = port.read_into(buf)
        assert w.now_us() == before
        got += bytes(buf[:count])
        time.sleep_us(700)
    assert got == b"R1234\r"
    assert port.read_into(buf) == 0


def test_read_into_fills_no_more_than_the_buffer_and_keeps_the_rest():
    w = world.World()
    port = Serial(1, 115200, tx=4, rx=5)
    w.uart(1).send(b"0123456789")
    time.sleep_ms(5)
    buf = bytearray(4)
    assert port.any() == 10
    assert [port.read_into(buf) for _ in range(4)] == [4, 4, 2, 0]
    assert bytes(buf) == b"8967"


def test_the_buffer_asked_for_is_the_buffer_there_is():
    w = world.World()
    Serial(1, 115200, tx=4, rx=5, rx_bytes=1024)
    w.uart(1).send(bytes(1024))
    time.sleep_ms(200)
    assert w.uart(1).lost == 0


def test_what_is_written_goes_out():
    w = world.World()
    sent = []
    w.uart(1).on_bytes = sent.append
    port = Serial(1, 9600, tx=4, rx=5)
    port.write(b"\x55")
    time.sleep_ms(2)
    assert sent == [b"\x55"]


def test_a_part_that_sends_a_parity_bit_is_understood():
    w = world.World()
    port = Serial(1, 4800, tx=8, rx=9, parity=EVEN)
    w.uart(1).send(bytes(range(24)), 4800, 0)
    time.sleep_ms(60)
    buf = bytearray(32)
    assert port.read_into(buf) == 24
    assert bytes(buf[:24]) == bytes(range(24))


def test_another_rate_is_taken_up_and_the_rest_stays():
    w = world.World()
    port = Serial(1, 9600, tx=4, rx=5, rx_bytes=1024, parity=EVEN)
    w.uart(1).send(b"gone", 9600, 0)
    time.sleep_ms(20)
    port.set_baud(38400)
    assert port.any() == 0
    w.uart(1).send(bytes(1024), 38400, 0)
    time.sleep_ms(400)
    assert port.any() == 1024 and w.uart(1).lost == 0
