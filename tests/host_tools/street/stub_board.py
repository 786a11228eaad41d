"""A stand-in for the firmware: a street light of few words that can be told to misbehave.

It speaks the link's JSON lines, SNTP and just enough MQTT 3.1.1, and runs on CPython in the place
of boards/host/start.py. stub.json in its flash folder says what it does wrong:
{"lie": true} reports another level than it sets; {"mute": true} reports no level;
{"absent": true} never connects to the broker; {"hang_after_s": 1} stops, watchdog unfed, on its
first boot; {"crash_after_s": 1} raises, {"exit_after_s": [1, 44]} ends, on the first boot.
"""

import json
import os
import select
import socket
import struct
import sys
import time
from pathlib import Path

LAMP_PIN = 15
_WATCHDOG_MS = 1000
_TO_UNIX_S = 2208988800
_2000_S = 946684800


def _remaining(length):
    out = bytearray()
    while True:
        out.append(length & 127 | (128 if length > 127 else 0))
        length >>= 7
        if not length:
            return bytes(out)


def _text(value):
    data = value.encode() if isinstance(value, str) else value
    return struct.pack(">H", len(data)) + data


class Board:
    def __init__(self):
        self.config = json.loads(Path("config.json").read_text())
        self.secrets = json.loads(Path("secrets.json").read_text())
        self.faults = (
            json.loads(Path("stub.json").read_text()) if Path("stub.json").exists() else {}
        )
        host, port = os.environ["KERB_WORLD"].split(":")
        self.link = socket.create_connection((host, int(port)))
        self.link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.first = os.environ["KERB_RESET_CAUSE"] == "power_on"
        self.prefix = "{}/{}/".format(self.config["uplink"]["mqtt"]["base"], self.config["name"])
        self.mqtt = None
        self.network = False
        self.level = 1000
        self.in_buffer = {"link": b"", "mqtt": b""}

    def tell(self, message):
        self.link.sendall(json.dumps(message).encode() + b"\n")

    def connect(self):
        mqtt = self.config["uplink"]["mqtt"]
        self.mqtt = socket.create_connection((mqtt["host"], mqtt["port"]), timeout=2)
        body = _text("MQTT") + bytes((4, 0xE6)) + struct.pack(">H", 10) + _text("stub")
        body += _text(self.prefix + "availability") + _text("offline")
        body += _text(self.secrets["mqtt_user"]) + _text(self.secrets["mqtt_password"])
        self.mqtt.sendall(b"\x10" + _remaining(len(body)) + body)
        if self.mqtt.recv(4) != b"\x20\x02\x00\x00":
            raise OSError("refused")
        body = b"\x00\x01" + _text(self.prefix + "command/+") + b"\x01"
        self.mqtt.sendall(b"\x82" + _remaining(len(body)) + body)
        self.publish("availability", b"online", 0x31)
        self.event("boot", reset_cause=os.environ["KERB_RESET_CAUSE"])

    def publish(self, topic, payload, head=0x30):
        body = _text(self.prefix + topic) + payload
        self.mqtt.sendall(bytes((head,)) + _remaining(len(body)) + body)

    def event(self, kind, **values):
        document = {"v": 1, "kind": kind, "clock": "network"} | values
        self.publish("event/" + kind, json.dumps(document).encode())

    def set_level(self, level, reason):
        self.level = level
        self.tell({"pwm": LAMP_PIN, "freq_hz": 1000, "duty_u16": round(level * 65.535)})
        if self.mqtt and not self.faults.get("mute"):
            said = 500 if self.faults.get("lie") else level
            self.event("light_state", level_permille=said, reason=reason)

    def sync(self):
        sntp = self.config["uplink"]["sntp"]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ask:
            ask.settimeout(1)
            ask.sendto(b"\x23" + bytes(47), (sntp["host"], sntp["port"]))
            seconds = struct.unpack(">I", ask.recv(48)[40:44])[0] - _TO_UNIX_S - _2000_S
        self.tell({"rtc": list(divmod(seconds, 86400))})

    def command(self, name, values):
        if name == "set_level":
            self.set_level(values["level_permille"], "command")
        elif name == "clear_override":
            self.set_level(1000, "schedule")
        elif name == "sync_time":
            self.sync()
        elif name == "send_status":
            self.event("status", heap_free_bytes=123456, dropped=0, clock_source="network")
        result = "refused" if name == "set_schedule" else "ok"
        self.event("command_result", command=name, id=values["id"], result=result, reason=None)

    def take_link(self, data):
        *lines, self.in_buffer["link"] = (self.in_buffer["link"] + data).split(b"\n")
        for line in lines:
            message = json.loads(line)
            self.network = message.get("network", self.network)

    def take_mqtt(self, data):
        buffer = self.in_buffer["mqtt"] + data
        while (
            len(buffer) > 1 and len(buffer) >= 2 + buffer[1]
        ):  # commands here are below 128 bytes
            packet, buffer = buffer[: 2 + buffer[1]], buffer[2 + buffer[1] :]
            # amqtt sends a client also the retained messages that others subscribed to: QoS 0.
            if packet[0] & 0xF2 == 0x32:
                length = struct.unpack(">H", packet[2:4])[0]
                topic = packet[4 : 4 + length].decode()
                self.mqtt.sendall(b"\x40\x02" + packet[4 + length : 6 + length])
                self.command(topic.rsplit("/", 1)[1], json.loads(packet[6 + length :]))
        self.in_buffer["mqtt"] = buffer

    def misbehave(self, age_s):
        if not self.first:
            return
        if age_s > self.faults.get("hang_after_s", 1e9):
            time.sleep(1000)
        if age_s > self.faults.get("crash_after_s", 1e9):
            raise RuntimeError("stub crashes as told")
        after_s, code = self.faults.get("exit_after_s", (1e9, 0))
        if age_s > after_s:
            sys.exit(code)

    def run(self):
        started_s = time.monotonic()
        print("stub starts")
        self.tell({"wdt": "start", "timeout_ms": _WATCHDOG_MS})
        while True:
            self.misbehave(time.monotonic() - started_s)
            self.tell({"wdt": "feed"})
            if self.mqtt is None and self.network and not self.faults.get("absent"):
                try:
                    self.connect()
                    self.sync()
                    self.set_level(self.level, "schedule")
                except OSError:
                    self.mqtt = None
            sources = [self.link] + ([self.mqtt] if self.mqtt else [])
            for ready in select.select(sources, [], [], 0.1)[0]:
                data = ready.recv(4096)
                if ready is self.link:
                    if not data:
                        sys.exit(1)
                    self.take_link(data)
                elif data:
                    self.take_mqtt(data)
                else:
                    self.mqtt = None


if __name__ == "__main__":
    Board().run()
