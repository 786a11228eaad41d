from kerb.system.clock import SOURCES
from kerb.uplink.fields import COMMANDS, EVENTS, name_of, number_of, parse, priority_of
from kerb.uplink.queue import ALARM, ROUTINE, STATE

TABLES = (EVENTS, COMMANDS)


def _flat(text):
    for field in parse(text):
        yield field
        if field[1] == "l":
            for part in field[7]:
                yield part


def test_the_header_byte_has_a_number_for_every_kind_and_names_are_not_used_twice():
    for table in TABLES:
        names = [name_of(text) for text in table]
        assert len(names) == len(set(names)) <= 64
        for number, name in enumerate(names):
            assert number_of(table, name) == number
        assert number_of(table, "nothing") is None


def test_faults_go_first_and_what_comes_again_by_itself_goes_last():
    priorities = {name_of(text): priority_of(text) for text in EVENTS}
    assert priorities == {
        "boot": STATE,
        "status": ROUTINE,
        "light_state": STATE,
        "light_power": ROUTINE,
        "fault": ALARM,
        "command_result": STATE,
        "bay_state": STATE,
        "bay_report": ROUTINE,
        "crosswalk_activation": STATE,
        "crosswalk_report": ROUTINE,
    }


def test_every_value_that_is_allowed_has_a_number_of_its_own_on_the_wire():
    for table in TABLES:
        for text in table:
            for name, kind, bits, lo, hi, step, optional, names in _flat(text):
                room = 1 << bits
                if kind == "e":
                    assert len(set(names)) == len(names) <= room - optional, name
                elif kind == "b":
                    assert bits == 1 and not optional, name
                elif kind == "i":
                    least = -(room >> 1) + optional
                    assert least * step <= lo < hi <= ((room >> 1) - 1) * step, name
                else:
                    assert 0 <= lo < hi <= (room - 1 - optional) * step, name


def test_fields_of_a_kind_have_names_of_their_own():
    for table in TABLES:
        for text in table:
            names = [field[0] for field in _flat(text)]
            assert len(set(names)) == len(names)


def test_every_form_of_an_event_has_a_length_of_its_own_so_that_it_can_be_told():
    for text in EVENTS:
        ends = []
        fields = parse(text, ends)
        at, sizes = 8, []
        for n, field in enumerate(fields):
            if n in ends:
                sizes.append((at + 7) // 8)
            at += field[2]  # of a text its count: it may be empty
        sizes.append((at + 7) // 8)
        assert len(set(sizes)) == len(sizes), text
        assert sizes[0] <= 9, text
        assert text.count("/") == len(ends)
    for text in COMMANDS:
        assert "/" not in text  # half of a command is not what the sender wants


def test_a_list_ends_its_kind_and_events_have_none():
    for text in COMMANDS:
        assert "l" not in [field[1] for field in parse(text)[:-1]]
    for text in EVENTS:
        assert "l" not in [field[1] for field in parse(text)]


def test_a_command_begins_with_its_id_and_only_its_time_may_be_left_out():
    for text in COMMANDS:
        assert parse(text)[0][0] == "id"
        assert {field[0] for field in _flat(text) if field[6]} <= {"issued_s"}


def test_a_command_result_has_a_place_for_every_command_and_id():
    command, command_id = parse(EVENTS[number_of(EVENTS, "command_result")])[:2]
    assert command[7] == [name_of(text) for text in COMMANDS]
    assert command[1:3] == ("e", 6)
    for text in COMMANDS:
        assert parse(text)[0][3:5] == command_id[3:5]


def test_a_status_names_every_source_of_the_clock():
    status = parse(EVENTS[number_of(EVENTS, "status")])
    assert [field[7] for field in status if field[0] == "clock_source"] == [list(SOURCES)]


def test_parse_reads_what_the_notation_says():
    text = "kind a:u10:0..1000:? b:i8:*5:? c:b d:e3:x|y e:t9 f:l4:1..8 g:i4 h:u32"
    assert parse(text) == [
        ("a", "u", 10, 0, 1000, 1, True, ()),
        ("b", "i", 8, -635, 635, 5, True, ()),
        ("c", "b", 1, 0, 1, 1, False, ()),
        ("d", "e", 3, 0, 7, 1, False, ["x", "y"]),
        ("e", "t", 8, 0, 9, 1, False, ()),
        (
            "f",
            "l",
            4,
            1,
            8,
            1,
            False,
            [
                ("g", "i", 4, -8, 7, 1, False, ()),
                ("h", "u", 32, 0, 0xFFFFFFFF, 1, False, ()),
            ],
        ),
    ]
    ends = []
    assert [field[0] for field in parse("kind a:b /b:u9 c:b /d:b", ends)] == ["a", "b", "c", "d"]
    assert ends == [1, 3]
