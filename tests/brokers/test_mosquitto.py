"""MQTT against mosquitto, each end a process of its own."""

import subprocess
import time

from brokers.client import Client
from brokers.parts import Dns, passes_to, says, silent

AVAILABILITY = "kerb/lamp-1/availability"
COMMAND = "kerb/lamp-1/command/"


def test_events_go_out_and_commands_come_in(device, each_umqtt, mosquitto):
    broker = mosquitto().start()
    watcher = Client(broker.port, subscribe="kerb/#")
    lamp = device(each_umqtt, port=broker.port, send=20, numbered=True)
    lamp.wait_for("ack", 20)
    watcher.wait_for("kerb/lamp-1/event/e19", b'{"n":19}')
    watcher.publish(COMMAND + "set_level", b'{"id":1}')
    assert lamp.wait_for("command") == ["set_level", '{"id":1}']
    watcher.publish(COMMAND + "long", b"x" * 5000)
    watcher.publish(COMMAND + "short", b"after")
    assert lamp.wait_for("command") == ["short", "after"]
    watcher.wait_acks(3)
    end = lamp.stop()
    assert (end["acked"], end["faults"], end["skipped"], end["commands"]) == (20, 0, 1, 2)
    assert (end["umqtt"] == "1.3.4") == (each_umqtt.name == "lib")
    watcher.wait_for(AVAILABILITY, b"offline")
    events = [(t, p) for t, p, _ in watcher.got if "/event/" in t]
    assert events == [(f"kerb/lamp-1/event/e{n}", b'{"n":%d}' % n) for n in range(20)]


def test_no_event_of_qos_1_is_lost_while_the_broker_is_killed_20_times(
    device, each_umqtt, mosquitto, record_property
):
    broker = mosquitto().start()
    lamp = device(each_umqtt, port=broker.port, send=1000, every_ms=5, numbered=True)
    for connects in range(1, 21):
        lamp.wait_for("up", connects)
        time.sleep(0.02 * (connects % 5))  # in the middle of something, not always the same
        broker.kill()
        broker.start()
    lamp.wait_for("up", 21)
    lamp.wait_for("ack", 1000)
    end = lamp.stop()
    assert set(broker.received_kinds()) == {f"e{n}" for n in range(1000)}
    assert end["acked"] == end["sent"] == 1000
    assert end["connects"] == 21 and end["faults"] >= 20
    record_property("longest_stall_ms", end["stall_ms"])


def test_packet_ids_wrap_in_70000_events_of_qos_1(device, umqtt, mosquitto):
    broker = mosquitto("allow_anonymous true", "log_type error").start()
    lamp = device(umqtt, port=broker.port, send=70000)
    lamp.wait_for("ack", 70000)
    end = lamp.stop()
    assert (end["acked"], end["connects"], end["faults"]) == (70000, 1, 0)


def test_a_flood_of_commands_is_taken_while_events_go_on(device, umqtt, mosquitto):
    broker = mosquitto().start()
    sender = Client(broker.port)
    lamp = device(umqtt, port=broker.port, send=300, every_ms=1, expect=10000)
    lamp.wait_for("up", 1)
    for n in range(10000):
        sender.publish(COMMAND + "set_level", b'{"id":%d,"level_permille":100}' % n)
    sender.wait_acks(10000)
    lamp.wait_for("taken", 10000)
    lamp.wait_for("ack", 300)
    end = lamp.stop()
    assert end["commands"] == 10000
    assert (end["acked"], end["connects"], end["faults"]) == (300, 1, 0)


def test_a_broker_that_comes_late_is_found(device, umqtt, mosquitto):
    broker = mosquitto()
    lamp = device(umqtt, port=broker.port, send=1)
    lamp.wait_for("log")
    assert "connect: " in lamp.logged()
    broker.start()
    lamp.wait_for("ack", 1)
    assert lamp.stop()["faults"] >= 1


def test_a_broker_is_found_by_its_name(device, umqtt, mosquitto):
    broker = mosquitto().start()
    names = Dns()
    lamp = device(umqtt, host="broker.example", port=broker.port, dns_port=names.port, send=1)
    lamp.wait_for("ack", 1)
    broker.kill()
    broker.start()
    lamp.wait_for("up", 2)
    assert lamp.stop()["connects"] == 2
    assert names.asked in (2, 3)  # the second was answered; a third if the broker refused between


def test_a_retained_command_is_not_obeyed_at_each_connection(device, each_umqtt, mosquitto):
    broker = mosquitto().start()
    sender = Client(broker.port)
    sender.publish(COMMAND + "set_level", b"old", retain=True)
    sender.wait_acks(1)
    lamp = device(each_umqtt, port=broker.port)
    assert "retained command set_level dropped" in [lamp.wait_for("log") for _ in range(2)][1]
    sender.publish(COMMAND + "set_level", b"now", retain=True)
    assert lamp.wait_for("command") == ["set_level", "now"]
    assert lamp.stop()["commands"] == 1


