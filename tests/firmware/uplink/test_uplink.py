import asyncio
import json
import random

from kerb.uplink import codec
from kerb.uplink.fields import COMMANDS
from kerb.uplink.queue import ALARM, ROUTINE, STATE, Queue
from kerb.uplink.uplink import Uplink

DAY = 9822  # 2026-11-22
LIGHT = {"level_permille": 500, "power_state": "low", "reason": "schedule"}
FAULT = {"part": "lamp", "reason": "no_answer", "active": True}
SET_LEVEL = {"id": 7, "level_permille": 300, "for_s": 60}


class Clock:
    """Set by hand."""

    def __init__(self):
        self.uptime = 0
        self.wall = None
        self.source = "unset"

    def set(self, day, second, source):
        self.wall = (day, second - self.uptime)
        self.source = source

    def uptime_s(self):
        return self.uptime

    def now(self):
        return self.wall and (self.wall[0], self.wall[1] + self.uptime)


class Log:
    def __init__(self):
        self.lines = []

    def warn(self, message, a=None, b=None, c=None):
        self.lines.append((message, a, b, c))

    error = warn


class Transport:
    """Takes `room` messages that need an ack, as long as it is up."""

    def __init__(self, text=True):
        self.text = text
        self.is_up = True
        self.room = 100
        self.sent = []
        self.tokens = []
        self.asked = 0
        self.tried = 0

    def up(self):
        self.asked += 1
        return self.is_up

    def publish(self, kind, payload, qos):
        self.tried += 1
        assert self.is_up and isinstance(payload, bytes)
        if len(self.tokens) >= self.room:
            return None
        self.sent.append((kind, payload, qos))
        if qos == 0:
            return 0
        self.tokens.append(len(self.sent))
        return len(self.sent)

    def ack_all(self):
        while self.tokens:
            self.on_ack(self.tokens.pop(0))


class Store:
    def __init__(self):
        self.record = None

    def get(self, name):
        return self.record

    def put(self, name, data):
        self.record = data
        return True


class Bench:
    """An uplink with all its neighbours."""

    def __init__(self, text=True, store=None, **limits):
        self.store = store
        self.queue = Queue(store=store, **limits)
        self.transport = Transport(text)
        self.clock = Clock()
        self.log = Log()
        self.done = []
        self.result = ("ok", None)
        self.alive = 0
        self.uplink = Uplink(self.queue, self.transport, self.clock, self.log, self.obey)

    def obey(self, name, values):
        self.done.append((name, values))
        if isinstance(self.result, Exception):
            raise self.result
        return self.result

    def check_in(self):
        self.alive += 1

    async def work(self, ms=1000):
        task = asyncio.create_task(self.uplink.run(self.check_in))
        await asyncio.sleep_ms(ms)
        assert not task.done()
        task.cancel()

    def command(self, name, values):
        self.transport.on_message(name, json.dumps(values).encode())

    def answers(self):
        return [
            json.loads(payload)
            for kind, payload, _ in self.transport.sent
            if kind == "command_result"
        ]


async def test_an_event_goes_out_as_json_with_the_quality_of_its_priority():
    bench = Bench()
    bench.clock.set(DAY, 43200, "network")
    assert bench.uplink.send("light_state", LIGHT)
    assert bench.uplink.send("light_state", LIGHT, STATE)
    assert bench.uplink.send("fault", FAULT, ALARM)
    await bench.work()
    sent = bench.transport.sent
    assert [(kind, qos) for kind, _, qos in sent] == [
        ("fault", 1),
        ("light_state", 1),
        ("light_state", 0),
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
    }


async def test_a_radio_gets_the_wire_bytes():
    bench = Bench(text=False)
    bench.uplink.send("light_state", LIGHT)
    await bench.work()
    assert bench.transport.sent == [("light_state", codec.encode("light_state", LIGHT), 0)]


async def test_events_wait_while_the_transport_is_down_and_leave_by_priority():
    bench = Bench()
    bench.transport.is_up = False
    for priority in (ROUTINE, STATE, ALARM):
        bench.uplink.send("fault", FAULT, priority)
    await bench.work()
    assert bench.transport.sent == [] and len(bench.queue) == 3
    bench.transport.is_up = True
    await bench.work()
    assert [json.loads(payload)["seq"] for _, payload, _ in bench.transport.sent] == [2, 1, 0]


async def test_what_the_transport_has_no_room_for_is_sent_later_in_order():
    bench = Bench()
    bench.transport.room = 4
    for level in range(20):
        bench.uplink.send("light_state", {"level_permille": level}, STATE)
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


async def test_an_app_that_sends_without_end_leaves_room_for_commands():
    bench = Bench()
    publish = bench.transport.publish

    def and_again(kind, payload, qos):
        bench.uplink.send("light_state", LIGHT)
        return publish(kind, payload, qos)

    bench.transport.publish = and_again
    bench.uplink.send("light_state", LIGHT)
    for command_id in range(4):
        bench.command("sync_time", {"id": command_id})
    await bench.work(1000)
    assert len(bench.done) == 4
    assert bench.alive >= 10


