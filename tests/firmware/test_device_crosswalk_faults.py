"""What a crosswalk's pole does when something fails: the button and a begun period go on."""

import asyncio

import board
import world
from kerb import device
from support.crosswalk_device import (
    BUTTON,
    CONFIG,
    Flashes,
    LAMP,
    LEFT,
    RADAR,
    RIGHT,
    config,
    faults,
    nobody,
    push,
    reasons,
    seen,
    started,
    towards,
    write,
)
from support.radar_frames import report
from support.tasks import ended


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


async def test_a_radar_that_dies_in_the_middle_of_a_wish_does_not_keep_the_beacon_on():
    made, task, sent = await started()
    await seen(*towards())
    assert made._app._walk.flashing
    await asyncio.sleep_ms(15000)
    assert not made._app._walk.flashing
    await ended(task)
