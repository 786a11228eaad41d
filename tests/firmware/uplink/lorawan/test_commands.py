"""MAC commands: each one of TS001-1.0.4 chapter 5, against a model of its own of the chapter."""

import random
import sys

from kerb.uplink.lorawan import eu868, plan
from kerb.uplink.lorawan.session import Commands
from kerb.uplink.lorawan.start import owe

HEAP = "2m"  # a model, its plans and all that is compared
# Bytes after the identifier: what the network sends, and what the device answers.
ASKED = {2: 2, 3: 4, 4: 1, 5: 4, 6: 0, 7: 5, 8: 1, 9: 1, 10: 4, 13: 5}
ANSWERED = {2: 0, 3: 1, 4: 0, 5: 1, 6: 2, 7: 1, 8: 0, 9: 0, 10: 1, 13: 0}
UNTIL_HEARD = (5, 8, 9, 10)
LINK_CHECK, DEVICE_TIME = 2, 13


class Plan:
    """Remembers what it is told, answers as a function of it that no one else knows."""

    def __init__(self, fixed=False, with_tx_param=True):
        self.fixed = fixed
        self.with_tx_param = with_tx_param
        self.nb_trans = 3
        self.max_duty = None
        self.rx1_delay_s = None
        self.told = []

    def _take(self, *told):
        self.told.append(told)
        return sum([hash_of(it) for it in told])

    def link_adr(self, dr, power, masks, nb_trans):
        return self._take(3, dr, power, tuple(masks), nb_trans) % 8

    def rx_param(self, offset, rx2_dr, hz):
        return self._take(5, offset, rx2_dr, hz) % 8

    def new_channel(self, index, hz, min_dr, max_dr):
        status = self._take(7, index, hz, min_dr, max_dr) % 4
        return None if self.fixed else status

    def dl_channel(self, index, hz):
        status = self._take(10, index, hz) % 4
        return None if self.fixed else status

    def tx_param(self, byte):
        self._take(9, byte)
        return self.with_tx_param


def hash_of(it):
    if isinstance(it, tuple):
        return sum([3 * hash_of(part) for part in it])
    return it % 1009


def _made(fixed=False, with_tx_param=True):
    plan = Plan(fixed, with_tx_param)
    return plan, Commands(plan, True)


def _bits(text):
    """Bytes of a string of bits, spaces in it ignored, the most significant bit first."""
    text = text.replace(" ", "")
    return bytes([int(text[at : at + 8], 2) for at in range(0, len(text), 8)])


def _split(data, sizes):
    """[(cid, payload)] of commands one after the other, up to an unknown or cut off one."""
    found = []
    while data and data[0] in sizes and len(data) > sizes[data[0]]:
        end = 1 + sizes[data[0]]
        found.append((data[0], data[1:end]))
        data = data[end:]
    return found, data


def _hz(data):
    return 100 * (data[0] + 256 * data[1] + 65536 * data[2])