def test_a_command_to_a_group_or_to_all_reaches_whom_it_is_for(device, each_umqtt, mosquitto):
    broker = mosquitto().start()
    groups = {"lamp-1": ["north", "hafen"], "lamp-2": ["hafen"], "lamp-3": []}
    lamps = {
        name: device(each_umqtt, port=broker.port, name=name, groups=groups[name])
        for name in groups
    }
    for lamp in lamps.values():
        lamp.wait_for("up", 1)
    sender = Client(broker.port)
    whom = ("group/north", "group/hafen", "all", "lamp-3", "group/south")
    for who in whom:
        sender.publish(f"kerb/{who}/command/set_level", who.encode())
    for name in lamps:
        sender.publish(f"kerb/{name}/command/last", b"")
    for name, lamp in lamps.items():
        meant = [f"group/{group}" for group in groups[name]] + ["all", name]
        lamp.wait_for("command", ["last", ""])
        said = [line["command"] for line in lamp.lines if "command" in line]
        assert said == [["set_level", who] for who in whom if who in meant] + [["last", ""]]
        assert lamp.stop()["faults"] == 0


def test_a_group_that_the_broker_keeps_from_it_costs_no_other_command(
    device, umqtt, mosquitto, tmp_path
):
    (tmp_path / "acl").write_text("topic readwrite kerb/lamp-1/#\ntopic write kerb/#\n")
    broker = mosquitto("allow_anonymous true", f"acl_file {tmp_path}/acl").start()
    lamp = device(umqtt, port=broker.port, groups=["north"])
    lamp.wait_for("up", 1)
    sender = Client(broker.port)
    for who in ("group/north", "all", "lamp-1"):
        sender.publish(f"kerb/{who}/command/set_level", who.encode())
    assert lamp.wait_for("command") == ["set_level", "lamp-1"]
    assert lamp.stop()["faults"] == 0


def test_commands_arrive_again_after_the_broker_was_killed(device, umqtt, mosquitto):
    broker = mosquitto().start()
    lamp = device(umqtt, port=broker.port)
    lamp.wait_for("up", 1)
    broker.kill()
    broker.start()
    lamp.wait_for("up", 2)
    Client(broker.port).publish(COMMAND + "ping", b"")
    assert lamp.wait_for("command") == ["ping", ""]


def test_a_device_that_dies_is_said_to_be_offline(device, umqtt, mosquitto):
    broker = mosquitto().start()
    lamp = device(umqtt, port=broker.port)
    lamp.wait_for("up", 1)
    watcher = Client(broker.port, subscribe=AVAILABILITY)
    watcher.wait_for(AVAILABILITY, b"online")
    assert watcher.got[0][2]  # retained: whoever comes later knows too
    lamp.kill()
    watcher.wait_for(AVAILABILITY, b"offline")
    late = Client(broker.port, "late", subscribe=AVAILABILITY)
    late.wait_for(AVAILABILITY, b"offline")
    assert late.got[0][2]


def test_a_device_gets_past_brokers_that_fail(device, each_umqtt, mosquitto, false_broker):
    broker = mosquitto().start()
    false = false_broker(
        silent,
        says(b"HTTP/1.1 400 Bad Request\r\n\r\n<html>" + b"x" * 2000),
        says(b"\x20\x02\x00", then_close=True),
        says(b"\x20\x02\x00\x00", b"\x90", then_close=True),
        says(b"\x20\x02\x00\x00", b"\x30\xff\xff\xff\x7f" + b"\xff" * 3000),
        says(b"\x20\x02\x00\x00"),
        says(b"\x20\x02\x00\x03"),
        passes_to(broker.port),
    )
    lamp = device(each_umqtt, port=false.port, late_ms=1000, retry_ms=20, send=5)
    lamp.wait_for("ack", 5)
    end = lamp.stop()
    assert (end["faults"], end["connects"], end["acked"]) == (7, 1, 5)
    assert "login: refused, server unavailable" in lamp.logged()


def test_a_wrong_password_is_named_and_not_shown(device, umqtt, mosquitto, need, tmp_path):
    accounts = tmp_path / "accounts"
    accounts.touch(mode=0o600)
    subprocess.run(
        [need("mosquitto_passwd"), "-b", accounts, "lamp", "right-word"], check=True, timeout=60
    )
    broker = mosquitto("allow_anonymous false", f"password_file {accounts}").start()
    lamp = device(umqtt, port=broker.port, user="lamp", password="wrong-word")
    lamp.wait_for("log")
    lamp.wait_for("log")
    assert "login: refused, " in lamp.logged()
    assert "wrong-word" not in str(lamp.lines)
    lamp = device(umqtt, port=broker.port, user="lamp", password="right-word", send=1)
    lamp.wait_for("ack", 1)
    assert lamp.stop()["faults"] == 0
    assert "right-word" not in str(lamp.lines)
