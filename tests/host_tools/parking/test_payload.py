"""What a bay's report costs by radio."""

import itertools

from kerb.uplink import codec, fields

_CAYENNE_BYTES = 15  # the same in that format


def _names(field):
    text = next(text for text in fields.EVENTS if text.startswith("bay_state:"))
    return next(part[7] for part in fields.parse(text) if part[0] == field)


def test_a_state_report_is_five_bytes_whatever_it_says_and_comes_back_the_same():
    stays = (None, 0, 10, 86400, 2621420)
    sure = (None, 0, 495, 990)
    for number, state, reason, confidence, stay_s in itertools.product(
        range(8), _names("state"), _names("reason"), sure, stays
    ):
        values = {"bay": number, "state": state, "reason": reason}
        values |= {"confidence_permille": confidence, "stay_s": stay_s}
        payload = codec.encode("bay_state", values)
        assert 3 <= len(payload) <= 5 < _CAYENNE_BYTES
        assert codec.decode(payload) == ("bay_state", values)


def test_a_full_report_with_all_that_is_known_is_within_the_slowest_data_rate():
    values = {"bay": 7, "state": "occupied", "reason": "vehicle", "confidence_permille": 990}
    values |= {"state_s": 60_000_000, "distance_mm": 8190, "baseline_mm": 8190}
    values |= {"arrivals": 65535, "echoes_percent": 100, "temperature_cdeg": -2000}
    payload = codec.encode("bay_report", values | {"battery_mv": 3620})
    assert len(payload) <= 51
