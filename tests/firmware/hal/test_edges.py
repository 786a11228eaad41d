from array import array

import machine
import world
from kerb.hal.edges import Edges


def listen(w, window_us=20000, inverted=False, play=None, room=80):
    """What Edges heard of the play: (first level, times, how much later)."""
    ear = Edges(17, window_us, inverted=inverted, pull="up")
    called = []

    def call(arg):
        called.append(arg)
        if play:
            w.play(17, *play)

    ear.start(call, 5)
    w.advance_ms(100)
    assert called == [5] and ear.ready()
    runs = array("H", bytes(2 * room))
    count = ear.runs(runs)
    return list(runs)[:count]


def test_times_between_edges_are_heard_to_the_microsecond():
    w = world.World()
    times = (417, 833, 417, 417, 1250, 3)
    runs = listen(w, play=(0, times, 700))
    assert runs[0] == 700
    # The last time is high, as the pull-up after it is.
    assert runs[1:6] == list(times[:5])
    assert len(runs) == 7 and runs[6] > 10000


def test_an_inverted_ear_hears_the_opposite():
    w = world.World()
    machine.Pin(17, machine.Pin.IN)
    w.drive(17, 0)
    runs = listen(w, inverted=True, play=(1, (500, 300, 200), 1000))
    assert runs[:3] == [1000, 500, 300]


def test_what_begins_low_has_a_first_time_of_nothing():
    w = world.World()
    w.drive(17, 0)
    assert listen(w) == [0, 20000]
    w.drive(17, None)
    assert listen(w) == [20000]


def test_it_ends_when_nothing_more_comes():
    w = world.World()
    begun = w.now_us()
    ear = Edges(17, 60000, pull="up")
    ear.start(lambda arg: w.play(17, 0, (400,), 5000), None)
    assert 5400 + 14000 <= w.now_us() - begun < 21000


def test_an_ear_hears_no_more_than_there_is_room_for():
    w = world.World()
    times = [50] * 300
    assert len(listen(w, play=(0, times, 100))) == 80
    assert len(listen(w, play=(0, times, 100), room=10)) == 10
