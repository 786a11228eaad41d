import asyncio
import json

import board
import vtime
import world
from kerb import device
from kerb.report import Report
from kerb.system.config import ConfigError
from support.tasks import ended

LAMP, MOTION, SENSOR, LED = 15, 18, 26, 25
_2026_APRIL = 9597
CONFIG = {
    "app": "light",
    "name": "lamp-0001",
    "site": {"lat_e7": 351800000, "lon_e7": 1290800000, "tz": "KST-9"},
    "light": {"schedule": [{"at": "22:00", "level_permille": 500}]},
}


def write(path, text):
    with open(path, "w") as f:
        f.write(text)


async def started(config=CONFIG):
    """A device on the virtual board, running; gives it and its task."""
    write("config.json", json.dumps(config))
    made = device.Device(board)
    task = asyncio.create_task(made.run())
    await asyncio.sleep_ms(100)
    return made, task


def lamp_permille():
    pwm = world.current().pwm(LAMP)
    return 0 if pwm is None else round(pwm[1] * 1000 / 65535)


def put_clock_at(hour_kst):
    second = hour_kst * 3600 - 9 * 3600
    world.current().rtc.set_day_second(_2026_APRIL + second // 86400, second % 86400)


async def test_lamp_lights_within_a_tenth_of_a_second_of_the_start_when_it_is_dark():
    world.current().set_adc_mv(SENSOR, 100)
    _, task = await started()
    assert lamp_permille() == 1000
    await ended(task)


async def test_lamp_stays_off_by_day_when_the_sensor_says_so_and_there_is_no_clock():
    world.current().set_adc_mv(SENSOR, 2500)
    _, task = await started()
    assert lamp_permille() == 0
    world.current().set_adc_mv(SENSOR, 100)
    await asyncio.sleep_ms(6500)  # a second until it looks, and the ramp
    assert lamp_permille() == 1000
    await ended(task)


async def test_clock_that_was_set_before_a_reset_goes_on_dimming_after_it():
    world.current().set_adc_mv(SENSOR, 100)
    first, task = await started()
    second = 13 * 3600 + 50 * 60  # 22:50 in Busan
    assert first.clock.set(_2026_APRIL, second, "network")
    await asyncio.sleep_ms(6500)
    assert 495 <= lamp_permille() <= 506
    await ended(task)
    world.current().reboot("soft")
    _, task = await started()
    assert 495 <= lamp_permille() <= 506
    await ended(task)


async def test_rtc_of_unknown_age_is_not_trusted_and_the_sensor_decides():
    put_clock_at(22)
    world.current().set_adc_mv(SENSOR, 100)
    _, task = await started()
    assert lamp_permille() == 1000
    await ended(task)


async def test_commands_reach_the_app_and_last_over_a_reset_where_they_should():
    made, task = await started()
    made.clock.set(_2026_APRIL, 13 * 3600 + 50 * 60, "network")
    steps = [["clock", 22 * 60, 250]]
    assert made._command("set_schedule", {"id": 1, "steps": steps}) == ("ok", None)
    await asyncio.sleep_ms(6500)
    assert 245 <= lamp_permille() <= 255
    await ended(task)
    world.current().reboot("soft")
    _, task = await started()
    assert 245 <= lamp_permille() <= 255
    await ended(task)
    # The technician edits the schedule in the config: the newer word wins.
    world.current().reboot("soft")
    edited = dict(CONFIG, light={"schedule": [{"at": "22:00", "level_permille": 800}]})
    _, task = await started(edited)
    await asyncio.sleep_ms(6500)
    assert 790 <= lamp_permille() <= 810
    await ended(task)


def highest_from_now():
    """A list whose one item grows to the highest light, in per mille, that the lamp gives."""
    highest = [lamp_permille()]

    def look(kind, *what):
        if kind == "pwm" and what[0] == LAMP:
            highest[0] = max(highest[0], round(what[2] * 1000 / 65535))

    world.current().observe(look)
    return highest


async def test_watchdog_reset_in_mid_night_does_not_flash_the_lamp_to_full():
    world.current().set_adc_mv(SENSOR, 100)
    made, task = await started()
    made.clock.set(_2026_APRIL, 13 * 3600 + 50 * 60, "network")
    await asyncio.sleep_ms(6500)
    assert 495 <= lamp_permille() <= 506
    await ended(task)
    world.current().reboot("watchdog")
    highest = highest_from_now()
    _, task = await started()
    await asyncio.sleep_ms(300 * 1000)
    assert 495 <= lamp_permille() <= highest[0] <= 506
    await ended(task)


async def test_power_cut_in_mid_night_does_not_flash_the_lamp_to_full_when_the_time_comes_soon():
    uplink = {"wifi": {"ssid": "none"}, "mqtt": {"host": "127.0.0.1"}}
    world.current().set_adc_mv(SENSOR, 100)
    made, task = await started(dict(CONFIG, uplink=uplink))
    made.clock.set(_2026_APRIL, 13 * 3600 + 50 * 60, "network")
    await asyncio.sleep_ms(6500)
    await ended(task)
    world.current().reboot("power_on")
    highest = highest_from_now()
    made, task = await started(dict(CONFIG, uplink=uplink))
    await asyncio.sleep_ms(100 * 1000)
    assert not made.clock.trusted()
    made.clock.set(_2026_APRIL, 14 * 3600, "network")
    await asyncio.sleep_ms(100 * 1000)
    assert 495 <= lamp_permille() <= highest[0] <= 506
    await ended(task)


async def test_lamp_goes_softly_from_one_level_to_the_next():
    world.current().set_adc_mv(SENSOR, 100)
    made, task = await started()
    made.clock.set(_2026_APRIL, 13 * 3600 - 10, "network")  # dims to 50 % in ten seconds
    await asyncio.sleep_ms(8000)
    levels = []
    for _ in range(100):
        levels.append(lamp_permille())
        await asyncio.sleep_ms(50)
    assert levels[0] == 1000 and levels[-1] < 510
    steps = [levels[i] - levels[i + 1] for i in range(len(levels) - 1)]
    assert min(steps) >= 0 and max(steps) <= 30, levels
    await ended(task)


async def test_schedule_that_cannot_be_saved_is_refused_and_changes_nothing():
    made, task = await started()
    made.clock.set(_2026_APRIL, 13 * 3600 + 50 * 60, "network")
    made.store.put = lambda name, data: False
    result = made._command("set_schedule", {"id": 1, "steps": [["clock", 22 * 60, 250]]})
    assert result == ("refused", "failed")
    await asyncio.sleep_ms(6500)
    assert 495 <= lamp_permille() <= 506
    await ended(task)


def until_reset(coro_function):
    """The reset that ends the board's run of a coroutine function, and when that was in ms."""
    here = world.World()
    here.set_adc_mv(SENSOR, 2500)
    try:
        vtime.run(coro_function(), here)
    except world.Reset as reset:
        return reset.cause, here.now_ms()
    raise AssertionError("no reset")


def test_three_crashes_in_a_row_bring_safe_mode_full_light_and_a_new_try_after_an_hour():
    async def crash_thrice_and_wait():
        for _ in range(3):
            _, task = await started()
            assert lamp_permille() == 0
            await ended(task)
            world.current().reboot("watchdog")
        await started()
        assert lamp_permille() == 1000
        await asyncio.sleep_ms(3700 * 1000)

    async def try_again():
        world.current().reboot("hard")
        _, task = await started()
        assert lamp_permille() == 0
        await ended(task)

    cause, ran_ms = until_reset(crash_thrice_and_wait)
    assert cause == "hard"
    assert 3600000 <= ran_ms <= 3602000
    here = world.World()
    here.set_adc_mv(SENSOR, 2500)
    vtime.run(try_again(), here)


async def test_lamp_is_full_while_its_app_cannot_run():
    world.current().set_adc_mv(SENSOR, 2500)
    made, task = await started()
    assert lamp_permille() == 0

    def broken():
        raise TypeError("a mistake of ours")

    made._app.tick = broken
    for _ in range(300):
        await asyncio.sleep_ms(1000)
        assert lamp_permille() == 1000
    await ended(task)


async def test_lamp_is_full_when_its_app_cannot_even_be_made():
    def broken():
        raise OSError("no such pin")

    good, board.light_sensor = board.light_sensor, broken
    try:
        made, task = await started()
        assert lamp_permille() == 1000
        assert any("app does not start" in error for error in made.errors)
        await ended(task)
    finally:
        board.light_sensor = good


async def test_clock_is_doubted_after_a_technician_was_there():
    world.current().set_adc_mv(SENSOR, 100)
    made, task = await started()
    made.clock.set(_2026_APRIL, 13 * 3600 + 50 * 60, "network")
    await ended(task)
    made.hold()
    # What a laptop's editor does: its local time, as if that were UTC.
    world.current().reboot("soft")
    put_clock_at(22 + 9)
    again, task = await started()
    assert not again.clock.trusted()
    assert lamp_permille() == 1000
    await ended(task)


async def test_uplink_that_cannot_start_leaves_the_light_working():
    def broken():
        raise OSError("no radio")

    uplink = {"wifi": {"ssid": "street"}, "mqtt": {"host": "127.0.0.1"}}
    world.current().set_adc_mv(SENSOR, 100)
    good, board.station = board.station, broken
    try:
        made, task = await started(dict(CONFIG, uplink=uplink))
    finally:
        board.station = good
    assert lamp_permille() == 1000
    texts = [text for _, _, text in made.log.entries()]
    assert any("uplink does not start" in text for text in texts)
    await ended(task)


WITH_PEERS = {
    "wifi": {"ssid": "street"},
    "mqtt": {"host": "127.0.0.1"},
    "peer": {},
}


async def test_lamp_with_neighbours_tells_them_of_somebody_and_hears_them():
    write("secrets.json", json.dumps({"peer_key": "00112233445566778899aabbccddeeff"}))
    there = {"street": "main", "position": 7, "level_permille": 800}
    light = dict(CONFIG["light"], presence=there)
    world.current().set_adc_mv(SENSOR, 100)
    made, task = await started(dict(CONFIG, uplink=WITH_PEERS, light=light))
    made.clock.set(_2026_APRIL, 13 * 3600 + 50 * 60, "network")
    told = []
    made._app._tell = lambda kind, payload: told.append((kind, payload))
    world.current().drive(MOTION, 1)
    await asyncio.sleep_ms(6500)
    assert told[0] == (1, b"\x00\x07main")
    assert 795 <= lamp_permille() <= 805
    world.current().drive(MOTION, 0)
    await asyncio.sleep_ms(70 * 1000)
    assert 495 <= lamp_permille() <= 506
    assert made._app._heard(1, b"lamp-0002", b"\x00\x08main", 0) is True
    assert made._app._heard(1, b"lamp-0009", b"\x00\x0cmain", 0) is False
    await asyncio.sleep_ms(6500)
    assert 795 <= lamp_permille() <= 805
    await ended(task)


async def test_lamp_that_should_have_neighbours_but_no_key_works_alone_and_says_so():
    made, task = await started(dict(CONFIG, uplink=WITH_PEERS))
    assert any("peer_key" in error for error in made.errors)
    assert made._uplink is not None
    await ended(task)


async def test_state_that_was_decided_before_the_uplink_was_there_reaches_it_after_the_boot():
    write("config.json", json.dumps(CONFIG))
    made = device.Device(board)
    uplink = made._uplink = Uplink()
    task = asyncio.create_task(made.run())
    await asyncio.sleep_ms(100)
    assert [kind for kind, _ in uplink.sent] == ["boot", "light_state", "light_power"]
    await ended(task)


class Uplink:
    """Stands for the uplink: keeps what is sent."""

    dropped = 0

    def __init__(self):
        self.sent = []

    def send(self, kind, values):
        self.sent.append((kind, values))

    def faults(self):
        return [
            (values["part"], values["reason"], values["active"])
            for kind, values in self.sent
            if kind == "fault"
        ]


class Station:
    def rssi_dbm(self):
        return None


async def reporting():
    """A device, its task, the task of its Report, and the Uplink that this sends to."""
    made, task = await started()
    uplink = Uplink()
    report = Report(made.clock, made._supervisor, Station(), uplink)
    return made, task, asyncio.create_task(report.run(lambda: None)), uplink


async def test_clock_that_stays_lost_is_a_fault_after_ten_minutes_and_over_when_it_is_set():
    made, task, report, uplink = await reporting()
    await asyncio.sleep_ms(590 * 1000)
    assert uplink.faults() == []
    await asyncio.sleep_ms(20 * 1000)
    assert uplink.faults() == [("clock", "lost", True)]
    made.clock.set(_2026_APRIL, 0, "network")
    await asyncio.sleep_ms(2000)
    assert uplink.faults()[1:] == [("clock", "lost", False)]
    await ended(report)
    await ended(task)


async def test_task_that_had_to_be_started_again_is_a_fault_and_the_light_goes_on():
    world.current().set_adc_mv(SENSOR, 2500)
    made, task, report, uplink = await reporting()
    tick = made._app.tick

    def broken():
        made._app.tick = tick
        raise OSError("bus")

    made._app.tick = broken
    await asyncio.sleep_ms(5000)
    assert uplink.faults() == [("task", "restarted", True)]
    world.current().set_adc_mv(SENSOR, 100)
    await asyncio.sleep_ms(6500)  # a second until it looks, and the ramp
    assert lamp_permille() == 1000
    await ended(report)
    await ended(task)


async def test_neighbour_with_our_own_name_is_a_fault_told_once():
    made, task = await started()

    class Peer:
        twin = False

    uplink, peer = Uplink(), Peer()
    report = Report(made.clock, made._supervisor, Station(), uplink, peer)
    reporting = asyncio.create_task(report.run(lambda: None))
    await asyncio.sleep_ms(5000)
    assert uplink.faults() == []
    peer.twin = True
    await asyncio.sleep_ms(5000)
    assert uplink.faults() == [("peer", "invalid", True)]
    await ended(reporting)
    await ended(task)


async def test_status_comes_every_hour():
    made, task, report, uplink = await reporting()
    await asyncio.sleep_ms(3 * 3600 * 1000 + 60000)
    status = [values for kind, values in uplink.sent if kind == "status"]
    assert [values["uptime_s"] // 3600 for values in status] == [0, 1, 2, 3]
    await ended(report)
    await ended(task)


async def test_broken_config_runs_on_the_last_good_one_and_says_so():
    _, task = await started()
    await ended(task)
    world.current().reboot("soft")
    write("config.json", '{"app": "light", "na')
    made = device.Device(board)
    assert made.errors
    task = asyncio.create_task(made.run())
    await asyncio.sleep_ms(100)
    assert lamp_permille() == 1000
    await ended(task)


async def test_board_without_config_does_not_start_and_says_what_to_do():
    try:
        device.Device(board)
        raise AssertionError("started")
    except ConfigError as e:
        assert "config.json: not found" in str(e)


def test_board_without_a_usable_config_lights_its_lamp():
    here = world.World()
    device.run(board)
    assert lamp_permille() == 1000
    here.advance_ms(3600 * 1000)  # nobody has started a watchdog: it waits for the technician


def test_board_that_cannot_even_be_put_together_lights_its_lamp_and_tries_again_later():
    write("config.json", json.dumps(CONFIG))

    def broken():
        raise OSError("flash is worn")

    def run_and_wait():
        device.run(board)
        assert lamp_permille() == 1000
        here.advance_ms(3600 * 1000)

    here = world.World()
    good, board.retained = board.retained, broken
    try:
        run_and_wait()
        raise AssertionError("no reset")
    except world.Reset as reset:
        assert reset.cause == "watchdog"
        assert 900000 <= here.now_ms() <= 910000
    finally:
        board.retained = good


def test_board_that_was_stopped_by_ctrl_c_has_full_light_and_goes_back_to_work_by_itself():
    async def stop_and_walk_away():
        made, task = await started()
        assert lamp_permille() == 0
        await ended(task)
        made.hold()
        assert lamp_permille() == 1000
        await asyncio.sleep_ms(3600 * 1000)

    cause, ran_ms = until_reset(stop_and_walk_away)
    assert cause == "watchdog"
    assert 900000 <= ran_ms <= 900000 + 9500
