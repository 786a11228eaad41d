"""The radars on the virtual board's serial lines, at the lines' own speeds."""

import board
import world
from kerb.drivers import hilink, ops243, radars
from kerb.drivers.ld2410 import Ld2410
from kerb.drivers.ld2450 import Ld2450
from kerb.system import schema
from support.radar_frames import HiLinkPart, Ops243Part, report, state

RADAR, CARS = 1, 0  # UARTs of the board


def config(**keys):
    cfg, errors = schema.validate(radars.SCHEMA, keys)
    assert errors == []
    return cfg


def fit(w, uart, part, baud):
    """Puts a part at the far end of a line; gives a function that lets it report."""
    line = w.uart(uart)

    def answers(data, *_):
        part.write(bytes(data))
        flush()

    def flush():
        data, part.waiting = part.waiting, b""
        line.send(data, baud)

    def tell(what):
        part.tell(what)
        flush()

    line.on_bytes = answers
    return tell


def test_the_config_says_which_are_made():
    w = world.World()
    assert w.now_ms() == 0
    assert radars.make(board, config(radar="none")) is None
    assert radars.make_for_cars(board, config()) is None
    assert isinstance(radars.make(board, config()), Ld2450)
    world.World()
    assert isinstance(radars.make(board, config(radar="ld2410")), Ld2410)


def test_people_and_cars_are_seen_on_the_boards_lines():
    w = world.World()
    people, cars = HiLinkPart(), Ops243Part()
    tell_people = fit(w, RADAR, people, hilink.BAUD)
    tell_cars = fit(w, CARS, cars, ops243.BAUD)
    radar = radars.make(board, config())
    car_radar = radars.make_for_cars(board, config(car_radar="ops243"))
    new = 0
    for n in range(60):
        w.at_ms(n * 100 + 17, tell_people, report((n, 3000 - 10 * n, -10, 320)))
        w.at_ms(n * 100 + 53, tell_cars, 13.42 if n > 30 else 0)
    for _ in range(300):
        w.advance_ms(20)
        new += radar.poll(w.now_ms())
        car_radar.poll(w.now_ms())
    assert radar.configured and people.several and radar.fault is None
    assert (radar.x(0), radar.y(0), radar.speed(0)) == (59, 2410, -10)
    assert new >= 58
    assert car_radar.configured and car_radar.speed_cm_s == 1342
    assert w.uart(RADAR).lost == w.uart(CARS).lost == 0


def test_a_loop_that_stalls_for_a_second_and_a_half_loses_no_report():
    w = world.World()
    part = HiLinkPart()
    tell = fit(w, RADAR, part, hilink.BAUD)
    radar = radars.make(board, config())
    for n in range(60):
        w.at_ms(n * 100 + 17, tell, report((n, 2000)))
    for _ in range(100):
        w.advance_ms(20)
        radar.poll(w.now_ms())
    before = radar.frames
    w.advance_ms(1500)
    assert radar.poll(w.now_ms()) and radar.x(0) == 34
    assert radar.frames == before + 15 and radar.fault is None
    assert len(part.heard) == 3


def test_the_wrong_speed_of_a_line_is_noise():
    w = world.World()
    radar = radars.make(board, config(radar="ld2410"))
    for n in range(20):
        w.at_ms(n * 100 + 17, w.uart(RADAR).send, state(1, 100), 115200)
    for _ in range(100):
        w.advance_ms(20)
        assert not radar.poll(w.now_ms())
    assert (radar.present, radar.fault) == (None, "garbled")


def test_a_line_full_of_noise_at_full_speed_is_borne():
    w = world.World()
    radar = radars.make(board, config())
    noise = bytes([(n * 37 + n // 7) & 255 for n in range(512)])
    for n in range(100):
        w.at_ms(n * 20, w.uart(RADAR).send, noise, hilink.BAUD)
    for _ in range(100):
        w.advance_ms(20)
        radar.poll(w.now_ms())
    assert radar.fault == "garbled" and radar.count == 0
    for n in range(10):
        w.uart(RADAR).send(report((n, 2000)), hilink.BAUD)
        w.advance_ms(100)
        radar.poll(w.now_ms())
    assert radar.fault is None and radar.count == 1
