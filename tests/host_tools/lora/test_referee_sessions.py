"""Whole sessions of the firmware's Mac whose every frame npm's lora-packet verifies or made.

The test network's own frames are replaced by lora-packet's, and each frame of the device is read
by it with keys and a counter that are followed here, apart from both sides: MIC, address, counter,
payload and commands have to be those that were meant.
"""

from collections import Counter

import pytest
import vtime
from support.lora_mac import ABP, ADDR, APP, APP_KEY, DEV_EUI, GROUP, JOIN_EUI, NWK, OTAA, Street

from host_tools.lora import commands as ask
from host_tools.lora import packets
from host_tools.lora.air import Random
from host_tools.lora.regions import REGIONS
from kerb.uplink.lorawan.mac import ACKED, SENT, UNACKED

SESSIONS = 60  # of each region
TURNS = 7
JOIN_ACCEPT = 1


class Judge:
    """Watches an air; errors: what was wrong of the device's frames. kinds: how many of which.

    uplinks: [(fcnt, port, payload, commands)] of its new data frames, as lora-packet read them;
    downlinks: the data frames for it, as lora-packet made them.
    """

    def __init__(self, referee, air, monkeypatch):
        self.referee = referee
        self.keys = {ADDR: (NWK, APP)}
        self.kinds = Counter()
        self.uplinks = []
        self.downlinks = []
        self.last = {}  # {DevAddr: (fcnt, bytes)} of the last new frame
        self._nonce = -1
        self._made = set()
        monkeypatch.setattr(packets, "data", self._data)
        monkeypatch.setattr(packets, "join_accept", self._join_accept)
        air.watchers.append(self.watch)

    def _data(self, keys, dev_addr, fcnt, mtype, flags=0, fopts=b"", port=None, payload=b""):
        words = (flags, fopts, port, payload)
        phy = self._note(self.referee.make_data(mtype, keys, dev_addr, fcnt, *words))
        self.downlinks.append(phy)
        return phy

    def _join_accept(self, app_key, *fields):
        phy = self._note(self.referee.make_join_accept(app_key, *fields))
        said = self.referee.read_join_accept(phy, app_key, self._nonce)
        assert said["mic"]
        self.keys[said["dev_addr"]] = said["nwk"], said["app"]
        return phy

    def _note(self, phy):
        self._made.add(phy)
        return phy

    def watch(self, sent):
        """One frame in the air."""
        phy = bytes(sent.frame)
        if sent.down:
            assert phy in self._made
            self.kinds["down", "join" if phy[0] >> 5 == JOIN_ACCEPT else "data"] += 1
        elif phy[0] == 0:
            said = self.referee.read_join_request(phy, APP_KEY)
            assert said["mic"] and (said["join_eui"], said["dev_eui"]) == (JOIN_EUI, DEV_EUI)
            assert said["dev_nonce"] > self._nonce
            self._nonce = said["dev_nonce"]
            self.kinds["up", "join"] += 1
        else:
            self._judge_data(phy)

    def _judge_data(self, phy):
        dev_addr = phy[1:5]
        before, bytes_before = self.last.get(dev_addr, (-1, None))
        if phy == bytes_before:
            self.kinds["up", "again"] += 1
            return
        low = phy[6] | phy[7] << 8
        fcnt = before + 1 + (low - before - 1 & 0xFFFF)
        said = self.referee.read_data(phy, self.keys[dev_addr], fcnt)
        assert said["mic"], (phy.hex(), fcnt)
        assert said["fcnt"] == low and said["dev_addr"] == dev_addr
        assert said["type"] in ("Confirmed Data Up", "Unconfirmed Data Up")
        port, payload, found = said["port"], said["payload"], said["fopts"]
        if port == 0:
            assert not found
            payload, found = b"", payload
        answers = ask.parse(found)
        assert sum(1 + len(answer) for _, answer in answers) == len(found)
        for cid, _ in answers:
            self.kinds["answer", cid] += 1
        self.kinds["up", said["type"]] += 1
        self.kinds["port", "none" if port is None else "0" if port == 0 else "app"] += 1
        self.last[dev_addr] = fcnt, phy
        self.uplinks.append((fcnt, port, payload, found))

    def skip(self, dev_addr, fcnt):
        """The counter of the next frame will be this."""
        self.last[dev_addr] = fcnt - 1, None


def a_command(random, street):
    """A MAC command that a network could mean."""
    region = street.network.region
    hz = region.join_hz[0]
    adr = random(region.top_dr + 1), random(6)
    return (
        lambda: b"".join(
            ask.link_adr(*adr, mask, cntl, 2) for cntl, mask in region.masks(street.known)
        ),
        lambda: ask.duty_cycle(random(2)),
        lambda: ask.rx_param(random(3), region.rx2[1], street.known.rx2_hz),
        ask.dev_status,
        lambda: ask.rx_timing(1 + random(4)),
        lambda: ask.dev_status() + ask.rx_timing(1 + random(4)) + ask.duty_cycle(0),
        lambda: ask.dl_channel(random(3), hz),
        lambda: b"".join([ask.dev_status()] * 9),
    )[random(8)]()


