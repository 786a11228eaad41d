import asyncio

from kerb.system.clock import Clock
from kerb.system.log import Log
from kerb.uplink.backoff import Backoff
from kerb.uplink.timesync import TimeSync
from support.tasks import ended

DAY = 9700


class Rtc:
    def read(self):
        return None

    def write(self, day, second):
        pass


class Link:
    def __init__(self):
        self.is_up = True

    def up(self):
        return self.is_up

    def dns(self):
        return ("192.0.2.53",)


class Server:
    """Answers with the next of `answers`, an OSError or (day, second), the last one for ever."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.asked_s = []
        self.clock = None

    async def ask(self, dns, check_in):
        assert dns == ("192.0.2.53",)
        check_in()
        self.asked_s.append(self.clock.uptime_s())
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, OSError):
            raise answer
        return answer[0], answer[1], 12


def make(*answers):
    link, server, clock, log = Link(), Server(*answers), Clock(Rtc()), Log()
    server.clock = clock
    sync = TimeSync(link, server, clock, log, Backoff(2000, 64000, 1), 3600)
    return sync, link, server, clock, log


async def run_for(sync, seconds):
    task = asyncio.create_task(sync.run(lambda: None))
    await asyncio.sleep_ms(seconds * 1000)
    await ended(task)


def texts(log):
    return [text for _, _, text in log.entries()]


async def test_clock_is_set_once_the_network_is_up_and_then_every_interval():
    sync, link, server, clock, _ = make((DAY, 500), (DAY, 4100), (DAY, 7700))
    link.is_up = False
    await run_for(sync, 100)
    assert server.asked_s == [] and clock.now() is None
    link.is_up = True
    await run_for(sync, 7300)
    assert [b - a for a, b in zip(server.asked_s, server.asked_s[1:])] == [3600, 3600]
    assert clock.source == "network" and clock.trusted()


async def test_server_that_does_not_answer_is_asked_again_with_growing_pauses():
    sync, _, server, clock, log = make(OSError("no answer"))
    await run_for(sync, 3600)
    assert clock.now() is None
    assert 40 < len(server.asked_s) < 400
    assert "time: no answer" in texts(log)


async def test_answer_after_failures_goes_back_to_the_interval():
    sync, _, server, clock, _ = make(OSError("a"), OSError("b"), (DAY, 500))
    await run_for(sync, 3000)
    assert len(server.asked_s) == 3
    assert clock.now()[0] == DAY


async def test_date_that_cannot_be_is_refused_and_said():
    sync, _, _, clock, log = make((3, 500))
    await run_for(sync, 5)
    assert clock.now() is None
    assert "time: the server's date is not plausible, day 3" in texts(log)


async def test_clock_jumps_when_a_second_answer_says_the_same_and_it_is_said_with_its_jump():
    sync, _, server, clock, log = make((DAY, 500), (DAY - 100, 500), (DAY - 100, 530))
    await run_for(sync, 3620)
    assert clock.now()[0] == DAY
    await run_for(sync, 40)
    assert server.asked_s[2] - server.asked_s[1] in (30, 31)
    assert clock.now()[0] == DAY - 100
    assert any("moved by -8643" in text for text in texts(log)), texts(log)


async def test_one_wrong_answer_among_right_ones_does_not_move_a_trusted_clock():
    sync, _, server, clock, _ = make((DAY, 500), (DAY + 3650, 7), (DAY, 4130), (DAY, 7730))
    await run_for(sync, 7300)
    assert len(server.asked_s) == 4
    assert clock.now()[0] == DAY


async def test_answers_that_are_wrong_each_in_another_way_do_not_move_a_trusted_clock():
    wrong = [(DAY + 100 * n, 7) for n in range(1, 9)]
    sync, _, server, clock, _ = make((DAY, 500), *wrong)
    await run_for(sync, 5 * 3600)
    assert 5 <= len(server.asked_s) <= 7
    assert clock.now()[0] == DAY


async def test_clock_jumps_at_once_when_somebody_had_it_set():
    sync, _, _, clock, _ = make((DAY, 500), (DAY - 100, 500))
    await run_for(sync, 10)
    assert sync.ask_now() is True
    await run_for(sync, 1)
    assert clock.now()[0] == DAY - 100


async def test_asking_now_is_obeyed_at_the_next_look_and_refused_without_a_network():
    sync, link, server, _, _ = make((DAY, 500))
    await run_for(sync, 10)
    assert sync.ask_now() is True
    await run_for(sync, 1)
    assert len(server.asked_s) == 2
    link.is_up = False
    assert sync.ask_now() is False