async def test_a_transport_that_takes_nothing_is_not_pressed():
    bench = Bench()
    bench.uplink.send("light_state", LIGHT, STATE)
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
    bench.uplink.send("fault", FAULT, ALARM)
    await bench.work()
    assert len(bench.transport.sent) == 1
    assert len(Queue(store=store)) == 1
    bench.transport.ack_all()
    await bench.work()
    assert len(Queue(store=store)) == 0
    assert len(bench.transport.sent) == 1


async def test_acks_and_losses_of_nothing_are_ignored():
    bench = Bench()
    bench.uplink.send("fault", FAULT, STATE)
    await bench.work()
    for token in (0, 77, 1, 1):
        bench.transport.on_ack(token)
    bench.transport.on_lost(1)
    await bench.work()
    assert len(bench.transport.sent) == 1


async def test_what_the_transport_lost_is_sent_again():
    bench = Bench()
    bench.uplink.send("fault", FAULT, ALARM)
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


async def test_an_event_has_no_time_as_long_as_there_is_no_clock():
    bench = Bench()
    bench.uplink.send("light_state", LIGHT)
    await bench.work()
    event = json.loads(bench.transport.sent[0][1])
    assert (event["time"], event["clock"]) == (None, "unset")


async def test_an_alarm_that_a_reboot_interrupted_arrives_with_its_own_time():
    store = Store()
    bench = Bench(store=store)
    bench.transport.is_up = False
    bench.uplink.send("fault", FAULT, ALARM)
    bench.clock.set(DAY, 3600, "network")
    bench.uplink.send("fault", FAULT, ALARM)
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
        assert [kind for kind, _, _ in bench.transport.sent] == ["light_state"]
        assert bench.log.lines[0][1] == b"\x7fother"
        assert len(Queue(store=store)) == 0


def test_an_invalid_event_is_counted_and_told_to_the_log_and_does_no_harm():
    bench = Bench()
    assert bench.uplink.invalid_events == 0
    assert not bench.uplink.send("light_state", {"level_permille": 1001})
    assert not bench.uplink.send("weather", {})
    assert bench.uplink.invalid_events == 2
    assert str(bench.log.lines[0][2]) == "level_permille: found 1001, allowed 0 to 1000"


def test_sending_into_a_full_queue_tells_so_and_counts():
    bench = Bench(size=2)
    bench.transport.is_up = False
    assert bench.uplink.send("fault", FAULT, ALARM)
    assert bench.uplink.send("fault", FAULT, ALARM)
    assert not bench.uplink.send("light_state", LIGHT)
    assert bench.uplink.dropped == 1
    bench.queue.dropped[ROUTINE] = 100000
    assert bench.uplink.dropped == 65535


async def test_a_command_is_carried_out_and_answered():
    bench = Bench()
    bench.command("set_level", SET_LEVEL)
    await bench.work()
    assert bench.done == [("set_level", SET_LEVEL)]
    answer = bench.answers()[0]
    assert bench.transport.sent[0][2] == 1
    assert (answer["command"], answer["id"]) == ("set_level", 7)
    assert (answer["result"], answer["reason"], answer["detail"]) == ("ok", None, "")


async def test_what_the_app_says_of_a_command_is_the_answer():
    bench = Bench()
    bench.result = ("refused", "no_clock")
    bench.command("set_level", SET_LEVEL)
    await bench.work()
    assert [(a["result"], a["reason"]) for a in bench.answers()] == [("refused", "no_clock")]


async def test_a_command_over_a_radio_is_carried_out_and_answered_in_few_bytes():
    bench = Bench(text=False)
    bench.transport.on_message(None, codec.encode("set_level", SET_LEVEL, COMMANDS))
    bench.transport.on_message(None, b"\x40\x00")
    await bench.work()
    assert bench.done == [("set_level", SET_LEVEL)]
    answers = [codec.decode(payload) for _, payload, _ in bench.transport.sent]
    assert [len(payload) for _, payload, _ in bench.transport.sent] == [6, 6]
    assert answers[0][1]["command"] == "set_level" and answers[0][1]["id"] == 7
    assert answers[1][1]["command"] is None and answers[1][1]["reason"] == "bad_payload"


async def test_the_same_command_again_is_answered_again_but_not_carried_out_again():
    bench = Bench()
    bench.result = ("refused", "no_clock")
    for _ in range(3):
        bench.command("set_level", SET_LEVEL)
        await bench.work()
    assert len(bench.done) == 1
    answers = bench.answers()
    assert [(a["id"], a["result"], a["reason"]) for a in answers] == [
        (7, "refused", "no_clock")
    ] * 3