class Model:
    """The chapter once more, in another shape: a list of commands, then what each means."""

    def __init__(self, plan, adr_on):
        self.plan = plan
        self.adr_on = adr_on

    def read(self, data, snr_db, battery):
        """The answers to a downlink, [bytes]."""
        commands, rest = _split(data, ASKED)
        if rest[:1] == b"\x03":
            # A block whose end is missing: none of it.
            while commands and commands[-1][0] == 3:
                commands.pop()
        answers = []
        while commands:
            block = 1
            while commands[0][0] == 3 and block < len(commands) and commands[block][0] == 3:
                block += 1
            answers += self._do([payload for _, payload in commands[:block]], commands[0][0])
            commands = commands[block:]
        whole = []
        for answer in answers:
            if answer[0] == 6:
                snr = min(31, max(-32, snr_db))
                answer = bytes([6, battery, snr if snr >= 0 else snr + 64])
            whole.append(answer)
        return whole

    def _do(self, block, cid):
        plan = self.plan
        data = block[-1]
        if cid == 3:
            masks = tuple([(it[3] // 16 % 8, it[1] + 256 * it[2]) for it in block])
            if self.adr_on:
                told = (3, data[0] // 16, data[0] % 16, masks, data[3] % 16)
                status = plan._take(*told) % 8
            else:
                status = plan._take(3, 15, 15, masks, plan.nb_trans) % 8
                status = 1 if status == 7 else 0
            return [bytes([3, status])] * len(block)
        if cid == 4:
            plan.max_duty = data[0] % 16
            return [b"\x04"]
        if cid == 5:
            return [bytes([5, plan._take(5, data[0] // 16 % 8, data[0] % 16, _hz(data[1:])) % 8])]
        if cid == 6:
            return [b"\x06"]
        if cid == 7:
            told = (7, data[0], _hz(data[1:]), data[4] % 16, data[4] // 16)
            status = plan._take(*told) % 4
            return [] if plan.fixed else [bytes([7, status])]
        if cid == 8:
            plan.rx1_delay_s = max(1, data[0] % 16)
            return [b"\x08"]
        if cid == 9:
            plan._take(9, data[0])
            return [b"\x09"] if plan.with_tx_param else []
        if cid == 10:
            status = plan._take(10, data[0], _hz(data[1:])) % 4
            return [] if plan.fixed else [bytes([10, status])]
        return []


def _random_bytes(n):
    return bytes([random.randrange(256) for _ in range(n)])


def _random_commands(most=242):
    """A downlink's commands: mostly right ones, some blocks, sometimes nonsense or a cut."""
    data = b""
    cids = list(ASKED)
    for _ in range(random.randrange(9)):
        cid = random.choice(cids)
        for _ in range(random.randrange(1, 5) if cid == 3 else 1):
            data += bytes([cid]) + _random_bytes(ASKED[cid])
    dice = random.randrange(8)
    if dice == 0:
        data += _random_bytes(random.randrange(12))
    elif dice == 1:
        data = data[: random.randrange(len(data) + 1)]
    return data[:most]


# each command


def test_link_adr_takes_data_rate_power_mask_control_and_repetitions_by_their_bits():
    plan, commands = _made()
    commands.read(b"\x03" + _bits("0101 0010  11000011 10100101  1 110 0011"), 0, False)
    assert plan.told == [(3, 5, 2, ((6, 0xA5C3),), 3)]


def test_a_block_of_link_adr_is_one_and_its_last_one_governs():
    plan, commands = _made()
    block = b"\x03\x51\x01\x00\x01" + b"\x03\xff\x02\x80\x10" + b"\x03\x24\x03\x00\x72"
    commands.read(block, 0, False)
    assert plan.told == [(3, 2, 4, ((0, 1), (1, 0x8002), (7, 3)), 2)]
    answer = commands.answers(15)
    assert len(answer) == 6 and answer[:2] == answer[2:4] == answer[4:]


def test_two_blocks_with_something_between_are_two():
    plan, commands = _made()
    one = b"\x03\x51\x01\x00\x01"
    commands.read(one + one + b"\x06" + one, 0, False)
    assert [len(told[3]) for told in plan.told] == [2, 1]
    assert commands.answers(99)[4] == 6


def test_a_block_whose_end_is_cut_off_is_not_done_and_not_answered():
    plan, commands = _made()
    one = b"\x03\x51\x01\x00\x01"
    for cut in range(1, 5):
        commands.read(b"\x06" + one + one[:cut], 0, False)
        assert plan.told == []
        assert commands.answers(99)[-3:-2] == b"\x06"


def test_with_adr_off_only_the_channels_are_taken_and_only_they_are_agreed_to():
    plan, commands = _made()
    commands.adr = False
    status = []
    for low in range(8):
        commands.read(bytes([3, 0x52, low, 0, 0x02]), 0, False)
        status.append(commands.answers(99)[-1])
    assert [told[1:3] + told[4:] for told in plan.told] == [(15, 15, 3)] * 8
    assert sorted(status) == [0] * 7 + [1]  # 7 of the plan's, of which one in eight comes


def test_duty_cycle_keeps_the_low_four_bits():
    plan, commands = _made()
    commands.read(b"\x04\xf7", 0, False)
    assert plan.max_duty == 7 and commands.answers(15) == b"\x04"


def test_rx_param_takes_offset_data_rate_and_frequency():
    plan, commands = _made()
    commands.read(b"\x05" + _bits("1 011 0101") + b"\xd2\xad\x84", 0, False)
    assert plan.told == [(5, 3, 5, 869525000)]


def test_dev_status_tells_battery_and_the_snr_of_its_own_downlink():
    _, commands = _made()
    for snr_db, six_bits in (
        (0, 0),
        (-1, 63),
        (-20, 44),
        (31, 31),
        (-32, 32),
        (60, 31),
        (-90, 32),
    ):
        commands.read(b"\x06", snr_db, False)
        answer = commands.answers(15)
        assert answer == bytes([6, 255, six_bits])
        commands.sent(3)
    commands.battery = 0
    commands.read(b"\x06", 3, False)
    assert commands.answers(15) == b"\x06\x00\x03"


def test_new_channel_takes_index_frequency_and_range():
    plan, commands = _made()
    commands.read(b"\x07\x04\x18\x4f\x84\x52", 0, False)
    assert plan.told == [(7, 4, 867100000, 2, 5)]


def test_rx_timing_has_no_delay_of_zero():
    plan, commands = _made()
    for byte, delay_s in ((0, 1), (1, 1), (0xF0, 1), (15, 15), (0x25, 5)):
        commands.read(bytes([8, byte]), 0, False)
        assert plan.rx1_delay_s == delay_s


def test_a_region_without_new_channel_or_tx_param_does_not_answer_them():
    _, commands = _made(fixed=True, with_tx_param=False)
    commands.read(b"\x07\x04\x18\x4f\x84\x50\x0a\x04\x18\x4f\x84\x09\x15\x06", 0, False)
    assert commands.answers(99) == b"\x06\xff\x00"


def test_an_unknown_command_ends_the_reading_and_what_was_before_it_stays_done():
    for unknown in (0, 1, 11, 12, 14, 15, 0x10, 0x13, 0x7F, 0x80, 0xFF):
        plan, commands = _made()
        commands.read(b"\x04\x03" + bytes([unknown]) + b"\x04\x05", 0, False)
        assert plan.max_duty == 3 and commands.answers(99) == b"\x04"


def test_a_command_that_is_cut_off_is_not_done():
    for whole in (
        b"\x04\x03",
        b"\x05\1\2\3\4",
        b"\x07\1\2\3\4\5",
        b"\x08\1",
        b"\x09\1",
        b"\x0a\1\2\3\4",
    ):
        for cut in range(1, len(whole)):
            plan, commands = _made()
            commands.read(whole[:cut], 0, False)
            assert plan.told == [] and plan.max_duty is None and plan.rx1_delay_s is None
            assert commands.answers(99) == b""


# questions


ANSWERS = b"\x02\x14\x03\x0d\x78\x56\x34\x12\x80"


def test_a_question_goes_once_and_its_answer_is_kept():
    _, commands = _made()
    commands.ask(LINK_CHECK)
    commands.ask(DEVICE_TIME)
    commands.ask(DEVICE_TIME)
    assert commands.answers(15) == b"\x02\x0d"
    commands.sent(2)
    assert commands.answers(15) == b""
    assert commands.link is None and commands.time is None
    commands.read(ANSWERS, 0, True)
    assert commands.link == (20, 3)
    assert commands.time == (0x12345678, 128)
    assert commands.answers(15) == b""


def test_an_answer_to_a_question_that_the_last_uplink_did_not_ask_is_not_taken():
    _, commands = _made()
    commands.read(ANSWERS, 0, True)
    commands.ask(DEVICE_TIME)  # not sent yet: the time would be of another uplink's end
    commands.read(ANSWERS, 0, True)
    commands.sent(1)
    commands.sent(0)  # the uplink after
    commands.read(ANSWERS, 0, True)
    commands.read(b"\x06" * 5, 0, True)
    commands.ask(DEVICE_TIME)
    commands.sent(15)  # it had no room for the question
    commands.read(ANSWERS, 0, True)
    assert commands.link is None and commands.time is None


def test_what_follows_the_answer_to_a_question_is_done():
    _, commands = _made()
    commands.ask(LINK_CHECK)
    commands.sent(1)
    commands.read(ANSWERS + b"\x06", 0, True)
    assert commands.link == (20, 3) and commands.time is None
    assert commands.answers(15) == b"\x06\xff\x00"


# answers


def test_answers_are_whole_and_in_the_order_of_the_requests():
    _, commands = _made()
    commands.read(b"\x06\x04\x01\x06\x06\x04\x01\x06\x06", 0, False)
    every = commands.answers(242)
    status = b"\x06\xff\x00"
    assert every == status + b"\x04" + status * 2 + b"\x04" + status * 2
    assert commands.answers(15) == every[:14]
    assert commands.answers(2) == b"" == commands.answers(0) == commands.answers(-4)


def test_answers_that_have_no_room_are_given_up_but_not_those_about_the_downlink():
    # The network may ask again (TS001-1.0.4 chapter 5); where it is heard it must know at once.
    _, commands = _made()
    commands.read(b"\x06\x06\x06\x06\x06\x06\x08\x02\x04\x01", 0, False)
    commands.sent(len(commands.answers(15)))
    assert commands.answers(15) == b"\x08"
    commands.read(b"", 0, True)  # that was not sent yet: the network can't have heard it
    assert commands.answers(15) == b"\x08"


def test_questions_come_after_answers_and_wait_for_room():
    _, commands = _made()
    commands.ask(DEVICE_TIME)
    commands.read(b"\x06\x06\x06\x06\x04\x01\x04\x01\x08\x01", 0, False)
    first = commands.answers(15)
    assert first == b"\x06\xff\x00" * 4 + b"\x04\x04\x08"
    commands.sent(15)
    assert commands.answers(15) == b"\x08\x0d"


def test_answers_about_the_downlink_are_repeated_until_one_is_heard():
    _, commands = _made()
    commands.read(b"\x08\x02\x06\x09\x00\x05\0\0\0\0\x0a\0\0\0\0\x04\x01", 0, False)
    first = commands.answers(242)
    assert first[0] == 8 and len(first) == 1 + 3 + 1 + 2 + 2 + 1
    commands.sent(len(first))
    for _ in range(5):
        again = commands.answers(242)
        assert [cid for cid, _ in _split(again, ANSWERED)[0]] == [8, 9, 5, 10]
        commands.sent(len(again))
    commands.read(b"", 0, True)
    assert commands.answers(242) == b""


def test_answers_about_the_downlink_that_are_the_same_are_repeated_each():
    # The network takes the first for its first request, and so on.
    _, commands = _made()
    commands.read(b"\x09\x00" * 3 + b"\x08\x01" * 2, 0, True)
    for _ in range(4):
        assert commands.answers(15) == b"\x09\x09\x09\x08\x08"
        commands.sent(5)
    commands.read(b"", 0, True)
    assert commands.answers(15) == b""


def test_an_answer_that_was_not_sent_yet_outlives_a_downlink():
    _, commands = _made()
    commands.read(b"\x08\x02", 0, False)
    commands.read(b"", 0, True)  # class C brought the request, then came another downlink
    assert commands.answers(15) == b"\x08"


def test_answers_about_the_downlink_outlive_a_reset():
    plan, commands = _made()
    commands.ask(DEVICE_TIME)
    commands.read(b"\x08\x02\x06\x09\x00\x05\0\0\0\0\x0a\0\0\0\0\x04\x01", 0, False)
    first = commands.answers(242)
    kept = commands.sticky()
    assert [cid for cid, _ in _split(kept, ANSWERED)[0]] == [8, 9, 5, 10]
    commands.sent(len(first))
    assert commands.sticky() == kept
    commands = Commands(plan, True)
    owe(commands, kept)
    assert commands.answers(15) == kept == commands.sticky()
    assert [len(commands.answers(room)) for room in range(7)] == [0, 1, 2, 2, 4, 4, 6]
    commands.sent(len(kept))
    assert commands.answers(15) == kept
    commands.read(b"", 0, True)
    assert commands.answers(15) == commands.sticky() == b""


def test_the_memory_of_what_reads_commands_is_given_back():
    real = plan.Plan(eu868.TABLE)
    commands = Commands(real, True)
    real.pack()
    before = len(sys.modules)
    for _ in range(3):
        commands.read(b"\x06", 0, True)
        real.pack()
        assert len(sys.modules) == before
    assert commands.answers(15) == b"\x06\xff\x00" * 3


def test_new_answers_are_not_kept_back_by_repeated_ones():
    _, commands = _made()
    for index in range(7):
        commands.read(bytes([10, index, index, 0, 0]), 0, False)
        commands.sent(len(commands.answers(15)))
    commands.read(b"\x06", 0, False)
    assert commands.answers(15)[:1] == b"\x06"


def test_whatever_comes_what_is_kept_is_bounded_and_goes_out():
    random.seed(3)
    _, commands = _made()
    for _ in range(10):
        commands.read(b"\x06" * 242, 0, False)
        commands.read(b"\x08\x01" * 121, 0, False)
        assert len(commands.answers(10000)) <= 48 * 3 + 16 * 2
    for _ in range(20):
        commands.sent(len(commands.answers(15)))
    assert len(commands.answers(10000)) <= 1


def test_random_downlinks_are_done_and_answered_as_the_model_does():
    random.seed(11)
    for turn in range(150):
        fixed, with_tx_param = random.randrange(2), random.randrange(2)
        plan, commands = _made(fixed, with_tx_param)
        model = Model(Plan(fixed, with_tx_param), bool(random.randrange(4)))
        commands.adr = model.adr_on
        commands.battery = random.randrange(256)
        snr_db = random.randrange(-40, 40)
        data = _random_commands()
        commands.read(data, snr_db, False)
        expected = model.read(data, snr_db, commands.battery)
        assert plan.told == model.plan.told, (turn, data)
        assert (plan.max_duty, plan.rx1_delay_s) == (model.plan.max_duty, model.plan.rx1_delay_s)
        assert commands.answers(10000) == b"".join(expected), (turn, data)


class Mailbox:
    """What answers are owed, each with whether it went out already."""

    def __init__(self):
        self.owed = []

    def _in_order(self):
        return [it for it in self.owed if not it[1]] + [it for it in self.owed if it[1]]

    def answers(self, room):
        data = b""
        for answer, _ in self._in_order():
            if len(data) + len(answer) > room:
                break
            data += answer
        return data

    def sent(self, size):
        left = []
        for answer, _ in self._in_order():
            size -= len(answer)
            went = size >= 0
            if answer[0] in UNTIL_HEARD:
                left.append((answer, went))
        self.owed = left

    def heard(self):
        self.owed = [it for it in self.owed if not it[1]]


def test_random_lives_owe_the_network_what_a_mailbox_owes():
    random.seed(17)
    for _ in range(25):
        plan, commands = _made()
        model = Model(plan, True)
        box = Mailbox()
        for _ in range(30):
            dice = random.randrange(5)
            if dice == 0:
                data = _random_commands(40)
                answers = model.read(data, 0, 255)
                if len(box.owed) + len(answers) <= 48:
                    commands.read(data, 0, False)
                    box.owed += [(answer, False) for answer in answers]
            elif dice == 1:
                commands.read(b"", 0, True)
                box.heard()
            else:
                room = random.choice((0, 3, 15, 15, 51, 242))
                data = commands.answers(room)
                assert len(data) <= room
                assert data == box.answers(room)
                if dice > 2:
                    commands.sent(len(data))
                    box.sent(len(data))


def test_no_bytes_at_all_make_it_raise():
    random.seed(23)
    for turn in range(200):
        _, commands = _made(turn & 1, turn & 2)
        commands.ask(LINK_CHECK)
        commands.sent(1)
        commands.read(_random_bytes(random.randrange(60)), random.randrange(-128, 128), False)
        for answer in _split(commands.answers(242), ANSWERED)[0]:
            assert answer[0] in ANSWERED
    for cid in range(256):
        for n in (0, 3, 7):
            _, commands = _made()
            commands.read(bytes([cid]) + bytes(n), 0, False)
