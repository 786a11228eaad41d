import json
import random

from kerb.uplink import codec
from kerb.uplink.fields import COMMANDS, EVENTS, name_of, number_of, parse
from support.raised import raised
from support.wire import from_bits, random_bytes, random_values

LORA_BYTES = 51  # what the smallest LoRaWAN frame takes (DR0)

LIGHT = {"level_permille": 500, "power_state": "low", "reason": "schedule"}
SET_LEVEL = {"id": 7, "level_permille": 300, "for_s": 3600, "issued_s": None}
UNKNOWN_S = "1" * 32

# Field by field, by hand: a change here is a change for every device in the street.
WIRE = (
    (
        EVENTS,
        "boot",
        {"reset_cause": "watchdog", "boot_count": 258, "firmware": "0.1", "last_end": "!"},
        (
            "01 000000 0001 00000000000100000010 00000011 00110000 00101110 00110001"
            " 00000001 00100001"
        ),
    ),
    (
        EVENTS,
        "status",
        {
            "uptime_s": 1,
            "heap_free_bytes": 512,
            "dropped": 3,
            "clock_source": "network",
            "clock_age_s": None,
            "rssi_dbm": -61,
        },
        (
            "01 000001 000000000000000000000000000001 0000000000000010 0000000000000011"
            " 0010 111111111111111111111111111111 11000011"
        ),
    ),
    (EVENTS, "light_state", LIGHT, "01 000010 0111110100 001 00000"),
    (
        EVENTS,
        "light_power",
        {
            "power_mw": 30500,
            "energy_wh": None,
            "burn_s": 3600,
            "estimated": False,
            "voltage_mv": 229800,
            "current_ma": 140,
            "power_factor_permille": None,
            "temperature_cdeg": -150,
        },
        (
            "01 000011 00000111011100100100 111111111111111111111111111"
            " 000000000000000000111000010000 0 100011111010 00000010001100 1111111111 111111110001"
        ),
    ),
    (
        EVENTS,
        "fault",
        {"part": "light_sensor", "reason": "lost", "active": False, "bay": None},
        "01 000100 000001 000010 0 111",
    ),
    (
        EVENTS,
        "command_result",
        {"command": "sync_time", "id": 513, "result": "refused", "reason": None, "detail": "A"},
        "01 000101 000011 0000001000000001 01 1111 00000001 01000001",
    ),
    (
        EVENTS,
        "bay_state",
        {
            "bay": 5,
            "state": "occupied",
            "reason": "vehicle",
            "confidence_permille": 990,
            "stay_s": 86400,
        },
        "01 000110 101 01 0001 11110 000010000111000000",
    ),
    (
        EVENTS,
        "bay_report",
        {
            "bay": 0,
            "state": "unknown",
            "reason": "no_echo",
            "confidence_permille": None,
            "state_s": 3600,
            "distance_mm": None,
            "baseline_mm": 2504,
            "arrivals": 258,
            "echoes_percent": 0,
            "temperature_cdeg": -150,
            "battery_mv": None,
        },
        (
            "01 000111 000 10 0101 11111 00000000000000111000010000 1111111111111 0100111001000"
            " 0000000100000010 0000000 111111110001 11111111111"
        ),
    ),
    (
        EVENTS,
        "crosswalk_activation",
        {
            "reason": "track",
            "again": True,
            "waited_ms": 1200,
            "period_s": 12,
            "dim_permille": 1000,
        },
        "01 001000 0001 1 0000000000001100 00001100 1111101000",
    ),
    (
        EVENTS,
        "crosswalk_report",
        {
            "flashing": True,
            "by_button": 2,
            "by_track": 300,
            "by_presence": 0,
            "by_peer": 4,
            "flashing_s": 9000,
            "pedestrians": 310,
            "cars": 500,
            "cars_flashing": 12,
            "car_speed_cm_s": None,
            "peer": "ok",
            "battery_mv": 12500,
            "charging": None,
            "dim_permille": 450,
        },
        (
            "01 001001 1 0000000000000010 0000000100101100 0000000000000000 0000000000000100"
            " 000000000010001100101000 0000000100110110 0000000111110100 0000000000001100"
            " 1111111111111 01 000010011100010 11 0111000010"
        ),
    ),
    (
        COMMANDS,
        "set_level",
        SET_LEVEL,
        "01 000000 0000000000000111 0100101100 00000111000010000" + UNKNOWN_S,
    ),
    (
        COMMANDS,
        "clear_override",
        {"id": 1, "issued_s": 848664000},
        "01 000001 0000000000000001 00110010100101011001010111000000",
    ),
    (
        COMMANDS,
        "set_schedule",
        {"id": 2, "issued_s": None, "steps": [["clock", 1320, 500], ["sunrise", -30, 1000]]},
        (
            "01 000010 0000000000000010" + UNKNOWN_S + "00010"
            " 000 010100101000 0111110100 010 111111100010 1111101000"
        ),
    ),
    (COMMANDS, "sync_time", {"id": 3}, "01 000011 0000000000000011"),
    (COMMANDS, "send_status", {"id": 4}, "01 000100 0000000000000100"),
    (
        COMMANDS,
        "clear_schedule",
        {"id": 5, "issued_s": None},
        "01 000101 0000000000000101" + UNKNOWN_S,
    ),
    (
        COMMANDS,
        "presence",
        {"id": 6, "issued_s": 1},
        "01 000110 0000000000000110" + "0" * 31 + "1",
    ),
    (
        COMMANDS,
        "calibrate",
        {"id": 7, "bay": 1, "state": "occupied"},
        "01 000111 0000000000000111 001 01",
    ),
    (
        COMMANDS,
        "activate",
        {"id": 7, "issued_s": None},
        "01 001000 0000000000000111 11111111111111111111111111111111",
    ),
)

