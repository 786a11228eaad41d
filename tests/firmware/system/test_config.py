"""Config files: the last good one stands in for any that is cut, wrong or gone."""

import json
import os

from kerb.system import config
from kerb.system.config import ConfigError, load, load_secrets, save
from kerb.system.schema import Int, Obj, Str
from support.raised import raised

SCHEMA = {"name": Str(1, 20), "level_permille": Int(0, 1000, 1000)}
OLD = {"name": "old", "level_permille": 300}
NEW = {"name": "new", "level_permille": 700}
SECRETS = {"wifi_psk": Str(8, 63), "mqtt_password": Str(0, 64, "")}


def write(path, data):
    with open(path, "wb") as f:
        f.write(data if isinstance(data, bytes) else json.dumps(data).encode())


def read(path):
    with open(path, "rb") as f:
        return f.read()


def clean_folder():
    for name in os.listdir():
        os.remove(name)


def fails(function, *args):
    return raised(ConfigError, function, *args).errors


def test_a_right_file_is_loaded_and_kept_as_the_last_good_one():
    write("config.json", {"name": "lamp"})
    assert load("config.json", SCHEMA) == ({"name": "lamp", "level_permille": 1000}, [])
    assert read("config.json.good") == read("config.json")


def test_a_saved_document_is_what_is_loaded():
    save("config.json", OLD)
    assert load("config.json", SCHEMA) == (OLD, [])
    save("config.json", NEW)
    assert load("config.json", SCHEMA) == (NEW, [])
    assert sorted(os.listdir()) == ["config.json", "config.json.good"]


def test_the_last_good_copy_is_written_only_when_the_file_has_changed():
    writes = []
    real = config._write
    config._write = lambda path, data: writes.append(path) or real(path, data)
    try:
        write("config.json", OLD)
        for _ in range(3):
            load("config.json", SCHEMA)
        assert writes == ["config.json.good"]
        write("config.json", NEW)
        load("config.json", SCHEMA)
        assert len(writes) == 2
    finally:
        config._write = real


def test_a_file_cut_at_any_byte_falls_back_to_the_last_good_one():
    write("config.json", OLD)
    load("config.json", SCHEMA)
    whole = json.dumps(NEW).encode()
    for cut in range(len(whole)):
        write("config.json", whole[:cut])
        document, errors = load("config.json", SCHEMA)
        assert document == OLD
        assert len(errors) == 1 and errors[0].startswith("config.json: line 1, column "), errors
    assert json.loads(read("config.json.good").decode()) == OLD


def test_a_file_cut_at_any_byte_with_no_good_copy_is_a_config_error():
    whole = json.dumps(NEW).encode()
    for cut in range(len(whole)):
        write("config.json", whole[:cut])
        assert len(fails(load, "config.json", SCHEMA)) == 1
    assert os.listdir() == ["config.json"]


def test_a_good_copy_cut_at_any_byte_is_replaced_when_the_file_is_right():
    whole = json.dumps(NEW).encode()
    for cut in range(len(whole)):
        write("config.json", whole)
        write("config.json.good", whole[:cut])
        assert load("config.json", SCHEMA) == (NEW, [])
        assert read("config.json.good") == whole


def test_a_file_with_wrong_keys_falls_back_with_all_that_is_wrong():
    write("config.json", OLD)
    load("config.json", SCHEMA)
    write("config.json", {"nam": "x", "level_permille": 1001})
    assert load("config.json", SCHEMA) == (
        OLD,
        [
            "level_permille: found 1001, allowed: 0 to 1000",
            "name: missing, allowed: text of 1 to 20 bytes",
            "nam: unknown key, did you mean name?, allowed: level_permille, name",
        ],
    )
    assert "nam" in read("config.json").decode(), "the wrong file stays for its author to see"


def test_a_file_that_is_gone_falls_back():
    write("config.json", OLD)
    load("config.json", SCHEMA)
    os.remove("config.json")
    assert load("config.json", SCHEMA) == (OLD, ["config.json: not found"])


def test_nothing_at_all_is_a_config_error_that_says_so():
    assert fails(load, "config.json", SCHEMA) == ["config.json: not found"]


def test_a_good_copy_that_no_longer_fits_the_schema_is_not_used():
    write("config.json", {"name": ""})
    write("config.json.good", {"name": "x", "was_allowed": 1})
    assert fails(load, "config.json", SCHEMA) == ['name: found "", allowed: text of 1 to 20 bytes']


def test_a_schema_may_depend_on_the_document_it_is_for():
    def schema(doc):
        return {"app": Str(1, 9), doc["app"]: Obj({"n": Int(0, 9, 5)})}

    write("config.json", {"app": "light"})
    assert load("config.json", schema) == ({"app": "light", "light": {"n": 5}}, [])
    write("config.json", {"app": "tag", "light": {}})
    document, errors = load("config.json", schema)
    assert document["app"] == "light"
    assert errors == ["light: unknown key, allowed: app, tag"]


