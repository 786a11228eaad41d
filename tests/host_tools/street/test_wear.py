"""What `make bench-wear` reckons with is what a whole lamp writes."""

import collections
import re

from support import wear

from host_tools import paths


def test_a_lamp_writes_at_most_300_times_a_day_and_of_everything_that_the_firmware_keeps():
    written = wear.of_a_lamp(16, seed=3)
    counts = collections.Counter(name for name, _ in written)
    assert 240 * 16 < counts["energy"] <= 289 * 16  # not while the power is gone
    assert 16 <= counts["level"] <= 6 * 16
    assert counts["schedule"] == 2 * 3
    assert all(0 < counts[name] < 40 for name in ("override", "nights", "queue", "boots"))
    assert len(written) < 300 * 16
    # What is kept by a name of its own must be in both reckonings.
    kept = {"energy", "level", "schedule", "override", "nights"}
    for file in (paths.ROOT / "firmware/kerb").rglob("*.py"):
        kept.update(re.findall(r'^_RECORD = "(\w+)"$', file.read_text(), re.MULTILINE))
    assert set(counts) == kept
    assert {name for name, _ in wear.of_a_storm()} == kept


def test_flash_that_took_a_lamps_writes_has_spread_them():
    erases = wear.erases(wear.of_a_lamp(2), 8, 32)
    assert sum(erases) > 200
    assert max(erases) < sum(erases) / 2