# What no kind has yet: wide and signed numbers, and a list that may be empty.
ODD = ("odd a:b b:i5 c:u32 d:i32:? e:u31:? f:i24:*256 g:l3:0..7 h:i9:? i:e2:x|y:?",)


def _refusal(*args):
    return str(raised(ValueError, codec.encode, *args))


def test_wire_bytes_are_the_fields_of_the_table_one_after_the_other():
    for table, kind, values, bits in WIRE:
        assert codec.encode(kind, values, table) == from_bits(bits), kind
        assert codec.decode(from_bits(bits), [], table) == (kind, values), kind
    assert len(WIRE) == len(EVENTS) + len(COMMANDS)


def test_any_values_come_back_from_the_wire():
    random.seed(1)
    for table in (EVENTS, COMMANDS, ODD):
        for text in table:
            kind = name_of(text)
            for _ in range(80):
                values = random_values(random, text)
                warnings = []
                payload = codec.encode(kind, values, table)
                assert codec.decode(payload, warnings, table) == (kind, values)
                assert not warnings


def test_json_and_bytes_carry_the_same_values():
    random.seed(2)
    for text in EVENTS:
        kind = name_of(text)
        for _ in range(100):
            values = random_values(random, text)
            payload = codec.encode(kind, values)
            told, body = codec.to_json(payload, "2026-11-22T12:00:00Z", "network", 12)
            assert told == kind
            doc = json.loads(body)
            envelope = {key: doc.pop(key) for key in ("v", "kind", "seq", "time", "clock")}
            assert doc == values
            assert envelope == {
                "v": 1,
                "kind": kind,
                "seq": 12,
                "time": "2026-11-22T12:00:00Z",
                "clock": "network",
            }


def test_json_has_one_order():
    assert codec.to_json(codec.encode("light_state", LIGHT)) == (
        "light_state",
        (
            b'{"v":1,"kind":"light_state","seq":null,"time":null,"clock":null,'
            b'"level_permille":500,"power_state":"low","reason":"schedule"}'
        ),
    )
    assert codec.to_json(b"\x42") == (None, "light_state: 1 bytes are too short")


def test_every_event_fits_the_smallest_lorawan_frame_and_a_light_state_four_bytes():
    for text in EVENTS:
        values = {}
        for name, kind, _, _, hi, _, _, names in parse(text):
            values[name] = names[0] if kind == "e" else "" if kind == "t" else hi
            if kind == "b":
                values[name] = True
        assert len(codec.encode(name_of(text), values)) <= LORA_BYTES, text
    assert len(codec.encode("light_state", LIGHT)) == 4


def test_encode_refuses_a_value_next_to_each_end_of_its_range_and_names_the_field():
    random.seed(4)
    for table in (EVENTS, COMMANDS, ODD):
        for text in table:
            for field in parse(text):
                name, kind, _, lo, hi = field[:5]
                values = random_values(random, text)
                if kind in "ui":
                    for value in (lo - 1, hi + 1):
                        values[name] = value
                        reason = _refusal(name_of(text), values, table)
                        found = "%s: found %d, allowed %d to %d" % (name, value, lo, hi)
                        assert reason == found
                if not field[6]:
                    values[name] = None
                    reason = _refusal(name_of(text), values, table)
                    assert reason.startswith(name + ": found null, allowed "), reason
                    values.pop(name)
                    reason = _refusal(name_of(text), values, table)
                    assert reason == name + ": missing"