def test_a_rule_between_keys_counts_for_both_copies():
    def check(clean):
        return [] if clean["name"] == "old" else ["name: not old"]

    write("config.json", OLD)
    load("config.json", SCHEMA, check)
    write("config.json", NEW)
    assert load("config.json", SCHEMA, check) == (OLD, ["name: not old"])
    write("config.json.good", NEW)
    assert fails(load, "config.json", SCHEMA, check) == ["name: not old"]


def test_a_file_that_is_too_long_or_no_file_is_refused():
    write("config.json", b" " * 8193)
    assert fails(load, "config.json", SCHEMA) == ["config.json: found more than 8192 bytes"]
    write("config.json", b" " * 8000 + json.dumps(OLD).encode())
    assert load("config.json", SCHEMA) == (OLD, [])
    os.remove("config.json")
    os.mkdir("config.json")
    assert load("config.json", SCHEMA)[0] == OLD
    os.rmdir("config.json")


def test_a_document_too_long_to_be_loaded_is_not_saved():
    save("config.json", OLD)
    error = raised(ValueError, save, "config.json", {"name": "x" * 8192})
    assert str(error) == "config.json: 8204 bytes, allowed: 8192"
    assert load("config.json", SCHEMA) == (OLD, [])
    longest = {"name": "x" * 8180}
    save("config.json", longest)
    assert load("config.json", {"name": Str(1, 9000)}) == (longest, [])


def test_a_flash_that_takes_no_copy_does_not_keep_the_device_from_its_config():
    def refuse(path, data):
        raise OSError(28)

    real = config._write
    config._write = refuse
    try:
        write("config.json", OLD)
        document, errors = load("config.json", SCHEMA)
    finally:
        config._write = real
    assert document == OLD
    assert len(errors) == 1 and errors[0].startswith("config.json.good: not written: ")


def test_bytes_that_are_no_text_never_raise_anything_but_a_config_error():
    for junk in (b"\xff\xfe\x00", b'{"name": "\xff"}', b'{"name": "\xc3"}', bytes(range(256))):
        clean_folder()
        write("config.json", junk)
        try:
            load("config.json", SCHEMA)
        except ConfigError:
            pass


def test_secrets_are_read_by_name_and_never_shown():
    write("secrets.json", {"wifi_psk": "hunter2-hunter2"})
    secrets, errors = load_secrets("secrets.json", SECRETS)
    assert errors == []
    assert secrets["wifi_psk"] == "hunter2-hunter2"
    assert secrets["mqtt_password"] == ""
    shown = "%s %r %s" % (secrets, secrets, [secrets])
    assert "hunter2" not in shown
    assert str(secrets) == "Secrets(mqtt_password, wifi_psk)"


def test_no_error_about_secrets_shows_one():
    for data in (
        b'{"wifi_psk": "hunt',
        b'{"wifi_psk": hunter2}',
        b'{"wifi_psk": "hunter2\x01"}',
        b'{"wifi_psk": "hunter2"}',
        b'{"wifi_psk": ["hunter2"]}',
        b'{"wifi_psk": "hunter2\xff-\xff"}',
    ):
        clean_folder()
        write("secrets.json", data)
        try:
            secrets, errors = load_secrets("secrets.json", SECRETS)
        except ConfigError as e:
            assert "hunt" not in str(e) and "hunt" not in repr(e), data
            assert str(e).startswith("secrets.json: ") or str(e).startswith("wifi_psk: "), data


def test_secrets_cut_at_any_byte_fall_back_to_the_last_good_ones():
    write("secrets.json", {"wifi_psk": "hunter2-old"})
    load_secrets("secrets.json", SECRETS)
    whole = json.dumps({"wifi_psk": "hunter2-new"}).encode()
    for cut in range(len(whole)):
        write("secrets.json", whole[:cut])
        secrets, errors = load_secrets("secrets.json", SECRETS)
        assert secrets["wifi_psk"] == "hunter2-old"
        assert len(errors) == 1


def test_secrets_may_be_absent_when_none_is_required():
    secrets, errors = load_secrets("secrets.json", {"mqtt_user": Str(1, 64, None)})
    assert errors == [] and secrets["mqtt_user"] is None
    assert os.listdir() == []
    write("secrets.json", b"{" * 9000)
    assert fails(load_secrets, "secrets.json", {}) == ["secrets.json: found more than 8192 bytes"]
    os.remove("secrets.json")
    assert fails(load_secrets, "secrets.json", SECRETS) == [
        "wifi_psk: missing, allowed: text of 8 to 63 bytes"
    ]
