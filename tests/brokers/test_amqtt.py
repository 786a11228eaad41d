"""MQTT against amqtt, the broker that `make run` embeds."""

from brokers.client import Client


def test_events_and_commands_pass_and_a_killed_broker_is_found_again(device, each_umqtt, amqtt):
    amqtt.start()
    lamp = device(each_umqtt, port=amqtt.port, send=500)
    lamp.wait_for("ack", 500)
    for connects in (2, 3):
        amqtt.kill()
        amqtt.start()
        lamp.wait_for("up", connects)
        watcher = Client(amqtt.port, subscribe="kerb/#")
        watcher.wait_for("kerb/lamp-1/availability", b"online")
        watcher.publish("kerb/lamp-1/command/send_status", b"{}")
        assert lamp.wait_for("command") == ["send_status", "{}"]
        watcher.close()
    end = lamp.stop()
    assert (end["acked"], end["connects"], end["commands"]) == (500, 3, 2)


def test_a_device_that_dies_is_said_to_be_offline(device, umqtt, amqtt):
    amqtt.start()
    lamp = device(umqtt, port=amqtt.port)
    lamp.wait_for("up", 1)
    watcher = Client(amqtt.port, subscribe="kerb/lamp-1/availability")
    watcher.wait_for("kerb/lamp-1/availability", b"online")
    lamp.kill()
    watcher.wait_for("kerb/lamp-1/availability", b"offline")


def test_commands_to_its_group_and_to_all_reach_a_device(device, umqtt, amqtt):
    amqtt.start()
    lamp = device(umqtt, port=amqtt.port, groups=["north"])
    lamp.wait_for("up", 1)
    sender = Client(amqtt.port)
    for who in ("group/south", "group/north", "all"):
        sender.publish(f"kerb/{who}/command/set_level", who.encode())
        if who != "group/south":
            assert lamp.wait_for("command") == ["set_level", who]
    assert lamp.stop()["commands"] == 2