def test_encode_refuses_what_looks_like_the_right_type():
    for name, value, reason in (
        ("level_permille", True, "found true, allowed 0 to 1000"),
        ("level_permille", 500.0, "found 500.0, allowed 0 to 1000"),
        ("level_permille", "500", 'found "500", allowed 0 to 1000'),
        ("level_permille", [500], "found [500], allowed 0 to 1000"),
        ("power_state", 1, "found 1, allowed bootingUp, low, off, on"),
        ("power_state", "ON", 'found "ON", allowed bootingUp, low, off, on'),
        ("power_state", ["on"], 'found ["on"], allowed bootingUp, low, off, on'),
    ):
        values = dict(LIGHT)
        values[name] = value
        assert _refusal("light_state", values) == name + ": " + reason
    for value in (0, 1, "true", None):
        values = {"part": "lamp", "reason": "lost", "active": value}
        assert _refusal("fault", values).startswith("active: found ")
    for value in ("a" * 17, "\n", "\x7f", "\xe9", b"0.1", 1):
        values = {"reset_cause": "soft", "boot_count": 1, "firmware": value, "last_end": ""}
        reason = _refusal("boot", values)
        assert reason.startswith("firmware: found "), reason
        assert reason.endswith(", allowed 16 printable ASCII characters")
        if value == b"0.1":  # that CPython's json does not know
            assert "found bytes" in reason or 'found "0.1"' in reason


def test_encode_refuses_unknown_kinds_and_fields():
    assert _refusal("weather", {}) == "unknown kind 'weather'"
    values = dict(LIGHT)
    values["lux"] = 3
    assert _refusal("light_state", values) == (
        "lux: unknown key, allowed: level_permille, power_state, reason"
    )


def test_what_is_left_out_is_unknown():
    payload = codec.encode("light_state", {"level_permille": 0})
    assert codec.decode(payload)[1] == {
        "level_permille": 0,
        "power_state": None,
        "reason": None,
    }


def test_a_value_between_two_steps_goes_to_the_nearer_one():
    values = dict(WIRE[1][2])
    for value, nearest in ((383, 256), (384, 512), (639, 512), (640, 768), (0, 0)):
        values["heap_free_bytes"] = value
        assert codec.decode(codec.encode("status", values))[1]["heap_free_bytes"] == nearest
    table = ("k a:i8:*10",)
    for value, nearest in ((-1280, -1280), (-16, -20), (-14, -10), (-5, 0), (4, 0), (5, 10)):
        assert codec.decode(codec.encode("k", {"a": value}, table), [], table)[1] == {"a": nearest}


def test_a_payload_cut_anywhere_but_at_a_short_form_gives_a_reason():
    for table, kind, _, bits in WIRE:
        payload = from_bits(bits)
        forms = [len(form) for form in _forms(payload)] if table is EVENTS else ()
        for size in range(1, len(payload)):
            if size in forms:
                continue
            reason = "%s: %d bytes are too short" % (kind, size)
            assert codec.decode(payload[:size], [], table) == (None, reason)
    assert codec.decode(b"") == (None, "empty payload")


def _forms(payload):
    """The forms of an event that are shorter than itself, the longest first."""
    forms = []
    form = codec.shorten(payload, len(payload) - 1)
    while form:
        forms.append(form)
        form = codec.shorten(form, len(form) - 1)
    return forms


def test_the_short_forms_end_where_the_table_says():
    for kind, sizes in (
        ("boot", [8, 4]),  # without how the boot before ended, without the version
        ("status", [9, 5]),
        ("light_state", []),
        ("light_power", [11, 7]),
        ("fault", []),
        ("command_result", [5]),  # without the reason in words
        ("bay_state", []),
        ("bay_report", [12, 10, 8, 6]),
        ("crosswalk_activation", []),
        ("crosswalk_report", [20, 15, 13, 10, 8]),
    ):
        bits = WIRE[number_of(EVENTS, kind)][3]
        assert [len(form) for form in _forms(from_bits(bits))] == sizes, kind


def test_a_short_form_has_the_first_of_the_values_and_zeros_after_them():
    payload = codec.encode("light_power", WIRE[3][2])
    power, energy = from_bits("01 000011 00000111011100100100" + "1" * 27), 30500
    assert codec.shorten(payload, 10) == codec.shorten(payload, 7) == power
    warnings = []
    values = {"power_mw": energy, "energy_wh": None}
    assert codec.decode(power, warnings) == ("light_power", values)
    assert not warnings
    assert codec.to_json(power, "2026-11-22T12:00:00Z", "lorawan", 1) == (
        "light_power",
        (
            b'{"v":1,"kind":"light_power","seq":1,"time":"2026-11-22T12:00:00Z",'
            b'"clock":"lorawan","power_mw":30500,"energy_wh":null}'
        ),
    )


