"""Messages between neighbours on a radio that loses them, and one that somebody attacks."""

import random

import world
from kerb.uplink import peer
from kerb.uplink.hmac import Hmac
from support.fakeair import Air
from support.peers import HELLO, KEY, Device, look
from support.raised import raised

HEAP = "4m"  # the tests keep what was heard and sent


def pair(loss_percent=0):
    world.World()
    air = Air(loss_percent)
    return air, Device(air, "lamp-1"), Device(air, "lamp-2")


def test_a_message_is_heard_once_by_everybody_though_it_is_sent_four_times():
    air, a, b = pair()
    c = Device(air, "lamp-3")
    assert a.peer.send(HELLO, b"there")
    assert len(air.sent) == 1  # at once
    look((a, b, c), 500)
    assert len(air.sent) == 4
    assert b.heard == c.heard == [(HELLO, b"lamp-1", b"there", 0)]
    assert a.heard == []


def test_a_message_that_is_late_says_by_how_much():
    air, a, b = pair()
    for n in range(20):
        a.peer.send(HELLO, b"")
        b.end.inbox.clear()
        look((a, b), 300)
        assert len(b.heard) == n + 1
        assert b.heard[n][:3] == (HELLO, b"lamp-1", b"")
        assert 20 <= b.heard[n][3] <= 20 + peer.JITTER_MS + 10


def test_at_20_percent_loss_few_messages_in_a_thousand_are_missed():
    random.seed(1)
    air, a, b = pair(loss_percent=20)
    for n in range(1000):
        a.peer.send(HELLO, n.to_bytes(2, "big"))
        look((a, b), 200)
    missed = 1000 - len(b.heard)
    assert missed <= 6, missed  # 0.2 ** 4 is 1.6
    assert b.payloads() == sorted(b.payloads())
    late_ms = sorted([age_ms for _, _, _, age_ms in b.heard])
    assert late_ms[900] <= 60 and late_ms[-1] <= 170


def test_messages_sent_close_together_all_arrive_at_40_percent_loss():
    random.seed(2)
    air, a, b = pair(loss_percent=40)
    for n in range(300):
        a.peer.send(HELLO, n.to_bytes(2, "big"))
        look((a, b), 40)
    look((a, b), 200)
    assert len(b.heard) > 280  # 0.4 ** 4 of 300 is 8
    assert len(set(b.payloads())) == len(b.heard)


def test_two_that_speak_at_once_are_both_heard_where_one_datagram_waits_at_a_time():
    random.seed(9)
    air, a, b = pair(loss_percent=20)
    air.room = 1
    c = Device(air, "lamp-3")
    for n in range(500):
        a.peer.send(HELLO, n.to_bytes(2, "big"))
        b.peer.send(HELLO, n.to_bytes(2, "big"))
        look((a, b, c), 200)
    missed = 1000 - len(c.heard)
    # Of b, who is second at first, four in five would be lost if the repeats met again.
    assert missed <= 60, missed


def test_nothing_is_taken_from_who_has_not_the_key():
    air, a, b = pair()
    stranger = Device(air, "lamp-9", key=bytes(16))
    stranger.peer.send(HELLO, b"go")
    look((b, stranger), 300)
    assert b.heard == [] and b.peer.forged == 4


