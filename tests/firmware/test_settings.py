from kerb import settings

GOOD = {
    "app": "light",
    "name": "lamp-0001",
    "site": {"lat_e7": 351800000, "lon_e7": 1290800000, "tz": "KST-9"},
    "uplink": {"wifi": {"ssid": "street"}, "mqtt": {"host": "broker.example"}},
    "light": {"schedule": [{"at": "22:00", "level_permille": 500}]},
}


def changed(path, value):
    """GOOD with one key, named by its path, set to `value` or, where that is None, left out."""
    doc = dict(GOOD)
    into = doc
    *parents, last = path.split(".")
    for key in parents:
        into[key] = dict(into.get(key, {}))
        into = into[key]
    if value is None:
        del into[last]
    else:
        into[last] = value
    return doc


def only_error(doc):
    errors = settings.check_config(doc)
    assert len(errors) == 1, errors
    return errors[0]


def test_complete_config_has_no_errors_and_a_device_may_work_alone():
    assert settings.check_config(GOOD) == []
    assert settings.check_config(changed("uplink", None)) == []


def test_missing_key_is_named_with_what_is_allowed():
    for path in ("app", "name", "site.tz", "site.lat_e7", "uplink.mqtt.host"):
        error = only_error(changed(path, None))
        assert error.startswith(path + ": missing, allowed: "), error


def test_value_out_of_range_is_named_with_what_was_found_and_what_is_allowed():
    error = only_error(changed("site.lat_e7", 950000000))
    assert error == "site.lat_e7: found 950000000, allowed: -900000000 to 900000000"
    error = only_error(changed("light.schedule", [{"at": "22:00", "level_permille": 1200}]))
    assert error == "light.schedule[0].level_permille: found 1200, allowed: 0 to 1000"


def test_light_that_could_not_work_so_is_refused():
    error = only_error(changed("light.dark_below_mv", 2401))
    assert error == "light.dark_below_mv: found 2401, allowed: 1 to 2400"
    error = only_error(changed("light.dali_address", 3))
    assert error == 'light.dali_address: found 3, allowed: none, the output is "pwm"'
    both = changed("light.output", "dali")
    both["light"]["dali_address"] = 3
    assert settings.check_config(both) == []
    assert settings.check_config(changed("light.dark_below_mv", 2400)) == []


def test_mistyped_values_are_refused():
    for path, value in (
        ("name", 7),
        ("site.lat_e7", 35.18),
        ("site.lat_e7", True),
        ("site.lat_e7", "35.18"),
        ("uplink.mqtt.port", 70000),
        ("light", []),
        ("light.report_s", "60"),
    ):
        assert only_error(changed(path, value)).startswith(path + ": found ")


def test_unknown_key_names_the_one_that_was_meant():
    doc = changed("light.shedule", [])
    assert "light.shedule: unknown key, did you mean schedule?" in only_error(doc)


def test_mistyped_app_is_one_error_and_not_a_heap_of_them():
    assert (
        only_error(changed("app", "ligth"))
        == 'app: found "ligth", allowed: light, parking, crosswalk'
    )


def test_name_and_base_that_would_break_a_topic_are_refused():
    for name in ("a/b", "a+b", "lamp #1", "lämp"):
        assert "name: found" in only_error(changed("name", name))
    for base in ("kerb/#", "+", "/kerb", "kerb/"):
        assert "uplink.mqtt.base: found" in only_error(changed("uplink.mqtt.base", base))


def test_name_or_group_that_a_topic_uses_for_several_devices_is_refused():
    for name in ("all", "group"):
        assert "name: found '%s'" % name in only_error(changed("name", name))
        assert "groups: found '%s'" % name in only_error(changed("groups", ["north", name]))
    assert "groups: found 'a/b'" in only_error(changed("groups", ["a/b"]))
    assert settings.check_config(changed("groups", ["north", "main-street"])) == []


def test_time_zone_that_cannot_be_read_is_refused():
    assert only_error(changed("site.tz", "Asia/Seoul")).startswith("site.tz: ")


def test_place_on_the_other_side_of_the_world_from_its_time_zone_is_refused():
    assert "site: tz is" in only_error(changed("site.lon_e7", -1290800000))
    assert "site: tz is" in only_error(changed("site.tz", "KST9"))
    assert "site: tz is" in only_error(changed("site.lon_e7", 0))
    for lon_e7, tz in (
        (876000000, "CST-8"),  # Urumqi on Beijing's time
        (-1715000000, "<+13>-13"),  # Samoa, beyond the date line
        (-90000000, "CET-1CEST,M3.5.0,M10.5.0/3"),  # Spain's west
        (1799000000, "<+12>-12"),
    ):
        doc = changed("site.lon_e7", lon_e7)
        doc["site"]["tz"] = tz
        assert settings.check_config(doc) == [], tz


def test_client_certificate_without_its_key_is_refused():
    doc = changed("uplink.mqtt.tls", {"ca": "ca.der", "cert": "me.der"})
    assert "found one of cert and key" in only_error(doc)
    doc = changed("uplink.mqtt.tls", {"ca": "ca.der", "cert": "me.der", "key": "me.key"})
    assert settings.check_config(doc) == []


def test_neighbours_are_heard_by_udp_or_by_espnow_on_a_channel_that_there_is():
    for peer in ({}, {"over": "espnow"}, {"over": "espnow", "channel": 13}, {"port": 5000}):
        assert settings.check_config(changed("uplink.peer", peer)) == [], peer
    doc = changed("uplink.peer", {"over": "lora"})
    assert only_error(doc) == 'uplink.peer.over: found "lora", allowed: udp, espnow'
    doc = changed("uplink.peer", {"over": "espnow", "channel": 14})
    assert only_error(doc) == "uplink.peer.channel: found 14, allowed: 1 to 13"


def test_step_that_is_no_time_of_day_is_found_with_everything_else():
    doc = changed("light.schedule", [{"at": "25:00", "level_permille": 1}])
    assert "light.schedule[0].at: found '25:00'" in only_error(doc)


def test_documents_that_are_no_object_have_one_error():
    for doc in (None, [], "light", 7):
        assert "allowed: an object" in only_error(doc)


def by_lorawan(**more):
    """The config with LoRaWAN in place of Wi-Fi."""
    section = dict({"region": "KR920", "dev_eui": "70b3d57ed0001234"}, **more)
    return changed("uplink", {"lorawan": section})


def test_a_config_of_lorawan_is_taken_and_what_does_not_go_together_is_named():
    assert settings.check_config(by_lorawan()) == []
    assert settings.check_config(by_lorawan(adr=False, dr=5)) == []
    for more, error in (
        ({"region": "CN470"}, "uplink.lorawan.region: found"),
        ({"dev_eui": "70b3d5"}, "uplink.lorawan.dev_eui: found"),
        ({"group": "01020304"}, "uplink.lorawan.group: found class A"),
        ({"dr": 5}, "uplink.lorawan.dr: found with adr"),
        ({"adr": False, "dr": 6}, "uplink.lorawan.dr: found 6"),
    ):
        assert only_error(by_lorawan(**more)).startswith(error), more


def test_groups_of_mqtt_are_no_group_of_lorawan():
    doc = by_lorawan()
    doc["groups"] = ["north"]
    assert only_error(doc).startswith("groups: found with uplink.lorawan")
