import asyncio
import random

from kerb.uplink import codec
from kerb.uplink.fields import COMMANDS
from support.uplink_bench import Bench

POWER = {"power_mw": 30500, "energy_wh": 1234, "burn_s": 43200, "estimated": True}
FAULT = {"part": "lamp", "reason": "no_answer", "active": True}
SET_LEVEL = {"id": 7, "level_permille": 300, "for_s": 60, "issued_s": None}


async def test_an_app_that_sends_without_end_leaves_room_for_commands():
    bench = Bench()
    publish = bench.transport.publish

    def and_again(kind, payload, qos):
        bench.uplink.send("light_power", POWER)
        return publish(kind, payload, qos)

    bench.transport.publish = and_again
    bench.uplink.send("light_power", POWER)
    for command_id in range(4):
        bench.command("sync_time", {"id": command_id})
    await bench.work(1000)
    assert len(bench.done) == 4
    assert bench.alive >= 10


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
    bench.result = ("refused", "no_network")
    bench.command("set_level", SET_LEVEL)
    await bench.work()
    assert [(a["result"], a["reason"]) for a in bench.answers()] == [("refused", "no_network")]


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
    bench.result = ("refused", "no_network")
    for _ in range(3):
        bench.command("set_level", SET_LEVEL)
        await bench.work()
    assert len(bench.done) == 1
    answers = bench.answers()
    assert [(a["id"], a["result"], a["reason"]) for a in answers] == [
        (7, "refused", "no_network")
    ] * 3


async def test_the_same_id_with_other_values_is_another_command():
    bench = Bench()
    for level in (300, 400):
        bench.command("set_level", dict(SET_LEVEL, level_permille=level))
    bench.command("clear_override", {"id": 7})
    await bench.work()
    assert [values.get("level_permille") for _, values in bench.done] == [300, 400, None]


async def test_after_a_minute_the_same_command_is_a_new_one():
    bench = Bench()
    for uptime, count in ((0, 1), (59, 1), (60, 2), (119, 2)):
        bench.clock.uptime = uptime
        bench.command("set_level", SET_LEVEL)
        await bench.work()
        assert len(bench.done) == count


async def test_the_same_command_after_another_one_is_carried_out_again():
    bench = Bench()
    off = {"id": 1, "level_permille": 0, "for_s": 60, "issued_s": None}
    for name, values in (("set_level", off), ("clear_override", {"id": 1}), ("set_level", off)):
        bench.command(name, values)
        await bench.work()
    assert [name for name, _ in bench.done] == ["set_level", "clear_override", "set_level"]


async def test_a_command_that_was_refused_unread_does_not_come_between():
    bench = Bench()
    bench.command("set_level", SET_LEVEL)
    bench.command("dance", {"id": 1})
    bench.command("set_level", SET_LEVEL)
    await bench.work()
    assert len(bench.done) == 1
    assert [a["result"] for a in bench.answers()] == ["ok", "unknown", "ok"]


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


async def test_of_commands_that_come_at_once_eight_wait_and_the_log_is_told_of_the_others():
    bench = Bench()
    for command_id in range(11):
        bench.command("sync_time", {"id": command_id})
    said = [line[0] % line[1] for line in bench.log.lines]
    assert said == ["commands come too fast: %d dropped" % dropped for dropped in (1, 2)]
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
    bench.uplink.send("fault", FAULT)
    await bench.work(10000)
    task.cancel()
    assert 150 <= len(bench.done) <= 201
    # Whoever floods the device does not flood its log.
    dropped = [line[1] for line in bench.log.lines]
    assert dropped == [1 << n for n in range(16)]
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