async def test_the_same_id_with_other_values_is_another_command():
    bench = Bench()
    for level in (300, 400):
        bench.command("set_level", dict(SET_LEVEL, level_permille=level))
    bench.command("clear_override", {"id": 7})
    await bench.work()
    assert [values.get("level_permille") for _, values in bench.done] == [300, 400, None]


async def test_after_ten_minutes_the_same_command_is_a_new_one():
    bench = Bench()
    for uptime, count in ((0, 1), (599, 1), (600, 2), (1199, 2)):
        bench.clock.uptime = uptime
        bench.command("set_level", SET_LEVEL)
        await bench.work()
        assert len(bench.done) == count


async def test_the_last_eight_commands_are_known_again():
    bench = Bench()
    ids = list(range(9))
    for command_id in ids + ids[1:]:
        bench.command("sync_time", {"id": command_id})
        await bench.work(60)
    assert len(bench.done) == 9
    bench.command("sync_time", {"id": 0})
    await bench.work()
    assert len(bench.done) == 10


async def test_a_command_that_the_app_fails_at_is_answered_and_the_next_one_works():
    bench = Bench()
    for number, result in enumerate((ValueError("lamp"), ("ok", "nonsense"), None, ("ok", None))):
        bench.result = result
        bench.command("sync_time", {"id": number})
        await bench.work()
    assert [(a["id"], a["result"], a["reason"]) for a in bench.answers()] == [
        (0, "refused", "failed"),
        (1, "refused", "failed"),
        (2, "refused", "failed"),
        (3, "ok", None),
    ]
    assert "lamp" in bench.log.lines[0][2]


async def test_a_command_that_is_wrong_is_refused_with_the_reason():
    bench = Bench()
    bench.command("set_level", dict(SET_LEVEL, level_permille=2000))
    bench.command("dance", {"id": 1})
    bench.transport.on_message("sync_time", b"\xff\x00")
    bench.transport.on_message("sync_time", b'{"id":1}' + b" " * 5000)
    bench.command("sync_time", {"id": 1, "\u00e9\n": 2})
    await bench.work()
    assert bench.done == []
    assert len(bench.log.lines) == 5 and "2000" in bench.log.lines[0][1]
    answers = [
        (a["command"], a["id"], a["result"], a["reason"], a["detail"]) for a in bench.answers()
    ]
    assert answers == [
        (
            "set_level",
            7,
            "refused",
            "bad_payload",
            "level_permille: found 2000, allowed 0 to 1000",
        ),
        (None, None, "unknown", "not_supported", "unknown command 'dance'"),
        ("sync_time", None, "refused", "bad_payload", "allowed a JSON object"),
        ("sync_time", None, "refused", "bad_payload", "allowed 512 bytes"),
        ("sync_time", 1, "refused", "bad_payload", "??: unknown key, allowed: id"),
    ]


async def test_a_reason_has_only_characters_that_the_answer_can_carry():
    bench = Bench()
    bench.uplink._answer("sync_time", 1, "refused", "failed", " ~\x1f\x7f\u00e9" + "x" * 100)
    await bench.work()
    assert bench.answers()[0]["detail"] == " ~???" + "x" * 75


async def test_of_commands_that_come_at_once_eight_wait_and_the_others_are_counted():
    bench = Bench()
    assert bench.uplink.dropped_commands == 0
    for command_id in range(11):
        bench.command("sync_time", {"id": command_id})
    assert bench.uplink.dropped_commands == 3
    await bench.work()
    assert [values["id"] for _, values in bench.done] == list(range(8))


async def test_a_flood_of_commands_is_bounded():
    bench = Bench()

    async def flood():
        number = 0
        while True:
            for _ in range(50):
                number += 1
                bench.command("sync_time", {"id": number % 60000})
            await asyncio.sleep_ms(10)

    task = asyncio.create_task(flood())
    bench.uplink.send("fault", FAULT, ALARM)
    await bench.work(10000)
    task.cancel()
    assert 150 <= len(bench.done) <= 201
    assert bench.uplink.dropped_commands > 49000
    assert bench.alive >= 150
    assert bench.transport.sent[0][0] == "fault"


async def test_any_bytes_as_commands_do_no_harm():
    random.seed(1)
    for text in (True, False):
        bench = Bench(text)
        for _ in range(50):
            for _ in range(8):
                size = random.randint(0, 30)
                payload = bytes([random.getrandbits(8) for _ in range(size)])
                name = "x" * random.randint(0, 30) if random.getrandbits(1) else "sync_time"
                if random.getrandbits(1):
                    payload = payload + b'{"id":%d}' % random.getrandbits(17)
                if not text:
                    name = None
                    payload = bytes((random.randint(60, 70),)) + payload
                bench.transport.on_message(name, payload)
            await bench.work(450)
            bench.transport.ack_all()
        assert len(bench.transport.sent) == 400
        assert bench.done or not text


async def test_the_uplink_checks_in_ten_times_a_second_also_without_a_network():
    bench = Bench()
    bench.transport.is_up = False
    await bench.work(10000)
    assert bench.alive >= 100