def test_any_event_shortened_to_any_size_keeps_what_fits_of_its_values():
    random.seed(6)
    for text in EVENTS:
        kind = name_of(text)
        names = [field[0] for field in parse(text)]
        for _ in range(5):
            values = random_values(random, text)
            payload = codec.encode(kind, values)
            before = b""
            for size in range(len(payload) + 2):
                form = codec.shorten(payload, size)
                if form is None:
                    assert not before
                    continue
                assert len(form) <= size and len(form) >= len(before)
                warnings = []
                told, found = codec.decode(form, warnings)
                assert told == kind and not warnings
                assert found == {name: values[name] for name in names[: len(found)]}
                others = random_values(random, text)
                others.update(found)  # what it has lost leaves no trace in it
                assert codec.shorten(codec.encode(kind, others), len(form)) == form
                before = form
            assert before == payload


def test_every_event_has_a_form_for_the_least_frame_that_a_region_allows():
    random.seed(7)
    for text in EVENTS:
        for _ in range(20):
            payload = codec.encode(name_of(text), random_values(random, text))
            assert len(codec.late(None, codec.shorten(payload, 9))) <= 11


def test_what_is_no_event_has_no_short_form_and_does_not_raise():
    random.seed(8)
    assert codec.shorten(b"", 9) == b""
    for _ in range(500):
        payload = random_bytes(random, random.randint(1, 30))
        form = codec.shorten(payload, random.randint(0, 20))
        assert form is None or payload[: len(form) - 1] == form[:-1]
    assert codec.shorten(b"\x7f" + b"a" * 20, 9) is None


def test_a_late_event_has_its_age_before_it():
    for age_s, steps in (
        (None, 0xFFFF),
        (-3, 0),
        (0, 0),
        (4, 0),
        (5, 1),
        (14, 1),
        (86400, 8640),
        (655344, 0xFFFE),
        (655350, 0xFFFE),
        (1 << 30, 0xFFFE),
    ):
        assert codec.late(age_s, b"\x42abc") == bytes((steps >> 8, steps & 255)) + b"\x42abc"


def test_other_versions_and_kinds_give_a_reason():
    for version in (0, 2, 3):
        reason = "version: found %d, allowed 1" % version
        assert codec.decode(bytes((version << 6, 0, 0, 0))) == (None, reason)
    for number in range(len(EVENTS), 64):
        reason = "kind: found %d, allowed 0 to %d" % (number, len(EVENTS) - 1)
        assert codec.decode(bytes((64 | number, 0, 0, 0))) == (None, reason)


def test_a_number_out_of_its_range_is_refused_when_decoding():
    payload = from_bits("01 000010 1111101001 001 00000")
    assert codec.decode(payload) == (None, "level_permille: found 1001, allowed 0 to 1000")
    payload = from_bits("01 000000 0000000000000111 0100101100 00000000000000000" + UNKNOWN_S)
    assert codec.command_from_bytes(payload) == (
        None,
        "for_s: found 0, allowed 1 to 86400",
        None,
    )
    for count, bits in ((0, ""), (17, "0" * 25 * 17)):
        head = "01 000010 0000000000000010" + UNKNOWN_S
        payload = from_bits(head + "{:05b}".format(count) + bits)
        reason = "steps: found %d, allowed 1 to 16" % count
        assert codec.command_from_bytes(payload) == (None, reason, None)


def test_an_event_from_later_firmware_is_used_as_far_as_it_is_known():
    payload = codec.encode("light_state", LIGHT)
    for more in (b"\x00", b"abcd"):
        warnings = []
        assert codec.decode(payload + more, warnings) == ("light_state", LIGHT)
        assert warnings == ["light_state: %d bytes more than known" % len(more)]
        assert codec.decode(payload + more) == ("light_state", LIGHT)
    warnings = []
    payload = from_bits("01 000010 0111110100 001 11110")
    values = {"level_permille": 500, "power_state": "low", "reason": None}
    assert codec.decode(payload, warnings) == ("light_state", values)
    assert warnings == ["reason: code 30 has no name here"]
    warnings = []
    payload = from_bits("01 000100 111110 111101 1 001")
    values = {"part": None, "reason": None, "active": True, "bay": 1}
    assert codec.decode(payload, warnings) == ("fault", values)
    assert warnings == ["part: code 62 has no name here", "reason: code 61 has no name here"]


def test_any_bytes_give_values_that_encode_to_them_or_a_reason():
    random.seed(5)
    for table in (EVENTS, COMMANDS, ODD):
        for _ in range(3000):
            payload = random_bytes(random, random.randint(0, 40))
            if random.randint(0, 3):
                payload = bytes((64 | random.randint(0, len(table)),)) + payload
            warnings = []
            kind, values = codec.decode(payload, warnings, table)
            if kind is None:
                assert isinstance(values, str) and values
            elif not warnings and len(values) == len(parse(table[payload[0] & 63])):
                again = codec.encode(kind, values, table)
                assert again[:-1] == payload[:-1]
                # The bits that fill up the last byte may be anything.
                assert codec.decode(again, [], table) == (kind, values)
