"""A crosswalk's pole as a whole on the virtual board: radar and button in, flashes out."""

import asyncio
import json

import board
import world
from kerb import device, settings
from support.beacon_lamps import DIM_PIN, LEFT_PIN, RIGHT_PIN, RRFB, changes_ms
from support.radar_frames import report
from support.tasks import ended

CONFIG = {
    "app": "crosswalk",
    "name": "crosswalk-0001-a",
    "site": {"lat_e7": 351800000, "lon_e7": 1290800000, "tz": "KST-9"},
    "crosswalk": {
        "width_mm": 4000,
        "length_mm": 7000,
        "radar_at": {"x_mm": 0, "y_mm": 0, "heading_deg": 0},
    },
}
LEFT, RIGHT, LAMP, SOUNDER, DIM = LEFT_PIN, RIGHT_PIN, 12, 13, DIM_PIN
BUTTON, RADAR, CAR_RADAR, SENSOR = 19, 1, 0, 26


def config(**section):
    doc = dict(CONFIG)
    doc["crosswalk"] = dict(CONFIG["crosswalk"])
    doc["crosswalk"].update(section)
    return doc


def write(doc):
    with open("config.json", "w") as f:
        f.write(json.dumps(doc))


async def started(doc=CONFIG):
    """A device on the virtual board, running; gives it, its task and what it sends."""
    write(doc)
    made = device.Device(board)
    assert made._app, made._errors
    sent = list(made._early)
    made._app._send = lambda kind, values: sent.append((kind, values))
    task = asyncio.create_task(made.run())
    await asyncio.sleep_ms(100)
    return made, task, sent


