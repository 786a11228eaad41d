import asyncio
import json

from kerb.uplink import codec
from kerb.uplink.queue import ALARM, ROUTINE, Queue
from support.uplink_bench import Bench, Store

DAY = 9822  # 2026-11-22
LIGHT = {"level_permille": 500, "power_state": "low", "reason": "schedule"}
FAULT = {"part": "lamp", "reason": "no_answer", "active": True}
POWER = {"power_mw": 30500, "energy_wh": 1234, "burn_s": 43200, "estimated": True}
EVENTS = (("light_power", POWER), ("light_state", LIGHT), ("fault", FAULT))


async def test_an_event_goes_out_as_json_with_the_quality_of_its_priority():
    bench = Bench()
    bench.clock.set(DAY, 43200, "network")
    for kind, values in EVENTS:
        assert bench.uplink.send(kind, values)
    await bench.work()
    sent = bench.transport.sent
    assert [(kind, qos) for kind, _, qos in sent] == [
        ("fault", 1),
        ("light_state", 1),
        ("light_power", 0),
    ]
    assert json.loads(sent[0][1]) == {
        "v": 1,
        "kind": "fault",
        "seq": 2,
        "time": "2026-11-22T12:00:00Z",
        "clock": "network",
        "part": "lamp",
        "reason": "no_answer",
        "active": True,
        "bay": None,
    }


async def test_a_radio_gets_the_wire_bytes_on_the_port_of_their_priority():
    bench = Bench(text=False)
    for kind, values in EVENTS:
        bench.uplink.send(kind, values)
    await bench.work()
    assert bench.transport.sent == [
        (port, codec.encode(kind, values), qos)
        for port, qos, (kind, values) in zip((1, 2, 3), (1, 1, 0), reversed(EVENTS))
    ]


async def test_a_radio_with_little_room_gets_a_shorter_form():
    bench = Bench(text=False)
    whole = codec.encode("light_power", POWER)
    bench.transport.most = len(whole) - 1
    bench.uplink.send("light_power", POWER)
    await bench.work()
    ((port, payload, _),) = bench.transport.sent
    assert port == 3 and payload == codec.shorten(whole, len(whole) - 1) and len(payload) >= 4


async def test_a_radio_that_is_busy_is_given_nothing_and_the_event_waits():
    bench = Bench(text=False)
    bench.transport.most = None
    bench.uplink.send("light_state", LIGHT)
    await bench.work()
    assert bench.transport.tried == 0 and len(bench.queue) == 1


async def test_an_event_that_waited_for_a_radio_carries_its_age():
    bench = Bench(text=False)
    bench.uplink.send("light_state", LIGHT)
    bench.clock.uptime = 60
    bench.uplink.send("fault", FAULT)
    bench.clock.uptime = 120
    await bench.work()
    fault, light = codec.encode("fault", FAULT), codec.encode("light_state", LIGHT)
    assert bench.transport.sent == [(11, b"\0\6" + fault, 1), (12, b"\0\x0c" + light, 1)]


async def test_an_alarm_from_before_a_reboot_has_the_age_that_the_clock_tells_if_it_does():
    store = Store()
    bench = Bench(text=False, store=store)
    bench.clock.set(DAY, 43200, "network")
    bench.uplink.send("fault", FAULT)
    fault = codec.encode("fault", FAULT)
    for wall, age in (((DAY + 1, 43200), b"\x21\xc0"), (None, b"\xff\xff")):
        again = Bench(text=False, store=store)
        again.clock.wall = wall
        await again.work()
        assert again.transport.sent == [(11, age + fault, 1)]


async def test_events_wait_while_the_transport_is_down_and_leave_by_priority():
    bench = Bench()
    bench.transport.is_up = False
    for kind, values in EVENTS:
        bench.uplink.send(kind, values)
    await bench.work()
    assert bench.transport.sent == [] and len(bench.queue) == 3
    bench.transport.is_up = True
    await bench.work()
    assert [json.loads(payload)["seq"] for _, payload, _ in bench.transport.sent] == [2, 1, 0]


async def test_what_the_transport_has_no_room_for_is_sent_later_in_order():
    bench = Bench()
    bench.transport.room = 4
    for level in range(20):
        bench.uplink.send("light_state", {"level_permille": level})
    for turn in range(5):
        await bench.work(200)
        assert len(bench.transport.sent) == 4 * (turn + 1)
        bench.transport.ack_all()
    levels = [json.loads(payload)["level_permille"] for _, payload, _ in bench.transport.sent]
    assert levels == list(range(20))


async def test_a_backlog_goes_out_quickly_and_lets_others_work_in_between():
    bench = Bench(size=100)
    turns = [0]

    async def other():
        while True:
            turns[0] += 1
            await asyncio.sleep_ms(0)
            if turns[0] % 20 == 0:  # lets virtual time go on
                await asyncio.sleep_ms(1)

    for _ in range(100):
        bench.uplink.send("light_state", LIGHT)
    seen = []
    publish = bench.transport.publish

    def watched(kind, payload, qos):
        seen.append(turns[0])
        return publish(kind, payload, qos)

    bench.transport.publish = watched
    task = asyncio.create_task(other())
    await bench.work(500)
    task.cancel()
    assert len(bench.transport.sent) == 100
    assert len(set(seen)) == 100


