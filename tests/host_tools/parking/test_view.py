"""The live table, through Textual's pilot."""

import asyncio
import time

import pytest
from textual.widgets import DataTable, Static

from host_tools.parking.command import CityBroker
from host_tools.parking.view import LotApp
from host_tools.parking.watch import Watch
from host_tools.street.broker import Account


def _says(watch, device, state, seq):
    document = {"bay": 0, "state": state, "reason": "ground", "seq": seq}
    watch._on_event(device, "bay_state", document)


@pytest.mark.parametrize("key", ["q", "ctrl+c"])
def test_the_table_follows_the_lot_and_a_key_ends_it(key):
    async def act():
        watch = Watch(CityBroker("city.example", 1883, "kerb", Account()), ask=False)
        watch._on_connected()
        ending = asyncio.Event()
        app = LotApp(watch, ending)
        async with app.run_test(size=(100, 24)) as pilot:
            table = app.query_one("#bays", DataTable)
            _says(watch, "deck-10", "free", 1)
            _says(watch, "deck-9", "occupied", 1)
            await pilot.pause(0.1)
            cells = [[str(cell) for cell in table.get_row_at(at)] for at in range(2)]
            assert [row[:2] for row in cells] == [["deck-9/0", "occupied"], ["deck-10/0", "free"]]
            totals = app.query_one("#totals", Static)
            assert "1 of 2 free, 1 occupied" in totals.render().plain
            _says(watch, "deck-9", "free", 2)
            await pilot.pause(0.1)
            assert str(table.get_row_at(0)[1]) == "free"
            watch.lot.lost(time.monotonic())
            await pilot.pause(0.7)
            assert "no broker" in totals.render().plain
            assert str(table.get_row_at(1)[1]) == "unknown"
            await pilot.press(key)
            await pilot.pause(0.2)
        assert ending.is_set()
        assert app.interrupted == (key == "ctrl+c")

    asyncio.run(act())