class Flashes:
    """When each lamp went on, in ms."""

    def __init__(self):
        w = world.current()
        self.on = []
        for pin in (LEFT, RIGHT):
            w.watch(pin, lambda level, us, pin=pin: level and self.on.append((us // 1000, pin)))


async def seen(*places, beat_ms=100):
    """The radar tells of one person at each of these places, one a frame."""
    last = None
    for x_mm, y_mm in places:
        far = int((x_mm * x_mm + y_mm * y_mm) ** 0.5)
        cm_s = 0 if last is None else (far - last) * 100 // beat_ms
        last = far
        world.current().uart(RADAR).send(report((x_mm, y_mm, cm_s)), baud=256000)
        await asyncio.sleep_ms(beat_ms)


async def nobody(ms):
    for _ in range(ms // 100):
        world.current().uart(RADAR).send(report(), baud=256000)
        await asyncio.sleep_ms(100)


async def push(ms):
    world.current().drive(BUTTON, 0)
    await asyncio.sleep_ms(ms)
    world.current().drive(BUTTON, None)


def kinds(sent, kind):
    return [values for name, values in sent if name == kind]


def reasons(sent):
    return [(v["reason"], v["again"]) for v in kinds(sent, "crosswalk_activation")]


def faults(sent):
    return [(v["part"], v["reason"], v["active"]) for v in kinds(sent, "fault")]


def towards(steps=20):
    """Somebody who walks to the kerb line from 4 m, at 1.4 m/s."""
    return [(60 * (i % 3 - 1) // 2, 4000 - 140 * i) for i in range(steps)]


def along(steps=40):
    """Somebody who walks along the kerb, 1.5 m from it."""
    return [(-2300 + 120 * i, 1500 + i % 4 * 10) for i in range(steps)]


async def test_a_short_push_of_the_button_flashes_the_pattern_of_ia_21_for_the_period():
    flashes = Flashes()
    made, task, sent = await started()
    await push(20)
    await nobody(30000)
    (begun,) = kinds(sent, "crosswalk_activation")
    assert begun["reason"] == "button" and not begun["again"]
    first = flashes.on[0][0]
    rounds = (flashes.on[-1][0] - first) // 800 + 1
    # 7 m and the 2 m of the waiting area at 0.914 m/s.
    assert begun["period_s"] == 11 or begun["period_s"] == 10
    assert rounds * 800 >= 9846
    for pin in (LEFT, RIGHT):
        lights = changes_ms(RRFB)[pin][::2]
        wanted = [800 * n + at for n in range(rounds) for at in lights]
        got = [ms - first for ms, which in flashes.on if which == pin]
        assert len(got) == len(wanted)
        assert max(abs(g - w) for g, w in zip(got, wanted)) <= 5
    await ended(task)


async def test_who_walks_to_the_crossing_is_warned_of_and_who_walks_by_is_not():
    flashes = Flashes()
    made, task, sent = await started()
    await nobody(500)
    await seen(*along())
    await nobody(5000)
    assert flashes.on == [] and reasons(sent) == []
    before_ms = world.current().now_ms()
    await seen(*towards())
    # He is at the kerb line after 2.86 s.
    assert flashes.on[0][0] - before_ms < 1500
    assert reasons(sent) == [("track", False)]
    await nobody(3000)
    assert world.current().level(LAMP) == 1
    await nobody(30000)
    assert world.current().level(LAMP) == 0
    assert flashes.on[-1][0] - flashes.on[0][0] > 10000
    await ended(task)


async def test_who_fades_before_the_radar_while_he_waits_has_the_beacon_on_and_who_goes_has_not():
    made, task, sent = await started()
    waits = [(0, max(800, 4000 - 140 * i)) for i in range(60)]
    await seen(*waits)
    await nobody(23000)
    assert made._app._walk.flashing
    await nobody(10000)
    assert not made._app._walk.flashing
    await seen(*waits[:18])
    await seen(*[(0, 1700 + 140 * i) for i in range(20)])
    await nobody(11500)
    assert not made._app._walk.flashing
    await ended(task)


async def test_a_dead_radar_is_told_within_two_seconds_and_the_button_still_works():
    made, task, sent = await started()
    await nobody(3000)
    assert faults(sent) == []
    await asyncio.sleep_ms(2500)
    assert faults(sent) == [("radar", "no_answer", True)]
    await push(30)
    await asyncio.sleep_ms(100)
    assert reasons(sent) == [("button", False)]
    await ended(task)


async def test_a_button_that_is_held_for_an_hour_flashes_once_and_is_a_fault():
    made, task, sent = await started()
    here = world.current()
    here.drive(BUTTON, 0)
    await nobody(3600000 // 20)
    assert reasons(sent) == [("button", False)]
    assert faults(sent) == [("button", "stuck", True)]
    here.drive(BUTTON, None)
    await nobody(12000)
    assert faults(sent)[1:] == [("button", "stuck", False)]
    await push(30)
    await nobody(100)
    assert reasons(sent) == [("button", False)] * 2
    await ended(task)


async def test_a_watchdog_reset_in_the_middle_of_the_flashing_begins_a_whole_period():
    made, task, sent = await started()
    await push(30)
    await nobody(3000)
    await ended(task)
    world.current().reboot("watchdog")
    flashes = Flashes()
    made, task, sent = await started()
    await nobody(20000)
    assert reasons(sent) == [("resumed", False)]
    assert 9000 < flashes.on[-1][0] - flashes.on[0][0] < 12000
    await ended(task)
    world.current().reboot("watchdog")
    made, task, sent = await started()
    await nobody(1000)
    assert reasons(sent) == []
    await ended(task)


async def test_the_button_works_when_the_app_cannot_even_be_made():
    def broken():
        raise ValueError("nothing works")

    there = board.radar_serial
    board.radar_serial = lambda baud: broken()
    try:
        write(CONFIG)
        made = device.Device(board)
    finally:
        board.radar_serial = there
    assert made._app is None
    flashes = Flashes()
    task = asyncio.create_task(made.run())
    await asyncio.sleep_ms(500)
    await push(30)
    await asyncio.sleep_ms(30000)
    assert 9000 < flashes.on[-1][0] - flashes.on[0][0] < 12000
    await ended(task)


async def test_the_button_works_whatever_becomes_of_the_app():
    made, task, sent = await started()

    def broken(now_ms):
        raise ValueError("nothing works")

    made._app._parts.radar.poll = broken
    await push(30)
    flashes = Flashes()
    await nobody(3000)
    assert len(flashes.on) > 20
    await nobody(30000)
    assert flashes.on[-1][0] - flashes.on[0][0] < 12000
    await push(30)
    flashes.on.clear()
    await nobody(1000)
    assert len(flashes.on) >= 8
    await ended(task)


async def test_a_reset_in_the_middle_of_the_flashing_that_ends_in_safe_mode_flashes_on():
    made, task, sent = await started()
    await push(30)
    await nobody(2000)
    await ended(task)
    world.current().reboot("watchdog")
    there = board.radar_serial
    board.radar_serial = None
    try:
        made = device.Device(board)
    finally:
        board.radar_serial = there
    assert made._app is None
    flashes = Flashes()
    task = asyncio.create_task(made.run())
    await asyncio.sleep_ms(20000)
    assert 9000 < flashes.on[-1][0] - flashes.on[0][0] < 12000
    await ended(task)


async def test_who_waited_and_faded_is_not_thought_to_wait_a_week_later():
    made, task, sent = await started()
    await seen(*towards())
    await nobody(40000)
    people = made._app._parts.people
    week_ms = 536 * 10**6 + 1000  # beyond half of the ticks' range
    now = (people._track_ms + week_ms) % (1 << 30)
    made._app._parts.radar.count = 0
    assert people.step(now, made._app._parts.radar) is None
    await ended(task)


async def test_who_crosses_does_not_put_out_the_light_of_who_still_waits():
    made, task, sent = await started()
    await seen(*[(-900, max(900, 4000 - 140 * i)) for i in range(40)])
    await nobody(4000)
    await seen(*[(900, 3000 - 140 * i) for i in range(25)])
    app = made._app
    await nobody(9000)
    assert app._reason == "track"
    await ended(task)


async def test_two_who_wait_side_by_side_are_not_counted_again_and_again():
    made, task, sent = await started()
    for i in range(300):
        near, far = (600, 900)[i % 2], (900, 600)[i % 2]
        places = [
            (-700 + i % 3, max(near, 3500 - 140 * i), -140),
            (700, max(far, 3500 - 140 * i), -140),
        ]
        world.current().uart(RADAR).send(report(*places), baud=256000)
        await asyncio.sleep_ms(100)
    assert 1 <= made._app._walk.counts[1] <= 4
    await ended(task)


async def test_no_tls_is_begun_while_it_flashes():
    uplink = {"wifi": {"ssid": "x"}, "mqtt": {"host": "127.0.0.1", "tls": {"ca": "ca.der"}}}
    doc = config()
    doc["uplink"] = uplink
    made, task, sent = await started(doc)
    assert not made._transport.held()
    await push(30)
    await nobody(100)
    assert made._transport.held()
    await nobody(15000)
    assert not made._transport.held()
    await ended(task)


async def test_ctrl_c_leaves_it_dark():
    made, task, sent = await started()
    await push(30)
    await nobody(1050)
    made.hold()
    flashes = Flashes()
    await asyncio.sleep_ms(50)  # its tasks may be due once more before they are ended
    await ended(task)
    here = world.current()
    here.advance_ms(5000)
    assert flashes.on == [] and here.level(LEFT) == here.level(RIGHT) == here.level(LAMP) == 0


async def test_the_city_can_let_it_flash_but_not_by_a_command_that_is_old():
    made, task, sent = await started()
    made.clock.set(9597, 50000, "network")
    now_s = 9597 * 86400 + 50000
    old = made._command("activate", {"id": 1, "issued_s": now_s - 90})
    assert old == ("refused", "expired")
    assert reasons(sent) == []
    assert made._command("activate", {"id": 2, "issued_s": now_s}) == ("ok", None)
    assert reasons(sent) == [("command", False)]
    assert made._command("calibrate", {"id": 3}) == ("unknown", "not_supported")
    await ended(task)


async def test_who_waits_for_a_car_is_warned_of_it_and_waits_for_none_while_its_radar_is_dead():
    made, task, sent = await started(config(car_radar="ops243", wait_for_car=True, one_way=True))
    here = world.current()

    async def cars(speed, until_ms):
        while here.now_ms() < until_ms:
            here.uart(CAR_RADAR).send(b'{"speed":"%s"}\r\n' % speed, baud=19200)
            await asyncio.sleep_ms(100)

    start_ms = here.now_ms()
    quiet = asyncio.create_task(cars(b"0.00", start_ms + 4000))
    await nobody(1000)
    await seen(*towards(20))
    await seen(*[(0, 1300 + i % 3) for i in range(10)])
    assert reasons(sent) == []
    await quiet
    coming = asyncio.create_task(cars(b"13.10", here.now_ms() + 1500))
    await seen(*[(0, 1300 - 20 * i) for i in range(10)])
    assert reasons(sent) == [("track", False)]
    assert kinds(sent, "crosswalk_activation")[0]["waited_ms"] > 1000
    await coming
    await nobody(45000)  # and the car radar says nothing any more
    assert ("car_radar", "no_answer", True) in faults(sent)
    await seen(*towards())
    assert reasons(sent)[1:] == [("track", False)]
    await ended(task)


async def test_it_is_dimmed_by_night_and_never_by_day():
    made, task, sent = await started()
    here = world.current()
    here.set_adc_mv(SENSOR, 2500)
    await nobody(5000)
    assert here.pwm(DIM)[1] > 65000
    here.set_adc_mv(SENSOR, 450)  # dusk takes its time
    await nobody(11000)
    here.set_adc_mv(SENSOR, 50)
    await nobody(70000)
    assert 0.28 < here.pwm(DIM)[1] / 65535 < 0.32
    here.set_adc_mv(SENSOR, None)
    await ended(task)


async def test_what_it_did_is_reported():
    made, task, sent = await started()
    await push(30)
    await nobody(20000)
    made._app.report()
    values = kinds(sent, "crosswalk_report")[-1]
    assert values["by_button"] == 1 and values["by_track"] == 0
    assert values["flashing_s"] in (9, 10, 11) and values["peer"] == "none"
    assert values["car_speed_cm_s"] is None and values["battery_mv"] is None
    await ended(task)


async def test_a_radar_that_tells_of_somebody_for_ever_is_stuck_and_the_button_goes_on():
    from support.radar_frames import state

    def ghost(i):
        return report((100 + 30 * (i * 7 % 5), 700 + 20 * (i * 3 % 7), 0))

    for kind, frame in (("ld2410", lambda i: state(2, 0, 150)), ("ld2450", ghost)):
        made, task, sent = await started(config(radar=kind))
        here = world.current()
        flashes = Flashes()
        began_ms = here.now_ms()
        for i in range(3600):
            here.uart(RADAR).send(frame(i), baud=256000)
            await asyncio.sleep_ms(100)
        assert ("radar", "stuck", True) in faults(sent), kind
        last_ms = flashes.on[-1][0]
        assert 300000 < last_ms - began_ms < 330000, (kind, last_ms - began_ms)
        await push(100)
        for i in range(20):
            here.uart(RADAR).send(frame(i), baud=256000)
            await asyncio.sleep_ms(100)
        assert flashes.on[-1][0] > last_ms + 20000
        assert not any(it[1:] == ("stuck", False) for it in faults(sent))
        for i in range(600):
            here.uart(RADAR).send(report() if kind == "ld2450" else state(0), baud=256000)
            await asyncio.sleep_ms(100)
        assert faults(sent) == [("radar", "stuck", True), ("radar", "stuck", False)]
        await ended(task)
        here.reboot("power_on")


def test_no_crosswalk_is_made_of_a_geometry_that_cannot_be():
    def errors(**section):
        return settings.check_config(config(**section))

    assert errors() == []
    for section, key in (
        ({"width_mm": 0}, "crosswalk.width_mm"),
        ({"length_mm": 100}, "crosswalk.length_mm"),
        ({"radar_at": {"x_mm": 0, "y_mm": 0, "heading_deg": 180}}, "crosswalk.radar_at"),
        ({"pole": 1}, "crosswalk"),
        ({"crossing": "main", "pole": 3}, "crosswalk.pole"),
        ({"crossing": "main", "pole": 1}, "crosswalk.crossing"),  # without uplink.peer
        ({"wait_for_car": True}, "crosswalk.wait_for_car"),
        ({"wait_for_car": True, "car_radar": "ops243"}, "crosswalk.wait_for_car"),
        ({"bus_stop": {"from_mm": -20000, "to_mm": 20000}}, "crosswalk.bus_stop"),
        ({"walking_mm_s": 1067}, "crosswalk.walking_mm_s"),
        ({"charger": True}, "crosswalk.charger"),
    ):
        found = errors(**section)
        assert len(found) == 1 and found[0].startswith(key), (section, found)
