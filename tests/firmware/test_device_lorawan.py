import asyncio
import os

import world
from kerb.uplink import codec
from host_tools.lora import commands
from support.lora_device import DEV_EUI, GROUP_ADDR, LIGHT, SECRETS, SENSOR, Place, hex_of
from support.lora_device import lamp_permille, lorawan, started, until
from support.tasks import ended

CLASS_C = {"class": "C", "group": hex_of(GROUP_ADDR)}
BAY = {"bay": 0, "state": "free", "reason": "ground", "confidence_permille": 990, "stay_s": None}


def calm(place):
    """Whether the device has said all that it has to say."""
    return "status" in place.kinds() and "light_state" in place.kinds()


async def test_a_light_joins_says_that_it_has_started_and_sets_its_clock_by_the_network():
    world.current().set_adc_mv(SENSOR, 100)
    place = Place()
    made, task = await started(lorawan(**CLASS_C))
    assert lamp_permille() == 1000  # it waits for nobody
    await until(lambda: calm(place))
    assert place.kinds()[0] == "boot" and place.heard()[0][2] in (2, 12)
    await until(lambda: made.clock.source == "lorawan")
    gps_s = place.network.gps_s + world.current().now_us() // 1000000
    day, second = divmod(gps_s - 630720018, 86400)
    now = made.clock.now()
    assert now[0] == day and abs(now[1] - second) <= 1
    assert place.network.errors == []
    await ended(task)


async def test_a_command_dims_a_light_of_class_c_within_seconds_and_is_answered():
    world.current().set_adc_mv(SENSOR, 100)
    place = Place()
    made, task = await started(lorawan(**CLASS_C))
    await until(lambda: calm(place) and made.clock.trusted())
    await asyncio.sleep_ms(30000)  # who sends does not hear
    place.send("set_level", level_permille=300, for_s=600)
    await asyncio.sleep_ms(8000)
    assert 295 <= lamp_permille() <= 305
    await until(lambda: "command_result" in place.kinds())
    (answer,) = [values for kind, values, _ in place.heard() if kind == "command_result"]
    assert answer["id"] == 1 and answer["result"] == "ok"
    assert place.network.errors == []
    await ended(task)


async def test_one_downlink_dims_a_group_and_nobody_answers_at_once():
    world.current().set_adc_mv(SENSOR, 100)
    place = Place()
    made, task = await started(lorawan(**CLASS_C))
    await until(lambda: calm(place) and made.clock.trusted())
    await asyncio.sleep_ms(30000)
    before = len(place.network.uplinks)
    place.send_to_group("set_level", level_permille=200, for_s=600)
    await asyncio.sleep_ms(8000)
    assert 195 <= lamp_permille() <= 205
    await asyncio.sleep_ms(60000)
    later = [kind for kind, _, _ in place.heard()[before:]]
    assert "light_state" in later and "command_result" not in later
    await ended(task)


async def test_after_a_reset_the_session_goes_on_without_a_join():
    place = Place()
    _, task = await started(lorawan())
    await until(lambda: calm(place))
    await ended(task)
    world.current().reboot("power_on")
    world.current().radio = place.radio
    heard = len(place.network.uplinks)
    _, task = await started(lorawan())
    await until(lambda: len(place.network.uplinks) > heard + 1)
    assert place.kinds()[heard] == "boot" and len(place.network.joins) == 1
    assert place.network.errors == []
    await ended(task)


async def test_events_that_the_network_did_not_acknowledge_come_later_with_their_age():
    place = Place()
    made, task = await started(lorawan())
    await until(lambda: calm(place))
    await asyncio.sleep_ms(20000)
    place.network.gateways[0].deaf = True
    made.send("fault", {"part": "lamp", "reason": "lamp_failure", "active": True})
    await asyncio.sleep_ms(300000)
    assert "fault" not in place.kinds()
    place.network.gateways[0].deaf = False
    await until(lambda: "fault" in place.kinds(), 900)
    (fault,) = [u for u in place.network.uplinks if u.port == 11]
    age_s = int.from_bytes(fault.payload[:2], "big") * 10
    assert age_s >= 300
    assert codec.decode(fault.payload[2:])[1]["part"] == "lamp"
    assert place.network.errors == []
    await ended(task)


async def test_a_network_that_takes_everything_and_acknowledges_nothing_gets_all_the_same():
    place = Place()
    made, task = await started(lorawan())
    await until(lambda: calm(place))
    place.air.drop = lambda sent, node: sent.down
    for part in ("lamp", "meter", "supply"):
        made.send("fault", {"part": part, "reason": "no_answer", "active": True})
        made.send("bay_state", dict(BAY, bay=len(part) % 8))
    await asyncio.sleep_ms(12 * 3600 * 1000)
    heard = place.heard()
    assert {v["part"] for kind, v, _ in heard if kind == "fault"} == {"lamp", "meter", "supply"}
    assert len({v["bay"] for kind, v, _ in heard if kind == "bay_state"}) == 3
    assert place.kinds().count("fault") <= 3 * 12
    assert len(place.network.uplinks) < 12 * 20  # an hour
    await ended(task)


