"""A crosswalk's pole as a whole on the virtual board: radar and button in, flashes out."""

import asyncio

import world
from kerb import settings
from support.beacon_lamps import RRFB, changes_ms
from support.crosswalk_device import (
    CAR_RADAR,
    DIM,
    Flashes,
    LAMP,
    LEFT,
    RADAR,
    RIGHT,
    SENSOR,
    along,
    config,
    faults,
    kinds,
    nobody,
    push,
    reasons,
    seen,
    started,
    towards,
)
from support.radar_frames import report
from support.tasks import ended


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


async def test_nobody_waits_for_a_car_that_the_lost_pole_would_have_to_see():
    doc = config(car_radar="ops243", wait_for_car=True, crossing="main", pole=1)
    doc["uplink"] = {"wifi": {"ssid": "x"}, "mqtt": {"host": "127.0.0.1"}, "peer": {}}
    made, task, sent = await started(doc)
    app = made._app
    app._parts.car_radar.poll = lambda now_ms: None
    app._parts.cars.step = lambda now_ms, radar, flashing: False
    app._parts.pair.lost = False
    assert app._look_at_cars(0) is False
    app._parts.pair.lost = True
    assert app._look_at_cars(0) is None
    await ended(task)


async def test_who_crosses_and_which_cars_pass_meanwhile_is_counted_in_the_report():
    made, task, sent = await started(config(car_radar="ops243"))
    here = world.current()

    async def car(ms):
        for _ in range(ms // 100):
            here.uart(CAR_RADAR).send(b'{"speed":"13.10"}\r\n', baud=19200)
            await asyncio.sleep_ms(100)
        for _ in range(20):
            here.uart(CAR_RADAR).send(b'{"speed":"0.00"}\r\n', baud=19200)
            await asyncio.sleep_ms(100)

    await asyncio.gather(car(2000), nobody(4000))
    await asyncio.gather(car(3000), seen(*towards(45)))
    made._app.report()
    values = kinds(sent, "crosswalk_report")[-1]
    assert (values["cars"], values["cars_flashing"], values["pedestrians"]) == (2, 1, 1)
    assert values["car_speed_cm_s"] == 1310
    await ended(task)
