"""The log keeps the last messages, formats them late and never raises."""

import sys

from kerb.system import log as log_module
from kerb.system.log import DEBUG, ERROR, INFO, WARN, Log


def texts(log, level=DEBUG):
    return [text for _, _, text in log.entries(level)]


def uptime_s():
    return 7


def test_messages_are_kept_with_level_and_time_oldest_first():
    now = [5]
    log = Log(8, DEBUG, lambda: now[0])
    log.debug("a %d", 1)
    now[0] = 6
    log.info("b %s %s", "x", "y")
    log.warn("c %d %d %d", 1, 2, 3)
    now[0] = 100000
    log.error("d")
    assert list(log.entries()) == [
        (5, DEBUG, "a 1"),
        (6, INFO, "b x y"),
        (6, WARN, "c 1 2 3"),
        (100000, ERROR, "d"),
    ]
    assert texts(log, WARN) == ["c 1 2 3", "d"]


def test_only_the_last_messages_are_kept():
    log = Log(4)
    for number in range(10):
        log.info("%d", number)
        assert texts(log) == ["%d" % n for n in range(max(0, number - 3), number + 1)]
    assert log.count == 10


def test_messages_below_the_level_are_not_kept():
    log = Log(8, WARN)
    log.debug("a")
    log.info("b")
    log.warn("c")
    log.error("d")
    assert texts(log) == ["c", "d"]
    log.level = DEBUG
    log.debug("e")
    assert texts(log) == ["c", "d", "e"]
    log.level = ERROR
    log.warn("f")
    log.error("g")
    assert texts(log) == ["c", "d", "e", "g"]


def test_by_itself_a_log_keeps_40_messages_from_info_on_and_prints_none():
    printed = []
    log_module.print = printed.append
    try:
        log = Log()
        log.debug("a")
        for number in range(65):
            log.info("%d", number)
    finally:
        del log_module.print
    assert printed == []
    assert next(log.entries()) == (0, INFO, "25")
    assert len(texts(log)) == 40


def test_an_old_message_leaves_no_value_behind_for_the_next():
    log = Log(1)
    log.info("%d %d %d", 1, 2, 3)
    log.info("%d", 4)
    assert texts(log) == ["4"]


def test_none_is_a_value():
    log = Log(2)
    log.info("rssi %s", None)
    assert texts(log) == ["rssi None"]


def test_a_message_that_cannot_be_formatted_is_shown_as_it_is():
    class Bad:
        def __str__(self):
            raise ValueError("no")

        __repr__ = __str__

    ring = Log(16)
    ring.info("%d", "x")
    ring.info("none %d of %d", 1)
    ring.info("100 %")
    ring.info("too many", 1, 2)
    ring.info(None)
    ring.info(5, 6)
    ring.info("bad %s", Bad())
    ring.info(Bad())
    assert texts(ring) == [
        "%d x",
        "none %d of %d 1",
        "100 %",
        "too many 1 2",
        "None",
        "5 6",
        "bad %s ValueError",
        "ValueError",
    ]


def test_messages_that_come_while_the_log_is_read_do_no_harm():
    log = Log(4)
    for number in range(4):
        log.info("%d", number)
    read = []
    for _, _, text in log.entries():
        read.append(text)
        log.info("new")
        log.info("new")
    assert read == ["0", "2"]


def test_echo_prints_each_message():
    printed = []
    log_module.print = printed.append
    try:
        log = Log(4, INFO, uptime_s, echo=True)
        log.debug("a")
        log.warn("b %d", 2)
    finally:
        del log_module.print
    assert printed == ["      7 W b 2"]


def allocations(function):
    """Whether a call of function() allocates: only MicroPython can tell."""
    import micropython

    micropython.heap_lock()
    try:
        function()
        return False
    except MemoryError:
        return True
    finally:
        micropython.heap_unlock()


def test_nothing_is_allocated_for_a_message_below_the_level():
    if sys.implementation.name != "micropython":
        return
    log = Log(4, ERROR, uptime_s)

    def three_levels_off():
        log.debug("a")
        log.info("b %d", 5)
        log.warn("c %d %d %s", 5, 6, "x")

    assert not allocations(three_levels_off)
    assert allocations(lambda: [1, 2]), "the check itself works"


def test_nothing_is_allocated_for_a_message_with_values_that_exist():
    if sys.implementation.name != "micropython":
        return
    log = Log(4, DEBUG, uptime_s)

    def messages():
        log.debug("a")
        log.error("c %d %d %s", 5, 6, "x")

    assert not allocations(messages)
    assert texts(log) == ["a", "c 5 6 x"]
