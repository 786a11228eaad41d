"""A device's way to the city by MQTT over Wi-Fi."""

from kerb.hal import chip
from kerb.system.schema import Choice, Int, Obj, Str
from micropython import const

_LONGEST_REST_MS = const(3600000)  # between two tries to join, on a battery

SCHEMA = {
    # `country` opens the channels that it allows beside 1 to 11.
    "wifi": Obj({"ssid": Str(1, 32), "country": Str(2, 2, default=None)}),
    "mqtt": Obj(
        {
            "host": Str(1, 253),
            "port": Int(0, 65535, default=0),
            "base": Str(1, 64, default="kerb"),
            "keepalive_s": Int(10, 3600, default=60),
            # Files on the device. Without `tls` nothing is encrypted.
            "tls": Obj(
                {
                    "ca": Str(1, 64),
                    "cert": Str(1, 64, default=None),
                    "key": Str(1, 64, default=None),
                },
                optional=True,
            ),
        }
    ),
    "sntp": Obj(
        {
            "host": Str(1, 253, default="pool.ntp.org"),
            "port": Int(1, 65535, default=123),
            "every_s": Int(60, 86400, default=3600),
        }
    ),
    # Messages from pole to pole: by UDP within the Wi-Fi, or by ESP-NOW, where `channel` is the
    # access point's, for when it is not there.
    "peer": Obj(
        {
            "over": Choice(("udp", "espnow"), default="udp"),
            "port": Int(1024, 65535, default=47110),
            "channel": Int(1, 13, default=1),
        },
        optional=True,
    ),
}


def check(cfg):
    """What the schema cannot say: a list of errors of a section that satisfies it."""
    errors = []
    base, tls = cfg["mqtt"]["base"], cfg["mqtt"]["tls"]
    if "+" in base or "#" in base or base[0] == "/" or base[-1] == "/":
        errors.append("uplink.mqtt.base: found '%s', allowed: a topic without + and #" % base)
    if tls and (tls["cert"] is None) != (tls["key"] is None):
        errors.append("uplink.mqtt.tls: found one of cert and key, allowed: both or none")
    return errors


def tie(device, board, cfg, secrets):
    """(link, transport, time, peer) of a kerb.device.Device, their tasks added to it.

    link: rssi_dbm(), and `wanted` and `radio` for kerb.system.power; transport: for
    kerb.uplink.uplink.Uplink; time: ask_now(); peer: kerb.uplink.peer.Peer or None.
    """
    from kerb.uplink.backoff import Backoff
    from kerb.uplink.mqtt import Mqtt
    from kerb.uplink.sntp import Sntp
    from kerb.uplink.timesync import TimeSync
    from kerb.uplink.wifi import Wifi

    up = cfg["uplink"]
    mqtt, sntp = up["mqtt"], up["sntp"]
    seed = int(chip.unique_id()[-4:], 16)
    station = board.station()
    wifi = Wifi(
        station,
        up["wifi"]["ssid"],
        secrets["wifi_psk"],
        device.log,
        Backoff(1000, _LONGEST_REST_MS if device.power else 60000, seed),
        up["wifi"]["country"],
    )
    timesync = TimeSync(
        wifi,
        Sntp(sntp["host"], sntp["port"]),
        device.clock,
        device.log,
        Backoff(2000, 300000, seed + 1),
        sntp["every_s"],
    )
    transport = Mqtt(
        wifi,
        Backoff(500, 60000, seed + 2),
        device.log,
        mqtt["base"],
        cfg["name"],
        mqtt["host"],
        mqtt["port"],
        secrets["mqtt_user"],
        secrets["mqtt_password"] or "",
        mqtt["keepalive_s"],
        mqtt["tls"],
        cfg["groups"],
    )
    if mqtt["tls"] and device.busy:
        transport.held = device.busy
    peer = None
    if up["peer"]:
        peer = _peer(device, station, wifi, up["peer"], cfg["name"], secrets["peer_key"])
    device.add("wifi", wifi.run, 5000)
    device.add("time", timesync.run, 5000)
    device.add("mqtt", transport.run, 5000)
    return wifi, transport, timesync, peer


def _peer(device, station, wifi, cfg, name, key):
    if key is None:
        device.errors.append("uplink.peer: found no peer_key in secrets.json, works alone")
        return None
    from kerb.uplink.peer import Peer, key_of

    if cfg["over"] == "espnow":
        try:
            from kerb.hal.espnow import EspNow
        except ImportError:
            device.errors.append("uplink.peer.over: this board has no espnow, works alone")
            return None
        from kerb.uplink.espnow import EspNowAir

        air = EspNowAir(EspNow(station, cfg["channel"]))
    else:
        from kerb.uplink.broadcast import Broadcast

        air = Broadcast(wifi, cfg["port"])
    peer = Peer(air, key_of(key), name, device.boot_count, device.clock, device.store, device.log)
    station.awake = peer.direct
    device.add("peer", peer.run, 5000)
    return peer