async def roll_over(street, judge):
    """Has both counters get over their 16 bits in the next frames."""
    session, known = street.mac.session, street.known
    session.up, known.fcnt_up = 65533, 65532
    session.write(session.up)
    session.down = known.fcnt_down = 65534
    judge.skip(session.dev_addr, 65533)


async def session(street, judge, random):
    """A device's life with its network; checks that what came is what was sent, both ways."""
    network = street.network
    network.window = (1, 2, None)[random(3)]
    network.rx_delay_s = random(4)
    # In US915 a device that isn't told sends on 64 channels, and the network hears eight of them.
    network.with_cf_list = street.name == "US915" or bool(random(2))
    group = None
    if street.more.get("group"):
        group = network.group(*GROUP)
    street.air.loss_permille = (0, 300)[random(2)]
    await street.joined(400)
    sent, ordered = [], []
    street.mac.plan.nb_trans = 1 + random(3)
    if random(3) == 0:
        await roll_over(street, judge)
    for _ in range(TURNS):
        street.air.loss_permille = (0, 0, 500)[random(3)]
        what = random(8)
        if what == 0:
            street.boot()
            await street.joined(400)
        elif what == 1:
            street.mac.ask_time()
        elif what in (2, 3):
            down = 1 + random(223), bytes(random(256) for _ in range(random(12)))
            street.down(*down, confirmed=bool(random(2)))
            ordered.append(down)
        elif what >= 6 and not street.known.class_c:
            # A lost command whose like was answered before would seem to be done.
            street.air.loss_permille = 0
            while street.known.queue:
                await street.sent(b"", None)
            street.down(commands=a_command(random, street))
            await street.sent(b"", None)
        elif what == 5 and judge.downlinks:
            street.down(raw=judge.downlinks[random(len(judge.downlinks))])
        elif what == 4 and group:
            down = 1 + random(223), bytes(random(256) for _ in range(1 + random(12)))
            network.multicast(group, *down)
            ordered.append((*down, True))
            await street.rest(3000)
        # Answers too long for FOpts go where there is nothing else, on port 0.
        owed = street.mac.due or len(street.mac.commands.answers(242)) > 15
        if random(5) == 0 or (owed and random(2)):
            assert await street.sent(b"", None, bool(random(2))) in (SENT, ACKED, UNACKED)
        size = random(street.mac.room() + 1)
        words = bytes(random(256) for _ in range(size)), 1 + random(223)
        assert await street.sent(*words, confirmed=bool(random(2))) in (SENT, ACKED, UNACKED)
        sent.append((words[1], words[0]))
    street.air.loss_permille = 0
    last = street.down(9, b"last", confirmed=True)
    ordered.append((9, b"last"))
    if street.known.class_c:
        await street.rest(5000)
    while last.acked is None:
        assert len(sent) < 500
        await street.sent(b"end", 1)
        sent.append((1, b"end"))
    assert street.got[-1] == ordered[-1]
    assert last.acked or street.known.class_c  # which answers in time, or not at all
    found = [(port, payload) for _, port, payload, _ in judge.uplinks if port]
    assert found == sent
    left = iter(ordered)
    assert all(down in left for down in street.got), (street.got, ordered)
    assert not network.errors, network.errors
    assert not street.rules.errors, street.rules.errors


@pytest.mark.parametrize("name", sorted(REGIONS))
def test_every_frame_of_a_session_is_one_that_lora_packet_verifies_or_made(
    referee, monkeypatch, tmp_path, name
):
    monkeypatch.chdir(tmp_path)
    kinds = Counter()
    for seed in range(SESSIONS):
        random = Random(1000 + seed)
        class_c = random(3) == 0
        more = {"cls": "C", "group": GROUP} if class_c else {}
        ids = ABP if random(4) == 0 and name != "US915" else OTAA

        async def one():
            street = Street(name, ids, seed, 100 + random(400), **more)
            judge = Judge(referee, street.air, monkeypatch)
            await session(street, judge, random)
            kinds.update(judge.kinds)

        vtime.run(one())
    # Nothing of this would prove much if it never happened.
    for kind in ("join", "again", "Confirmed Data Up", "Unconfirmed Data Up"):
        assert kinds["up", kind] >= 10, kinds
    # 27 bytes of answers don't go into every region's frames.
    for kind in ("app", "none", "0") if name == "EU868" else ("app", "none"):
        assert kinds["port", kind] >= 2, kinds
    for cid in (3, 4, 5, 6, 8, 13) if name == "US915" else (3, 4, 5, 6, 8, 10, 13):
        assert kinds["answer", cid], kinds
    assert kinds["down", "data"] >= 3 * SESSIONS
