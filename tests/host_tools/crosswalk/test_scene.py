"""What is told of a crossing from frame to frame."""

from host_tools.crosswalk.plan import Plan
from host_tools.crosswalk.scene import Scene
from host_tools.crosswalk.trace import Frame, Track


def _scene():
    return Scene(Plan(4000))


def _frame(ms, left_ms=0, reason=None, tracks=(), button=False, cars=None):
    return Frame(ms % (1 << 30), left_ms, reason, tuple(tracks), button, cars)


def _track(number, thought, y_mm=2000, vy_mm_s=-1000):
    return Track(number, 0, y_mm, 0, vy_mm_s, thought)


def test_a_flashing_time_that_is_begun_anew_all_the_while_is_one_activation():
    scene = _scene()
    told = []
    for n in range(100):
        left_ms = 9000 if 10 <= n < 60 else max(0, 9000 - 300 * (n - 59)) if n >= 60 else 0
        told += scene.take(_frame(100 * n, left_ms, "track" if left_ms else None))
    assert told == [
        "the beacon flashes for 9.0 s: track",
        "the beacon is dark again after 7.9 s",
    ]
    said = scene.summary()
    assert said["activations"] == 1
    assert said["reasons"] == {"track": 1}
    assert 7.5 < said["flashed_s"] < 8.0


def test_another_reason_while_it_flashes_is_told():
    scene = _scene()
    scene.take(_frame(0, 9000, "track"))
    assert scene.take(_frame(100, 9000, "button")) == ["the beacon goes on: button"]


def test_each_change_of_a_thought_is_told_once_and_that_somebody_new_is_unknown_is_no_news():
    scene = _scene()
    thoughts = ["unknown"] * 3 + ["waiting"] * 3 + ["approaching"] * 3 + ["waiting"]
    told = []
    for n, thought in enumerate(thoughts):
        told += scene.take(_frame(100 * n, tracks=[_track(4, thought)]))
    assert [text.split(",")[0] for text in told] == [
        "E↑ waiting",
        "E↑ approaching",
        "E↑ waiting",
    ]
    assert scene.summary()["thoughts"] == {"unknown": 1, "waiting": 1, "approaching": 1}


def test_lines_of_a_radar_that_tells_nothing_are_no_frames_of_it():
    scene = _scene()
    for n in range(6):
        scene.take(_frame(500 * n)._replace(blind=True))
    said = scene.summary()
    assert (said["frames"], said["blind"], said["frames_a_second"]) == (0, 6, None)
    for n in range(3):
        scene.take(_frame(3000 + 100 * n))
    said = scene.summary()
    assert (said["frames"], said["blind"], said["frames_a_second"]) == (3, 6, 10)


def test_a_track_that_is_gone_leaves_no_trail_and_is_a_new_one_when_it_comes_again():
    scene = _scene()
    scene.take(_frame(0, tracks=[_track(1, "passing")]))
    scene.take(_frame(100, tracks=[_track(1, "passing", 1900)]))
    assert list(scene.trails[1]) == [(0, 2000), (0, 1900)]
    scene.take(_frame(200))
    assert scene.trails == {}
    assert scene.take(_frame(300, tracks=[_track(1, "passing")]))
    assert scene.summary()["tracks"] == 2


def test_that_the_radar_tells_nothing_is_told_once_and_that_it_is_back():
    scene = _scene()
    told = []
    for n in range(9):
        told += scene.take(_frame(100 * n)._replace(blind=3 <= n < 6))
    assert told == ["the radar tells nothing", "the radar is back"]


def test_a_press_and_a_car_are_told_at_their_edges():
    scene = _scene()
    told = []
    for n in range(6):
        told += scene.take(_frame(100 * n, button=n in (2, 3), cars=7 + (n >= 4)))
    assert told == ["the button is pressed", "8 cars so far"]
    assert scene.summary()["presses"] == 1


def test_the_rate_is_by_the_boards_clock_also_where_it_wraps():
    scene = _scene()
    assert scene.frames_a_second is None
    for n in range(30):
        scene.take(_frame((1 << 30) - 1000 + 100 * n))
    assert scene.frames_a_second == 10


def test_a_board_that_starts_anew_is_not_taken_for_one_that_was_silent_for_days():
    scene = _scene()
    scene.take(_frame(900_000, 9000, "track", [_track(1, "passing")]))
    scene.take(_frame(1000))
    assert scene.flashed_ms == 0
    assert scene.trails == {}