async def test_a_transport_that_takes_nothing_is_not_pressed():
    bench = Bench()
    bench.uplink.send("light_state", LIGHT)
    bench.transport.room = 0
    await bench.work(1000)
    assert 10 <= bench.transport.tried <= 21
    bench.transport.is_up = False
    bench.transport.asked = 0
    await bench.work(1000)
    assert 10 <= bench.transport.asked <= 21


async def test_an_alarm_leaves_the_store_only_when_its_ack_came():
    store = Store()
    bench = Bench(store=store)
    bench.uplink.send("fault", FAULT)
    await bench.work()
    assert len(bench.transport.sent) == 1
    assert len(Queue(store=store)) == 1
    bench.transport.ack_all()
    await bench.work()
    assert len(Queue(store=store)) == 0
    assert len(bench.transport.sent) == 1


async def test_acks_and_losses_of_nothing_are_ignored():
    bench = Bench()
    bench.uplink.send("fault", FAULT)
    await bench.work()
    for token in (0, 77, 1, 1):
        bench.transport.on_ack(token)
    bench.transport.on_lost(1)
    await bench.work()
    assert len(bench.transport.sent) == 1


async def test_what_the_transport_lost_is_sent_again():
    bench = Bench()
    bench.uplink.send("fault", FAULT)
    await bench.work()
    bench.transport.on_lost(bench.transport.tokens.pop())
    await bench.work()
    assert len(bench.transport.sent) == 2
    assert bench.transport.sent[0] == bench.transport.sent[1]


async def test_an_event_from_before_the_clock_was_set_gets_its_time():
    bench = Bench()
    bench.transport.is_up = False
    bench.clock.uptime = 100
    bench.uplink.send("light_state", LIGHT)
    bench.clock.uptime = 160
    bench.clock.set(DAY, 30, "gnss")
    bench.transport.is_up = True
    await bench.work()
    event = json.loads(bench.transport.sent[0][1])
    assert (event["time"], event["clock"]) == ("2026-11-21T23:59:30Z", "gnss")


async def test_an_event_has_no_time_as_long_as_there_is_no_network():
    bench = Bench()
    bench.uplink.send("light_state", LIGHT)
    await bench.work()
    event = json.loads(bench.transport.sent[0][1])
    assert (event["time"], event["clock"]) == (None, "unset")


async def test_an_alarm_that_a_reboot_interrupted_arrives_with_its_own_time():
    store = Store()
    bench = Bench(store=store)
    bench.transport.is_up = False
    bench.uplink.send("fault", FAULT)
    bench.clock.set(DAY, 3600, "network")
    bench.uplink.send("fault", FAULT)
    await bench.work()
    bench = Bench(store=store)
    bench.clock.set(DAY + 3, 0, "network")
    await bench.work()
    events = [json.loads(payload) for _, payload, _ in bench.transport.sent]
    assert [(event["time"], event["clock"]) for event in events] == [
        (None, "unset"),
        ("2026-11-22T01:00:00Z", "stored"),
    ]
    assert [event["part"] for event in events] == ["lamp", "lamp"]


async def test_a_stored_alarm_that_this_firmware_cannot_read_is_given_up():
    for text in (True, False):
        store = Store()
        Queue(store=store).put(b"\x7fother", ALARM, 0)
        bench = Bench(text, store=store)
        bench.uplink.send("light_state", LIGHT)
        await bench.work()
        where = "light_state" if text else 2
        assert [it for it, _, _ in bench.transport.sent] == [where]
        assert bench.log.lines[0][1] == b"\x7fother"
        assert len(Queue(store=store)) == 0


def test_an_invalid_event_is_told_to_the_log_and_does_no_harm():
    bench = Bench()
    assert not bench.uplink.send("light_state", {"level_permille": 1001})
    assert not bench.uplink.send("weather", {})
    assert len(bench.log.lines) == 2
    assert str(bench.log.lines[0][2]) == "level_permille: found 1001, allowed 0 to 1000"


def test_sending_into_a_full_queue_tells_so_and_counts():
    bench = Bench(size=2)
    bench.transport.is_up = False
    assert bench.uplink.send("fault", FAULT)
    assert bench.uplink.send("fault", FAULT)
    assert not bench.uplink.send("light_state", LIGHT)
    assert bench.uplink.dropped == 1
    bench.queue.dropped[ROUTINE] = 100000
    assert bench.uplink.dropped == 65535


async def test_the_uplink_checks_in_ten_times_a_second_also_without_a_network():
    bench = Bench()
    bench.transport.is_up = False
    await bench.work(10000)
    assert bench.alive >= 100


async def test_what_waits_is_as_urgent_as_its_most_urgent_event():
    bench = Bench()
    bench.transport.is_up = False
    assert bench.uplink.waiting() is None
    for kind, values, priority in (
        ("light_power", POWER, 2),
        ("light_state", LIGHT, 1),
        ("light_power", POWER, 1),
        ("fault", FAULT, 0),
    ):
        bench.uplink.send(kind, values)
        assert bench.uplink.waiting() == priority