def test_a_message_with_any_bit_turned_is_not_taken():
    air, a, b = pair()
    a.peer.send(HELLO, b"payload")
    whole = air.sent[0]
    b.end.inbox.clear()
    for bit in range(len(whole) * 8):
        wrong = bytearray(whole)
        wrong[bit // 8] ^= 1 << bit % 8
        b.end.inbox.append(bytes(wrong))
        b.peer.look()
    assert b.heard == []
    assert b.peer.forged == len(whole) * 8
    said = "peer: %d messages came without the right key"
    assert b.log.lines == [said % (1 << n) for n in range(9)]


def test_any_bytes_are_taken_without_harm():
    random.seed(3)
    air, a, b = pair()
    a.peer.send(HELLO, b"payload")
    whole = air.sent[0]
    hmac = Hmac(KEY)
    b.end.inbox.clear()
    for _ in range(2000):
        size = random.randint(0, 128)
        data = bytes([random.getrandbits(8) for _ in range(size)])
        b.end.inbox.append(data)
        b.end.inbox.append(whole[: random.randint(0, len(whole) - 1)])
        # Even with the right tag.
        data = bytes((1, random.randint(0, 2))) + data
        b.end.inbox.append(data + hmac.tag(data)[:16])
        b.peer.look()
    assert all(1 <= len(name) <= 32 for _, name, _, _ in b.heard)
    assert len(b.peer._senders) <= 24


def test_a_flood_costs_four_datagrams_a_look():
    air, a, b = pair()
    b.end.inbox += [b"x" * 60] * 100
    b.peer.look()
    assert len(b.end.inbox) == 96


def test_what_was_heard_is_not_taken_again_whenever_it_is_played():
    air, a, b = pair()
    for n in range(40):
        a.peer.send(HELLO, b"%d" % n)
        look((a, b), 200)
    assert len(b.heard) == 40
    for _ in range(3):
        for data in list(air.sent):
            b.end.inbox.append(data)
            b.peer.look()
    assert len(b.heard) == 40


def test_messages_that_overtake_each_other_are_all_taken_once():
    random.seed(4)
    air, a, b = pair()
    for n in range(200):
        a.peer.send(HELLO, n.to_bytes(2, "big"))
    first = air.sent[:200]
    b.end.inbox.clear()
    for at in range(0, 200, 10):
        some = first[at : at + 10] * 2
        while some:
            b.end.inbox.append(some.pop(random.randint(0, len(some) - 1)))
            b.peer.look()
    assert sorted(b.payloads()) == [n.to_bytes(2, "big") for n in range(200)]


def test_a_sender_is_heard_again_after_its_own_reboot_and_its_past_is_not():
    air, a, b = pair()
    for n in range(50):
        a.peer.send(HELLO, b"old %d" % n)
        look((a, b), 200)
    past = list(air.sent)
    a.reboot()
    a.peer.send(HELLO, b"new")
    look((a, b), 200)
    assert b.payloads()[-1] == b"new"
    for data in past:
        b.end.inbox.append(data)
        b.peer.look()
    assert len(b.heard) == 51


def test_a_receiver_that_was_rebooted_takes_nothing_of_before_and_all_that_is_new():
    air, a, b = pair()
    for n in range(50):
        a.peer.send(HELLO, b"old %d" % n)
        look((a, b), 200)
    past = list(air.sent)
    b.reboot()
    for data in past:
        b.end.inbox.append(data)
        b.peer.look()
    assert b.heard == []
    look((a, b), 1500)  # it tells whom it has heard how to be heard again
    a.peer.send(HELLO, b"new")
    look((a, b), 200)
    assert b.payloads() == [b"new"]
    for data in past:
        b.end.inbox.append(data)
        b.peer.look()
    assert b.payloads() == [b"new"]


def test_a_sender_that_missed_the_greeting_is_heard_from_its_second_message_on():
    air, a, b = pair()
    a.peer.send(HELLO, b"old")
    look((a, b), 200)
    b.reboot()
    a.end.is_up = False
    look((a, b), 2000)
    a.end.is_up = True
    for n in range(3):
        a.peer.send(HELLO, b"new %d" % n)
        look((a, b), 1000)
    assert b.payloads() == [b"new 1", b"new 2"]


def test_a_new_board_with_an_old_name_is_heard():
    air, a, b = pair()
    a.reboot()
    a.reboot()
    a.peer.send(HELLO, b"old")
    look((a, b), 200)
    a.reboot(wiped=True)
    assert a.boot_count == 1
    for n in range(3):
        a.peer.send(HELLO, b"new %d" % n)
        look((a, b), 1000)
    assert b.payloads() == [b"old", b"new 1", b"new 2"]


def test_a_new_board_is_heard_however_long_ago_anybody_was_told_where_to_go_on():
    for days in (7, 9, 11):
        _, a, b = pair()
        a.reboot()
        a.peer.send(HELLO, b"the old one")
        look((a, b), 200)
        for _ in range(days):
            world.current().advance_ms(86400000)
        b.peer.look()
        a.reboot(wiped=True)
        for _ in range(3):
            a.peer.send(HELLO, b"the new one")
            look((a, b), 1000)
        assert b.payloads().count(b"the new one") >= 1, days
        for device in (a, b):
            device.store.delete("peers")


def test_when_the_whole_street_was_dark_all_hear_each_other_again():
    random.seed(5)
    world.World()
    air = Air(loss_percent=20)
    lamps = [Device(air, "lamp-%d" % n) for n in range(5)]
    for round in range(3):
        for lamp in lamps:
            lamp.heard.clear()
        for lamp in lamps:
            lamp.peer.send(HELLO, b"a")
            look(lamps, 1000)
        for lamp in lamps:
            lamp.peer.send(HELLO, b"%d" % round)
            look(lamps, 300)
        for lamp in lamps:
            last = {name for _, name, payload, _ in lamp.heard if payload == b"%d" % round}
            assert len(last) == 4, (round, last)
            lamp.reboot()


def test_old_messages_played_again_make_nobody_shout():
    air, a, b = pair()
    a.peer.send(HELLO, b"old")
    look((a, b), 300)
    past = air.sent[0]
    a.reboot()
    a.peer.send(HELLO, b"new")
    look((a, b), 300)
    before = air.count
    for _ in range(500):  # 10 s
        b.end.inbox.append(past)
        look((a, b), 20)
    assert air.count - before <= 4 * 21
    a.peer.send(HELLO, b"newer")
    look((a, b), 300)
    assert b.payloads() == [b"old", b"new", b"newer"]


def test_a_played_word_about_numbers_leads_no_further_than_it_did():
    air, a, b = pair()
    a.peer.send(HELLO, b"old")
    look((a, b), 200)
    b.reboot()
    look((a, b), 2000)
    words = [data for data in air.sent if data[1] == 0]
    assert words
    assert a.peer._number > 1000
    for n in range(5):
        a.peer.send(HELLO, b"%d" % n)
        look((a, b), 200)
    number = a.peer._number
    for _ in range(50):
        for data in words:
            a.end.inbox.append(data)
            a.peer.look()
    assert a.peer._number == number and a.peer._epoch == 1
    a.peer.send(HELLO, b"last")
    look((a, b), 200)
    assert b.payloads() == [b"0", b"1", b"2", b"3", b"4", b"last"]


def test_a_number_just_below_the_bound_that_is_kept_is_not_taken():
    air, a, b = pair()
    a.peer.send(HELLO, b"old")
    look((a, b), 200)
    b.reboot()
    bound = b.peer._senders[b"lamp-1"].top
    a.peer._number = bound - 2
    a.end.is_up = False  # deaf to what it is told
    for below in (True, True, False):
        a.end.is_up = True
        a.peer.send(HELLO, b"new")
        a.end.is_up = False
        look((b,), 20)
        assert len(b.heard) == (0 if below else 1), a.peer._number


def test_a_name_that_is_longer_than_the_message_is_no_name():
    air, a, b = pair()
    hmac = Hmac(KEY)
    for size, heard in ((6, 1), (7, 0), (30, 0), (0, 0), (255, 0)):
        b.heard.clear()
        message = bytes((1, HELLO, 0, 0, 0, 1, 0, 0, 0, 1 + size % 9, 0, 0, size)) + b"lamp-7"
        b.end.inbox.append(message + hmac.tag(message)[:16])
        b.peer.look()
        assert len(b.heard) == heard, size


def test_of_many_messages_at_once_only_the_last_four_are_sent_again():
    air, a, b = pair()
    for _ in range(50):
        a.peer.send(HELLO, b"x")
    look((a,), 300)
    assert air.count == 50 + 4 * 3


def test_a_message_is_sent_again_when_its_sender_wants():
    air, a, b = pair()
    for repeat_ms in ((0,), (0, 40), (0, 10, 20, 30, 60, 150)):
        before = air.count
        assert a.peer.send(HELLO, b"x", repeat_ms)
        assert air.count == before + 1
        look((a, b), repeat_ms[-1] + peer.OWN_JITTER_MS + 20)
        assert air.count == before + len(repeat_ms) and a.peer._pending == []
    assert b.payloads() == [b"x"] * 3


def test_a_newer_word_takes_the_place_of_an_older_one_that_is_sent_no_more_often():
    air, a, b = pair()
    often = (0, 10, 20, 30, 40)
    a.peer.send(HELLO, b"old", often)
    a.peer.send(HELLO + 1, b"other kind", often)
    a.peer.send(HELLO, b"new", often)
    a.peer.send(HELLO, b"beat", (0, 40))
    a.peer.send(HELLO, b"usual")
    assert [bytes(item[0][19:]) for item in a.peer._pending] == [
        b"other kind",
        b"new",
        b"beat",
        b"usual",
    ]
    look((a, b), 300)
    assert air.count == 1 + 5 + 5 + 2 + 4
    assert b.payloads() == [b"old", b"other kind", b"new", b"beat", b"usual"]


def test_whoever_drums_on_a_button_fills_no_queue():
    air, a, b = pair()
    for _ in range(100):
        a.peer.send(HELLO, b"start", (0, 10, 20, 30, 40, 60, 90))
        look((a, b), 20)
        assert len(a.peer._pending) == 1
    assert air.count <= 100 * 3
    look((a, b), 200)
    assert len(b.heard) == 100


def test_it_aims_at_whoever_is_of_concern_and_at_nobody_else():
    air, a, b = pair()
    aimed = []
    b.end.aim = lambda: aimed.append(1)
    b.peer.direct = True
    b.concerned = False
    a.peer.send(HELLO, b"x")
    look((a, b), 200)
    stranger = Device(air, "lamp-9", key=bytes(16))
    stranger.peer.send(HELLO, b"x")
    look((a, b, stranger), 200)
    assert aimed == []
    b.concerned = True
    a.peer.send(HELLO, b"x")
    look((a, b), 200)
    assert aimed == [1]


def test_who_is_of_no_concern_costs_no_memory_and_no_write():
    air, a, b = pair()
    b.concerned = False
    for _ in range(10):
        a.peer.send(HELLO, b"far")
        look((a, b), 200)
    assert b.peer._senders == {} and b.writes == 0


def test_of_many_senders_the_one_that_was_silent_longest_is_forgotten():
    world.World()
    air = Air()
    b = Device(air, "b")
    others = [Device(air, "lamp-%d" % n) for n in range(30)]
    for n, other in enumerate(others):
        other.peer.send(HELLO, b"")
        look((b,), 20)
        others[0].peer.send(HELLO, b"")
        look((b,), 20)
    assert len(b.peer._senders) == 24
    assert b"lamp-0" in b.peer._senders and b"lamp-29" in b.peer._senders
    assert b"lamp-1" not in b.peer._senders


def counted(device):
    """A list with the number of messages that it takes: to keep them leaves the heap in crumbs."""
    taken = [0]

    def take(*what):
        taken[0] += 1
        return True

    device.peer.on_message = take
    return taken


def test_eight_thousand_messages_cost_one_write():
    air, a, b = pair()
    taken = counted(b)
    for _ in range(9000):
        a.peer.send(HELLO, b"")
        a.peer.look()
        b.peer.look()
        b.end.inbox.clear()
    assert taken == [9000]
    assert b.writes == 2


def test_a_storm_of_reboots_costs_a_bounded_number_of_writes():
    air, a, b = pair()
    taken = counted(b)
    for minute in range(24 * 60):
        a.reboot()
        b.clock.uptime = minute * 60
        a.peer.send(HELLO, b"")
        b.peer.look()
        b.end.inbox.clear()
    assert taken == [24 * 60]
    assert 100 < b.writes <= 152


def test_a_store_that_refuses_or_holds_something_else_costs_no_message():
    air, a, b = pair()
    b.put = lambda name, data: False
    a.peer.send(HELLO, b"1")
    look((a, b), 300)
    assert b.payloads() == [b"1"]
    for record in (b"", b"\1", b"\2abc", b"\1\xffab", b"\1\0", b"\1\6lamp-1\0\0", b"\1" * 500):
        b.store.put("peers", record)
        b.reboot()
        a.peer.send(HELLO, b"2")
        look((a, b), 300)
        assert b.payloads() == [b"2"], record


def test_another_device_of_the_same_name_is_noticed_and_ones_own_echo_is_not():
    air, a, b = pair()
    air.echo = True
    for _ in range(5):
        a.peer.send(HELLO, b"x")
        look((a, b), 200)
    assert not a.peer.twin and a.heard == []
    other = Device(air, "lamp-1", boot_count=9)
    other.peer.send(HELLO, b"y")
    look((a, b, other), 200)
    assert a.peer.twin
    assert a.log.lines == ["peer: another device is called like this one"]


def test_an_app_that_raises_costs_one_message():
    air, a, b = pair()

    def raises(*what):
        raise ValueError("app")

    heard, b.peer.on_message = b.peer.on_message, raises
    a.peer.send(HELLO, b"1")
    look((a, b), 200)
    b.peer.on_message = heard
    a.peer.send(HELLO, b"2")
    look((a, b), 200)
    assert b.payloads() == [b"2"]
    assert "app" in b.log.lines[0]


def test_what_is_too_long_or_no_kind_is_not_sent():
    air, a, b = pair()
    assert a.peer.send(HELLO, b"x" * 32)
    for kind, payload in ((HELLO, b"x" * 33), (0, b""), (256, b"")):
        assert not a.peer.send(kind, payload)
    assert len(air.sent) == 1


def test_without_a_network_sending_fails_and_nothing_stays():
    air, a, b = pair()
    a.end.is_up = False
    assert not a.peer.send(HELLO, b"x")
    look((a, b), 500)
    a.end.is_up = True
    look((a, b), 500)
    assert air.sent == [] and a.peer._pending == []


def test_the_task_of_a_board_that_stalls_goes_on():
    air, a, b = pair()
    import time

    a.peer.send(HELLO, b"x")
    time.sleep_ms(200000)
    look((a, b), 200)
    assert len(air.sent) == 4 and len(b.heard) == 1


async def test_it_runs_as_a_task_that_checks_in_a_hundred_times_a_second():
    import asyncio

    air = Air()
    a, b = Device(air, "lamp-1"), Device(air, "lamp-2")
    checked = []
    tasks = [asyncio.create_task(one.peer.run(lambda: checked.append(1))) for one in (a, b)]
    a.peer.send(HELLO, b"x")
    await asyncio.sleep_ms(1000)
    assert b.payloads() == [b"x"] and len(air.sent) == 4
    assert 190 <= len(checked) <= 210
    assert not any(task.done() for task in tasks)


def test_a_key_is_hex_of_16_bytes_or_more_and_no_error_shows_it():
    assert peer.key_of("00" * 15 + "fF") == bytes(15) + b"\xff"
    assert len(peer.key_of("a1" * 64)) == 64
    for text in ("", "ab" * 15, "a" * 33, "ab" * 65, "xy" * 16, "+1" * 16, " 1" * 16):
        error = raised(ValueError, peer.key_of, text)
        assert not text or text not in str(error)
