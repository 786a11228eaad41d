"""The screen of a street with bays: every panel stands whole on the smallest one."""

import time

import pytest
from rich.text import Text

from host_tools.street import bay_panels
from host_tools.street.bay_session import BaySession


@pytest.mark.parametrize("count", [1, 2, 4, 5, 8])
@pytest.mark.parametrize("broken", ["ok", "garbage"])
def test_the_bays_and_the_lot_stand_whole_on_a_small_screen(options, count, broken):
    options.bays = count
    session = BaySession(options)
    session.units = [type("Unit", (), {"name": "bay-{}".format(n)})() for n in range(4)]
    session.lot.connected(time.monotonic())
    for bay in session.bays:
        unit, index = session.unit_of(bay)
        session.lot.expect(unit.name, index + 1)
        bay.break_part(broken)
        state = ("free", "occupied", "unknown")[bay.number % 3]
        document = {"bay": index, "state": state, "reason": "no_answer", "stay_s": 86400}
        session.lot.take_event(time.monotonic(), unit.name, "bay_state", document)
        bay.snow(0.3)
    for draw in (bay_panels.bays, bay_panels.lot):
        lines = Text.from_markup(draw(session)).plain.split("\n")
        assert len(lines) <= 4
        assert all(len(line) <= 36 for line in lines), lines
    assert Text.from_markup(bay_panels.HINT).cell_len <= 78
