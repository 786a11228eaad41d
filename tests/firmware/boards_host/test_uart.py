import time

import world
from machine import UART, Pin
from support.raised import raised


def test_bytes_arrive_at_the_time_the_baud_rate_says():
    w = world.World()
    port = UART(1, 9600, tx=Pin(4), rx=Pin(5))
    w.uart(1).send(b"\xff\x07\xa1\xa7")
    counts = []
    for _ in range(5):
        counts.append(port.any())
        time.sleep_us(1042)
    assert counts == [0, 1, 2, 3, 4]
    assert port.read() == b"\xff\x07\xa1\xa7"
    assert port.read() is None
    assert port.any() == 0


def test_what_is_sent_in_two_goes_follows_on():
    w = world.World()
    port = UART(1, 9600)
    w.uart(1).send(b"abc")
    w.uart(1).send(b"def")
    time.sleep_us(3 * 1042 + 1050)
    assert port.any() == 4
    time.sleep_ms(10)
    assert port.read(4) == b"abcd"
    buf = bytearray(5)
    assert port.readinto(buf) == 2
    assert bytes(buf) == b"ef\x00\x00\x00"
    assert port.readinto(buf) is None


def test_a_full_buffer_loses_the_bytes_that_come_then():
    w = world.World()
    port = UART(0, 115200, rxbuf=64)
    w.uart(0).send(bytes(range(200)))
    time.sleep_ms(50)
    # 64 in the driver's buffer and 32 in the chip's FIFO
    assert port.any() == 96
    assert w.uart(0).lost == 104
    assert port.read() == bytes(range(96))
    w.uart(0).send(b"again")
    time.sleep_ms(2)
    assert port.read() == b"again"


def test_reading_in_time_loses_nothing():
    w = world.World()
    port = UART(0, 256000, rxbuf=64)
    data = bytes(range(256)) * 8
    w.uart(0).send(data)
    got = b""
    for _ in range(100):
        time.sleep_ms(1)
        got += port.read() or b""
    assert got == data
    assert w.uart(0).lost == 0


def test_the_wrong_baud_rate_gives_garbage():
    w = world.World()
    port = UART(0, 9600)
    text = b"R1234\rR1234\rR1234\r"
    for baud in (4800, 19200, 115200):
        w.uart(0).send(text, baud)
        time.sleep_ms(100)
        got = port.read()
        assert got and got != text and text not in got
    w.uart(0).send(text, 9700)
    time.sleep_ms(100)
    assert port.read() == text


def test_a_parity_bit_makes_a_byte_eleven_bits_long():
    w = world.World()
    port = UART(1, 4800, parity=0)
    w.uart(1).send(b"\x55\x5a")
    time.sleep_us(2 * 2291)
    assert port.any() == 1
    time.sleep_us(5)
    assert port.read() == b"\x55\x5a"
    sent = []
    w.uart(1).on_bytes = lambda data: sent.append(w.now_us())
    start = w.now_us()
    port.write(b"x")
    time.sleep_ms(5)
    assert 2291 <= sent[0] - start <= 2293


def test_a_parity_that_is_not_expected_gives_garbage_and_a_wrong_one_does_not():
    w = world.World()
    text = b"\x55\x5a\x02\xf7\x60\x00\x03\x61" * 3
    port = UART(1, 4800)
    w.uart(1).send(text, 4800, 0)
    time.sleep_ms(100)
    assert port.read() != text
    port = UART(1, 4800, parity=1)
    w.uart(1).send(text, 4800, 0)
    time.sleep_ms(100)
    assert port.read() == text


def test_bytes_for_a_closed_port_are_lost():
    w = world.World()
    w.uart(2).send(b"too early", 9600)
    time.sleep_ms(20)
    port = UART(2, 9600)
    assert port.any() == 0
    assert w.uart(2).lost == 9
    port.deinit()
    w.uart(2).send(b"too late", 9600)
    time.sleep_ms(20)
    assert port.any() == 0


def test_a_read_waits_for_the_first_byte_and_between_bytes():
    w = world.World()
    port = UART(0, 9600, timeout=50, timeout_char=5)
    w.after_ms(30, w.uart(0).send, b"abc")
    w.after_ms(100, w.uart(0).send, b"def")
    assert port.read(10) == b"abc"
    assert w.now_ms() == 38
    assert port.read(10) is None
    assert w.now_ms() == 88
    w.advance_ms(20)
    port = UART(0, 9600)
    start = w.now_ms()
    assert port.read(10) is None
    assert w.now_ms() == start


def test_a_read_that_finds_some_bytes_waits_for_the_others_byte_by_byte():
    w = world.World()
    port = UART(0, 9600)
    w.uart(0).send(b"abcde")
    time.sleep_us(1500)
    assert port.any() == 1
    assert port.read(3) == b"abc"
    assert 3_100 < w.now_us() < 3_200


def test_a_line_is_read_to_its_end():
    w = world.World()
    port = UART(0, 115200, timeout=10)
    w.uart(0).send(b"$GPRMC\r\n$GP")
    assert port.readline() == b"$GPRMC\r\n"
    assert port.readline() == b"$GP"
    assert port.readline() is None


def test_what_the_board_writes_leaves_when_its_last_bit_has():
    w = world.World()
    port = UART(0, 9600)
    sent = []
    w.uart(0).on_bytes = lambda data: sent.append((w.now_us(), data))
    assert port.write(b"\x55") == 1
    assert not port.txdone()
    port.write(bytearray(b"xy"))
    port.flush()
    assert port.txdone()
    assert sent == [(1042, b"\x55"), (3125, b"xy")]


def test_a_write_that_does_not_fit_the_buffer_blocks():
    w = world.World()
    port = UART(0, 9600, txbuf=32)
    port.write(bytes(64))
    assert w.now_us() == 0
    port.write(bytes(10))
    assert 9_000 < w.now_us() < 11_000


def test_a_reset_cuts_a_message_off():
    w = world.World()
    port = UART(0, 9600)
    sent = []
    w.uart(0).on_bytes = sent.append
    port.write(b"never heard")
    w.reboot("hard")
    time.sleep_ms(100)
    assert sent == []


def test_an_answering_sensor_answers_in_time():
    w = world.World()
    port = UART(1, 9600)
    far = w.uart(1)
    far.on_bytes = lambda data: w.after_ms(20, far.send, b"\xff\x07\xa1\xa7")
    port.write(b"\x55")
    time.sleep_ms(25)
    assert port.any() == 3
    time.sleep_ms(1)
    assert port.any() == 4


def test_wrong_arguments_are_refused():
    world.World()
    raised(ValueError, UART, 3)
    raised(TypeError, UART, "0")
    raised(ValueError, UART, 0, 0)
    raised(ValueError, UART, 0, 9600, rxbuf=40000)
    raised(ValueError, UART, 0, 9600, tx=99)
    raised(ValueError, UART, 0, 9600, parity=2)
    raised(ValueError, UART, 0, 9600, bits=7)
    raised(ValueError, UART, 0, 9600, stop=2)
