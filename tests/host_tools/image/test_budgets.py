"""`make bench-memory` holds each budget to the byte."""

import pytest
from bench import bench_memory

from host_tools.image import sizes

KB = 1024
LINE = 2 * KB  # of the emulated board's UART, beside the budget


def row(live=45 * KB + LINE, free=100 * KB, flash=160 * KB, used=True):
    """The frozen firmware's figures, each at its budget."""
    found = {
        "app": "light",
        "kind": "frozen",
        "flash": flash,
        "started": {"live": live, "largestFree": free},
    }
    if used:
        found["used"] = {"live": live + KB, "largestFree": free}
        found["started"]["largestFree"] = free + KB
    return found


@pytest.mark.parametrize("used", [False, True])
def test_what_is_at_its_budget_is_within_it(used):
    assert list(bench_memory.excess([row(used=used)])) == []


@pytest.mark.parametrize(
    ("figure", "words"),
    [
        ({"live": 45 * KB + LINE + 1}, "of heap with the uplink started"),
        ({"free": 100 * KB - 1}, "largest free block"),
        ({"free": 100 * KB - 1, "used": False}, "largest free block"),
        ({"flash": 160 * KB + 1}, "of flash"),
    ],
)
def test_a_byte_more_is_told(figure, words):
    (text,) = bench_memory.excess([row(**figure)])
    assert words in text


def test_only_the_frozen_firmware_is_held_to_the_budgets_but_of_each_app():
    loose = {**row(live=99 * KB), "kind": "source"}
    parking = {**row(live=46 * KB + LINE), "app": "parking"}
    (text,) = bench_memory.excess([row(), loose, parking])
    assert text.startswith("parking: ")


def test_the_flash_budget_is_the_one_that_the_build_holds():
    assert sizes.KERB_FLASH_BUDGET == 160 * KB


def test_files_take_whole_blocks_of_the_flash():
    assert bench_memory.flash_bytes({"a": b"", "b": b"1", "c": bytes(4096), "d": bytes(4097)}) == (
        4 * 4096
    )


def test_the_table_tells_the_budgets_and_what_is_not_held_to_them():
    prompt = {"live": 2 * KB, "total": 214 * KB}
    shown = {**row(used=False), "alone": {"live": 30 * KB, "peak": 35 * KB}}
    shown["started"]["peak"] = 50 * KB
    lines = list(bench_memory.table(prompt, [shown], 0))
    assert any("45.0 live at most; 2.0 of the line's UART" in line for line in lines)
    assert any("100.0 free at least" in line and "160.0 of flash" in line for line in lines)
    assert "after" not in lines[0]
