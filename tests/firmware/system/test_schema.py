"""A document is checked in full: every error names its key, what was found and what is allowed."""

from kerb.system.schema import Bool, Choice, Hex, Int, List, Obj, Str, validate

STEP = {"minute": Int(0, 1439), "level_permille": Int(0, 1000)}
SCHEMA = {
    "app": Choice(("light", "parking")),
    "name": Str(1, 12),
    "site": Obj({"lat_e7": Int(-900000000, 900000000), "tz": Str(3, 64, "UTC0")}),
    "light": Obj({"schedule": List(Obj(STEP), 3), "ramp_s": Int(0, 60, 5)}),
    "mqtt": Obj({"host": Str(1, 64), "tls": Bool(False)}, optional=True),
}


def good():
    return {
        "app": "light",
        "name": "lamp-0001",
        "site": {"lat_e7": 351800000},
        "light": {"schedule": [{"minute": 1320, "level_permille": 500}]},
    }


def errors_of(doc, schema=SCHEMA):
    clean, errors = validate(schema, doc)
    assert (clean is None) == bool(errors)
    return errors


def test_a_right_document_comes_back_with_its_defaults():
    clean, errors = validate(SCHEMA, good())
    assert errors == []
    assert clean == {
        "app": "light",
        "name": "lamp-0001",
        "site": {"lat_e7": 351800000, "tz": "UTC0"},
        "light": {"schedule": [{"minute": 1320, "level_permille": 500}], "ramp_s": 5},
        "mqtt": None,
    }


def test_the_clean_document_shares_nothing_with_the_given_one_or_the_defaults():
    doc = good()
    clean, _ = validate(SCHEMA, doc)
    clean["light"]["schedule"].append(1)
    clean["site"]["tz"] = "KST-9"
    assert doc == good()
    del doc["light"]
    validate(SCHEMA, doc)[0]["light"]["schedule"].append(1)
    assert validate(SCHEMA, doc)[0]["light"]["schedule"] == []


def test_an_object_that_is_left_out_has_its_defaults_or_misses_its_keys_by_name():
    doc = good()
    del doc["light"]
    assert validate(SCHEMA, doc)[0]["light"] == {"schedule": [], "ramp_s": 5}
    del doc["site"]
    assert errors_of(doc) == ["site.lat_e7: missing, allowed: -900000000 to 900000000"]


def test_a_missing_key_is_named_with_what_is_allowed():
    doc = good()
    del doc["app"]
    doc["mqtt"] = {}
    assert errors_of(doc) == [
        "app: missing, allowed: light, parking",
        "mqtt.host: missing, allowed: text of 1 to 64 bytes",
    ]


def test_an_unknown_key_is_named_with_the_nearest_known_one():
    doc = good()
    doc["light"]["shedule"] = []
    doc["colour"] = "red"
    assert errors_of(doc) == [
        "light.shedule: unknown key, did you mean schedule?, allowed: ramp_s, schedule",
        "colour: unknown key, allowed: app, light, mqtt, name, site",
    ]


def test_the_nearest_known_key_is_at_most_two_letters_away():
    for key, known, near in (
        ("shedule", "schedule", True),
        ("scheedule", "schedule", True),
        ("scheduel", "schedule", True),
        ("skedule", "schedule", True),
        ("xschedule", "schedule", True),
        ("xxschedule", "schedule", True),
        ("schedulexx", "schedule", True),
        ("schedulexxx", "schedule", False),
        ("hedule", "schedule", True),
        ("schedu", "schedule", True),
        ("sched", "schedule", False),
        ("sgedu", "schedule", False),
        ("sxhxdxle", "schedule", False),
        ("schedule123", "schedule", False),
        ("a", "ab", True),
        ("", "ab", True),
        ("", "abc", False),
        ("xyz", "abc", False),
        ("xyc", "abc", True),
    ):
        told = "did you mean %s?" % known in errors_of({key: 1}, {known: Bool(True)})[0]
        assert told is near, key
    near = {"bat": Bool(True), "cat": Bool(True), "chat": Bool(True)}
    assert "mean chat?" in errors_of({"chats": 1}, near)[0]
    assert "mean bat?" in errors_of({"aat": 1}, near)[0]


def test_a_number_out_of_range_is_named_with_its_place_in_the_list():
    doc = good()
    doc["light"]["schedule"].append({"minute": 1440, "level_permille": 1200})
    assert errors_of(doc) == [
        "light.schedule[1].level_permille: found 1200, allowed: 0 to 1000",
        "light.schedule[1].minute: found 1440, allowed: 0 to 1439",
    ]


def test_both_ends_of_a_range_are_allowed():
    for level in (0, 1000):
        assert errors_of({"x": level}, {"x": Int(0, 1000)}) == []
    for level in (-1, 1001):
        assert errors_of({"x": level}, {"x": Int(0, 1000)}) != []


def test_only_a_whole_number_is_a_number():
    for value, found in (
        (True, "true"),
        (False, "false"),
        (None, "null"),
        ("5", '"5"'),
        (5.0, "5.0"),
        ([5], "a list"),
        ({"a": 5}, "an object"),
        (1 << 70, "1180591620717411303424"),
    ):
        assert errors_of({"x": value}, {"x": Int(0, 10)}) == [
            "x: found %s, allowed: 0 to 10" % found
        ]