async def test_answers_owed_to_the_network_keep_no_event_from_being_sent():
    place = Place(region="AS923", class_c=False)
    place.network.rx2_dr = 2
    made, task = await started(lorawan(region="AS923", adr=False, dr=2))
    await until(lambda: calm(place), 600)
    owed = b"".join(
        (
            commands.rx_param(0, 2, 923200000),
            commands.rx_timing(1),
            commands.dl_channel(0, 923400000),
            commands.dl_channel(1, 923200000),
        )
    )
    place.network.down(DEV_EUI, commands=owed)
    made.send("bay_state", BAY)
    await asyncio.sleep_ms(20000)
    place.air.drop = lambda sent, node: sent.down
    made.send("bay_state", dict(BAY, bay=5))
    await until(lambda: [v for kind, v, _ in place.heard() if v.get("bay") == 5], 600)
    await ended(task)


async def test_where_the_link_has_become_worse_an_alarm_gets_through_at_a_lower_data_rate():
    place = Place(class_c=False)
    made, task = await started(lorawan())
    await until(lambda: calm(place))
    await asyncio.sleep_ms(60000)
    place.air.link(place.radio.node, place.network.gateways[0], 140)
    made.send("fault", {"part": "lamp", "reason": "lamp_failure", "active": True})
    await until(lambda: "fault" in place.kinds(), 900)
    assert made._transport.mac.plan.dr < 5
    await ended(task)


async def test_a_stream_of_group_commands_keeps_no_alarm_waiting():
    place = Place()
    made, task = await started(lorawan(**CLASS_C))
    await until(lambda: calm(place) and made.clock.trusted())
    await asyncio.sleep_ms(40000)
    made.send("fault", {"part": "lamp", "reason": "lamp_failure", "active": True})
    for n in range(12):
        place.send_to_group("set_level", level_permille=20 * n, for_s=600)
        await asyncio.sleep_ms(5000)
    assert "fault" in place.kinds()
    await ended(task)


async def test_what_a_whole_street_says_at_once_is_spread_and_an_alarm_and_an_answer_are_not():
    waits = []
    for seed in range(6):
        place = Place(seed=seed)
        made, task = await started(lorawan(**dict(CLASS_C, spread_s=300)))
        await until(lambda: made._transport.mac.joined)
        began = world.current().now_ms()
        made.send("fault", {"part": "lamp", "reason": "lamp_failure", "active": True})
        await until(lambda: "fault" in place.kinds(), 30)
        await until(lambda: "boot" in place.kinds(), 400)
        waits.append(world.current().now_ms() - began)
        await ended(task)
        os.remove("data/lora_session.0")
        world.current().reboot("power_on")
    assert max(waits) - min(waits) > 60000, waits


async def test_a_command_that_the_network_sends_again_after_minutes_is_not_obeyed_twice():
    place = Place(class_c=False)
    made, task = await started(lorawan())
    await until(lambda: calm(place))
    calls = []
    obey = made._app.command
    made._app.command = lambda name, values: calls.append(name) or obey(name, values)
    made._uplink._on_command = made._command
    again = place.command("set_level", level_permille=300, for_s=600)
    for _ in range(3):
        place.network.down(DEV_EUI, 10, again)
        made.send("bay_state", BAY)
        await asyncio.sleep_ms(600000)
    assert calls == ["set_level"]
    assert place.kinds().count("command_result") == 3
    await ended(task)


async def test_without_a_network_the_light_works_and_goes_on_trying_to_join():
    world.current().set_adc_mv(SENSOR, 100)
    place = Place()
    place.network.silent = True
    made, task = await started(lorawan(**CLASS_C))
    await asyncio.sleep_ms(3600000)
    assert lamp_permille() == 1000
    nonces = place.known.nonces
    assert len(nonces) >= 3 and nonces == sorted(set(nonces))
    world.current().set_adc_mv(SENSOR, 2500)
    place.network.silent = False
    await until(lambda: "boot" in place.kinds(), 4 * 3600)
    assert place.network.errors == []
    await ended(task)


async def test_a_command_asks_the_network_for_the_time():
    place = Place()
    made, task = await started(lorawan(**CLASS_C))
    assert made._command("sync_time", {"id": 1}) == ("refused", "no_network")
    await until(lambda: calm(place) and made.clock.trusted())
    await asyncio.sleep_ms(20000)
    place.network.gps_s += 3600
    before = made.clock.now()
    place.send("sync_time")
    await asyncio.sleep_ms(20000)
    assert made.clock.jump_s and abs(made.clock.jump_s - 3600) <= 1
    assert made.clock.now() > before
    await ended(task)


async def test_a_device_without_its_key_or_its_radio_says_so_and_works_alone():
    world.current().set_adc_mv(SENSOR, 100)
    Place()
    made, task = await started(lorawan(), secrets={})
    assert [error for error in made.errors if "app_key" in error]
    assert lamp_permille() == 1000 and made._uplink is None
    assert not made._is_well()  # its LED says so
    await ended(task)


async def test_no_key_is_ever_printed_or_logged():
    place = Place()
    made, task = await started(lorawan(**CLASS_C))
    await until(lambda: calm(place))
    texts = " ".join([str(entry) for entry in made.log.entries()])
    texts += repr(made._transport) + repr(made._transport.mac) + repr(place.known.keys and 0)
    for key in SECRETS.values():
        assert key not in texts and key.upper() not in texts
    assert LIGHT["name"] == "lamp-0001"
    await ended(task)
