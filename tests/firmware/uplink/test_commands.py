import json
import random

from kerb.uplink import codec
from kerb.uplink.fields import COMMANDS, name_of
from support.wire import random_bytes, random_values

SET_LEVEL = {"id": 7, "level_permille": 300, "for_s": 3600, "issued_s": None}


def test_the_same_command_in_json_and_in_bytes_is_the_same():
    random.seed(3)
    for text in COMMANDS:
        name = name_of(text)
        for _ in range(100):
            values = random_values(random, text)
            wanted = (name, values, values["id"])
            assert codec.command_from_json(name, json.dumps(values).encode()) == wanted
            assert codec.command_from_bytes(codec.encode(name, values, COMMANDS)) == wanted


def test_a_command_from_a_later_server_is_refused():
    payload = codec.encode("set_level", SET_LEVEL, COMMANDS) + b"\x00"
    assert codec.command_from_bytes(payload) == (
        None,
        "set_level: 1 bytes more than known",
        7,
    )


def test_any_bytes_as_a_command_give_a_command_or_a_reason():
    random.seed(6)
    for _ in range(3000):
        payload = bytes((64 | random.randint(0, 5),)) + random_bytes(random, random.randint(0, 9))
        name, values, command_id = codec.command_from_bytes(payload)
        if name is None:
            assert isinstance(values, str)
            assert command_id is None or 0 <= command_id < 65535
        else:
            assert values["id"] == command_id


def test_a_wrong_key_of_a_command_is_named_with_what_was_found_and_what_is_allowed():
    for text, reason in (
        ('{"level_permille":300,"for_s":60}', "id: missing"),
        ('{"id":7,"for_s":60}', "level_permille: missing"),
        (
            '{"id":7,"level_permille":1001,"for_s":60}',
            "level_permille: found 1001, allowed 0 to 1000",
        ),
        (
            '{"id":7,"level_permille":3e2,"for_s":60}',
            "level_permille: found 300.0, allowed 0 to 1000",
        ),
        (
            '{"id":7,"level_permille":true,"for_s":60}',
            "level_permille: found true, allowed 0 to 1000",
        ),
        (
            '{"id":7,"level_permille":null,"for_s":60}',
            "level_permille: found null, allowed 0 to 1000",
        ),
        (
            '{"id":7,"level_permille":300,"for_s":-1}',
            "for_s: found -1, allowed 1 to 86400",
        ),
        (
            '{"id":7,"level_permille":300,"for_s":%s}' % ("9" * 99),
            "for_s: found 999999999999999999, allowed 1 to 86400",
        ),
        (
            '{"id":7,"level_permille":300,"for_s":{"a":[1]}}',
            'for_s: found {"a": [1]}, allowed 1 to 86400',
        ),
        (
            '{"id":7,"level_permille":300,"for_s":60,"levle":1}',
            "levle: unknown key, allowed: id, level_permille, for_s, issued_s",
        ),
    ):
        command_id = 7 if '"id":7' in text else None
        assert codec.command_from_json("set_level", text.encode()) == (None, reason, command_id)


def test_a_wrong_item_of_a_list_is_named_with_its_place():
    for steps, reason in (
        ("[]", "steps: found 0, allowed 1 to 16"),
        ("[%s]" % ",".join(['["clock",0,1]'] * 17), "steps: found 17, allowed 1 to 16"),
        ("5", "steps: found 5, allowed 1 to 16"),
        ("{}", "steps: found {}, allowed 1 to 16"),
        ('[["clock",0,1],"01"]', "steps[1]: allowed a list of 3"),
        ("[[0,1]]", "steps[0]: allowed a list of 3"),
        (
            '[["clock",0,1],["clock",1440,2]]',
            "steps[1].minute: found 1440, allowed -720 to 1439",
        ),
        (
            '[["noon",0,1]]',
            'steps[0].anchor: found "noon", allowed clock, sunset, sunrise, dusk, dawn, midnight',
        ),
        ('[["clock",0,null]]', "steps[0].level_permille: found null, allowed 0 to 1000"),
    ):
        payload = '{"id":1,"steps":%s}' % steps
        assert codec.command_from_json("set_schedule", payload.encode()) == (None, reason, 1)


def test_an_id_that_is_no_id_is_not_given_back():
    for text in ("-1", "65535", '"7"', "true", "[7]", "1.0"):
        payload = '{"id":%s,"level_permille":0,"for_s":1}' % text
        name, reason, command_id = codec.command_from_json("set_level", payload.encode())
        assert name is None and command_id is None
        assert reason.startswith("id: found ") and reason.endswith(", allowed 0 to 65534")


def test_what_is_no_json_object_is_refused():
    for payload in (
        b"",
        b"null",
        b"7",
        b"[1]",
        b'"on"',
        b'{"id":1',
        b"\xff\xfe{}",
        b'{"id":"\xff"}',
        b"[" * 512,
        b'{"a":' * 102,
        b"{[]:1}",
    ):
        assert codec.command_from_json("sync_time", payload) == (
            None,
            "allowed a JSON object",
            None,
        )
    payload = '{"id":%s%s}' % ("[" * 250, "]" * 250)
    name, reason, _ = codec.command_from_json("sync_time", payload.encode())
    assert name is None and len(reason) < 60
    payload = b'{"id":1}' + b" " * 505
    assert len(payload) == 513
    assert codec.command_from_json("sync_time", payload) == (None, "allowed 512 bytes", None)
    assert codec.command_from_json("sync_time", payload[:-1])[0] == "sync_time"


def test_an_unknown_command_is_said_to_be_unknown():
    reason = "unknown command 'self_destruct'"
    assert codec.command_from_json("self_destruct", b"{}") == (None, reason, None)
    name, reason, _ = codec.command_from_json("x" * 500, b"{}")
    assert name is None and len(reason) < 60


def test_json_that_was_changed_anywhere_gives_a_command_or_a_reason():
    random.seed(7)
    good = b'{"id":513,"steps":[["clock",1320,500],["sunset",-9,300],["dawn",299,1000]]}'
    alphabet = b'{}[]:,"\\0129eE.-+ntfu /\x00\xff\xc3'
    for cut in range(len(good)):
        assert codec.command_from_json("set_schedule", good[:cut])[0] is None
    for _ in range(3000):
        payload = bytearray(good)
        for _ in range(random.randint(1, 4)):
            at = random.randint(0, len(payload) - 1)
            payload[at] = alphabet[random.randint(0, len(alphabet) - 1)]
        name, values, command_id = codec.command_from_json("set_schedule", bytes(payload))
        if name is None:
            assert isinstance(values, str) and len(values) < 120
            assert command_id is None or 0 <= command_id < 65535
        else:
            assert codec.encode(name, values, COMMANDS)
    for _ in range(3000):
        payload = bytes([random.choice(alphabet) for _ in range(random.randint(0, 20))])
        assert codec.command_from_json("sync_time", payload)[0] in (None, "sync_time")
