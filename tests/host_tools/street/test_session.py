"""A whole street round a stub of a firmware that can be told to misbehave."""

import asyncio
import json
import stat

import pytest

from host_tools import exits
from host_tools.street import broker as brokers
from host_tools.street import summary
from host_tools.street.notes import describe


def _collect(it, ended_by="time"):
    return summary.collect(it.session, it.actions, ended_by)


def test_a_good_run_has_no_reason_against_it(street):
    async def act():
        async with street() as it:
            await it.until(lambda: it.session.agreement.compared)
            assert (await it.actions.run("status"))[0]
            return _collect(it)

    result = asyncio.run(act())
    assert result["reasons"] == []
    assert summary.exit_code(result) == exits.OK
    assert result["events"]["boot"] == 1
    assert result["heap_free_bytes"] is None, "a stub on CPython has no heap of its own"
    assert result["resets"] == {"power_on": 1}
    json.dumps(result)
    assert "Good." in summary.as_text(result)


def test_a_device_that_is_offline_at_the_end_is_not_called_good(street):
    async def act():
        async with street() as it:
            await it.until(lambda: it.session.agreement.compared)
            good = [_collect(it)]
            await it.actions.run("net off")
            no_net = _collect(it)
            await it.actions.run("net on")
            good.append(_collect(it))
            await it.actions.run("power off")
            await it.until(lambda: not it.session.online)
            no_power = _collect(it)
            await it.actions.run("power on")
            not_back = _collect(it)
            await it.until(lambda: it.session.online and it.session.level_permille)
            good.append(_collect(it))
            return no_net, no_power, not_back, good

    no_net, no_power, not_back, good = asyncio.run(act())
    for result, cut in ((no_net, "network"), (no_power, "power")):
        assert not result["online_at_end"]
        verdict = summary.as_text(result).splitlines()[-1]
        assert verdict == "Good until it was left without {}: offline at the end.".format(cut)
        assert summary.exit_code(result) == exits.OK
    assert "the device was offline at the end" in not_back["reasons"]
    assert "Not good:" in summary.as_text(not_back)
    assert summary.exit_code(not_back) == exits.FAILED
    assert [summary.as_text(result).splitlines()[-1] for result in good] == ["Good."] * 3


def test_a_level_that_is_sent_is_obeyed_and_a_refusal_is_shown(street):
    async def act():
        async with street() as it:
            await it.until(lambda: it.session.online)
            assert await it.actions.run("level 40 for 10m") == (True, "set_level: ok")
            await it.until(lambda: it.session.lamp.light_permille() == pytest.approx(400, abs=1))
            assert it.session.lamp.power_mw() == 500 + 59500 * 4 // 10
            assert await it.actions.run("schedule 22:00=50") == (False, "set_schedule: refused")
            done, text = await it.actions.run("nonsense")
            assert not done
            assert it.said(text)
            assert await it.actions.run("  ") is None

    asyncio.run(act())


def test_the_clock_of_the_device_follows_the_street(street):
    async def act():
        async with street() as it:
            await it.until(lambda: it.session.online)
            done, _ = await it.actions.run("time 2026-06-21 04:50")
            assert done
            await it.until(lambda: it.session.device_time() is not None)
            local, ahead_s = it.session.device_time()
            assert (local.year, local.month, local.hour, local.minute) == (2026, 6, 4, 50)
            assert abs(ahead_s) < 2
            assert it.session.sky.words() == "twilight"

    asyncio.run(act())


def test_a_cut_network_is_said_and_a_command_does_not_pass(street):
    async def act():
        async with street() as it:
            await it.until(lambda: it.session.level_permille == 1000)
            assert (await it.actions.run("net off"))[0]
            done, text = await it.actions.run("level 40")
            assert not done
            assert "network" in text
            await asyncio.sleep(0.5)
            assert it.session.level_permille == 1000
            done, text = await it.actions.run("time 03:00")
            assert done
            assert "next sync" in text
            await it.actions.run("net on")
            await it.until(lambda: it.session.level_permille == 400)

    asyncio.run(act())


def test_without_power_lamp_and_board_are_off_and_come_back(street):
    async def act():
        async with street() as it:
            await it.until(lambda: it.session.level_permille == 1000)
            await it.actions.run("power off")
            assert it.session.lamp.power_mw() == 0
            assert it.session.device_time() is None
            await it.until(lambda: not it.session.online)
            await it.actions.run("power on")
            await it.until(lambda: it.session.level_permille == 1000)
            result = _collect(it)
            assert result["ok"]
            assert result["resets"] == {"power_on": 2}
            assert result["reconnects"] == 1

    asyncio.run(act())


def test_a_broken_lamp_gives_no_light_though_the_device_says_so(street):
    async def act():
        async with street() as it:
            await it.until(lambda: it.session.agreement.now)
            await it.actions.run("lamp out")
            assert it.session.lamp.light_permille() == 0
            assert it.session.lamp.power_mw() == 500
            assert _collect(it)["lamp"]["fault"] == "out"
            await it.actions.run("lamp ok")
            assert it.session.lamp.light_permille() == pytest.approx(1000, abs=0.1)

    asyncio.run(act())


def test_the_board_feels_the_meter_the_heat_and_a_walker_at_its_pins(street, monkeypatch):
    async def act():
        async with street() as it:
            sent = []
            monkeypatch.setattr(it.session.link, "_send", sent.append)
            await it.until(lambda: {"uart", "hex", "baud", "parity"} in map(set, sent))
            assert (await it.actions.run("meter dead"))[0]
            sent.clear()
            assert (await it.actions.run("heat 95"))[0]
            await it.until(lambda: {"adc": 27, "mv": 246} in sent)
            assert not any("uart" in message for message in sent)
            it.session.pole.walk(it.session.elapsed_s - 14)  # he has come near by now
            await it.until(lambda: {"drive": 18, "level": 1} in sent)
            assert it.session.pole.people(it.session.elapsed_s) == 1

    asyncio.run(act())