def test_only_true_and_false_are_a_choice_of_two():
    for value in (0, 1, "true", None, [], {}):
        assert len(errors_of({"x": value}, {"x": Bool()})) == 1, value
    assert validate({"x": Bool()}, {"x": True}) == ({"x": True}, [])


def test_text_is_counted_in_bytes_and_holds_no_control_characters():
    schema = {"x": Str(1, 4)}
    for value in ("a", "abcd", "\xe9\xe9"):
        assert errors_of({"x": value}, schema) == [], value
    for value in ("", "abcde", "\xe9\xe9\xe9", 1, True, None, [], {}):
        assert len(errors_of({"x": value}, schema)) == 1, value
    assert errors_of({"x": "a b~"}, schema) == []
    for value in ("a\nb", "\x00", "\x1f", "a\x7f"):
        assert "allowed: text without control characters" in errors_of({"x": value}, schema)[0]


def test_a_key_is_whole_bytes_of_hex_digits_of_the_right_length():
    schema = {"key": Hex(2, 4)}
    for value in ("00ff", "DEADbeef"):
        assert validate(schema, {"key": value}) == ({"key": value}, [])
    for value in ("", "00", "00f", "00fg", "0x0f", " 00ff ", "0011223344", 1234, None):
        errors = validate(schema, {"key": value}, hide=True)[1]
        assert errors == ["key: found a value that is not shown, allowed: 4 to 8 hex digits"]


def test_a_choice_takes_its_own_words_only():
    schema = {"x": Choice(("off", "on"))}
    assert errors_of({"x": "on"}, schema) == []
    for value in ("On", "", "o", 1, True, None, ["on"], {"on": 1}):
        assert errors_of({"x": value}, schema)[0].endswith("allowed: off, on"), value


def test_a_list_is_bounded_and_of_one_kind():
    schema = {"x": List(Int(0, 9), 3, min_items=1)}
    assert validate(schema, {"x": [1, 2, 3]}) == ({"x": [1, 2, 3]}, [])
    assert errors_of({"x": [1, 2, 3, 4]}, schema) == [
        "x: found 4 items, allowed: a list of 1 to 3 items"
    ]
    assert errors_of({}, schema) == ["x: found 0 items, allowed: a list of 1 to 3 items"]
    assert errors_of({"x": {"0": 1}}, schema) == [
        "x: found an object, allowed: a list of 1 to 3 items"
    ]
    assert errors_of({"x": [1, "2"]}, schema) == ['x[1]: found "2", allowed: 0 to 9']


def test_a_document_that_is_no_object_is_refused():
    for doc, found in (([], "a list"), (None, "null"), ("a", '"a"'), (5, "5")):
        assert errors_of(doc) == ["document: found %s, allowed: an object" % found]


def test_a_long_value_is_shown_in_part():
    error = errors_of({"x": "a" * 5000}, {"x": Str(1, 10)})[0]
    assert error == 'x: found "' + "a" * 39 + "..., allowed: text of 1 to 10 bytes"
    error = errors_of({"x": "a" * 38}, {"x": Str(1, 10)})[0]
    assert error == 'x: found "' + "a" * 38 + '", allowed: text of 1 to 10 bytes'
    error = errors_of({"k" * 5000: 1}, {"x": Bool(True)})[0]
    assert error == "k" * 40 + "...: unknown key, allowed: x"


def test_errors_are_bounded_in_number():
    errors = errors_of({"k%d" % i: i for i in range(500)}, {})
    assert len(errors) == 21
    assert errors[-1] == "and more errors"


def test_a_rule_between_keys_is_asked_only_when_all_else_is_right():
    asked = []

    def check(clean):
        asked.append(clean)
        return ["light.ramp_s: too slow"] if clean["light"]["ramp_s"] > 5 else []

    assert validate(SCHEMA, good(), check)[1] == []
    doc = good()
    doc["light"]["ramp_s"] = 6
    assert validate(SCHEMA, doc, check) == (None, ["light.ramp_s: too slow"])
    doc["app"] = "x"
    assert validate(SCHEMA, doc, check)[1] == ['app: found "x", allowed: light, parking']
    assert len(asked) == 2


def test_hidden_errors_show_no_value():
    schema = {"psk": Str(8, 63), "key": Choice(("a", "b")), "list": List(Obj({"n": Int(0, 1)}), 2)}
    doc = {"psk": "x7Zq", "key": "x7Zq", "list": [{"n": "x7Zq"}, "x7Zq"]}
    _, errors = validate(schema, doc, None, True)
    assert len(errors) == 4
    assert "x7Zq" not in " ".join(errors)
    assert "psk: found a value that is not shown, allowed: text of 8 to 63 bytes" in errors


def test_a_schema_can_be_walked():
    assert (SCHEMA["site"].schema["lat_e7"].lo, SCHEMA["name"].hi) == (-900000000, 12)
    assert SCHEMA["app"].values == ("light", "parking")
    assert SCHEMA["light"].schema["schedule"].item.schema is STEP
    assert (SCHEMA["light"].optional, SCHEMA["mqtt"].optional) == (False, True)