def test_a_command_to_a_group_goes_to_its_topic(street, monkeypatch):
    async def act():
        async with street() as it:
            await it.until(lambda: it.session.online)
            sent = []

            async def publish(to, name, values):
                sent.append((to, name))
                raise TimeoutError

            monkeypatch.setattr(it.session.observer, "publish", publish)
            await it.actions.run("group north level 40")
            await it.actions.run("all auto")
            await it.actions.run("presence")
            assert sent == [
                ("group/north", "set_level"),
                ("all", "clear_override"),
                (it.session.device, "presence"),
            ]

    asyncio.run(act())


def test_a_device_that_says_another_level_than_its_lamp_has_fails_the_run(street, misbehave):
    misbehave(lie=True)

    async def act():
        async with street() as it:
            await it.until(lambda: it.session.agreement.broken)
            return _collect(it)

    result = asyncio.run(act())
    assert summary.exit_code(result) == exits.FAILED
    assert "did not do what the device reported" in result["reasons"][0]
    assert "DIFFER" in summary.as_text(result)


def test_a_device_that_reports_no_level_fails_the_run(street, misbehave):
    misbehave(mute=True)

    async def act():
        async with street() as it:
            await it.until(lambda: it.session.online)
            return _collect(it)

    assert asyncio.run(act())["reasons"] == ["the device reported no light_state"]


def test_a_device_that_never_comes_fails_the_run(street, misbehave):
    misbehave(absent=True)

    async def act():
        async with street() as it:
            await it.until(lambda: it.session.board.watchdog.timeout_s)
            return _collect(it)

    result = asyncio.run(act())
    assert result["reasons"] == ["the device never came online"]
    assert "never came online" in summary.as_text(result)


def test_a_hung_firmware_is_reset_by_its_watchdog_and_fails_the_run(street, misbehave):
    misbehave(hang_after_s=1)

    async def act():
        async with street() as it:
            await it.until(lambda: it.session.board.boots == 2 and it.session.onlines == 2)
            assert it.said("watchdog: not fed")
            return _collect(it)

    result = asyncio.run(act())
    assert result["resets"] == {"power_on": 1, "watchdog": 1}
    assert result["reasons"] == ["the watchdog had to reset the board, 1 time(s)"]


def test_a_crash_is_shown_with_its_traceback_and_fails_the_run(street, misbehave):
    misbehave(crash_after_s=0.5)

    async def act():
        async with street() as it:
            await it.until(lambda: it.session.board.boots == 2 and it.session.onlines == 2)
            assert it.said("stub crashes as told")
            return _collect(it)

    result = asyncio.run(act())
    assert result["crashes"] == 1
    assert result["reasons"] == ["the firmware crashed, 1 time(s)"]


def test_a_reset_that_the_firmware_wanted_is_no_failure(street, misbehave):
    misbehave(exit_after_s=[0.5, 44])

    async def act():
        async with street() as it:
            await it.until(lambda: it.session.onlines == 2 and it.session.agreement.now)
            return _collect(it)

    result = asyncio.run(act())
    assert result["resets"] == {"power_on": 1, "hard": 1}
    assert result["ok"]


def test_the_run_leaves_no_folder_and_its_secrets_were_private(street):
    async def act():
        async with street() as it:
            folder = it.session._folder
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700
            private = folder / "flash" / "secrets.json"
            assert stat.S_IMODE(private.stat().st_mode) == 0o600
            password = it.session.broker.account.password
            assert password in private.read_text()
            assert not it.said(password)
            return folder

    assert not asyncio.run(act()).exists()


def test_what_a_device_says_cannot_move_the_terminals_cursor(street):
    async def act():
        async with street() as it:
            await it.until(lambda: it.session.online)
            it.session._on_event("lamp-0001", "boot\x1b[2J", {"x": "\x1b]0;title\x07"})
            assert not it.said("\x1b")
            it.session._on_event("lamp-0001", "boot", None)
            assert it.said("no JSON object")

    asyncio.run(act())


def test_an_event_is_told_in_units_and_without_what_is_unknown():
    document = {
        "v": 1,
        "kind": "x",
        "seq": 7,
        "time": None,
        "clock": "rtc",
        "level_permille": 125,
        "power_mw": 24500,
        "rssi_dbm": -61,
        "heap_free_bytes": 171264,
        "voltage_mv": 219400,
        "temperature_cdeg": -830,
        "car_speed_cm_s": 1210,
        "flashing_s": 60,
        "safe_mode": False,
        "reason": None,
        "detail": "",
    }
    said = "x: level 12.5 %, power 24.5 W, rssi -61 dBm, heap_free 171.264 kB, "
    said += (
        "voltage 219.4 V, temperature -8.3 °C, car_speed 12.1 m/s, flashing 60 s, not safe_mode"
    )
    assert describe("x", document) == said


def test_a_broker_outside_serves_too_and_is_left_as_it_was(street, monkeypatch):
    async def act():
        outside = brokers.EmbeddedBroker()
        await outside.start()
        monkeypatch.setenv(brokers.USER_VARIABLE, outside.account.user)
        monkeypatch.setenv(brokers.PASSWORD_VARIABLE, outside.account.password)
        async with street(broker="127.0.0.1:{}".format(outside.port)) as it:
            await it.until(lambda: it.session.level_permille == 1000)
            assert (await it.actions.run("level 40"))[0]
            assert it.session.broker.base != "kerb"
        assert not any(message.data for message in outside._broker._retained_messages.values()), (
            "no retained message stays behind"
        )
        await outside.close()

    asyncio.run(act())
