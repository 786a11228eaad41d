"""Time on air against published check values and against the formula in the open."""

from math import ceil

from kerb.uplink.lorawan import airtime


def test_check_values():
    for sf, bw_hz, n_bytes, expected_us in (
        (7, 125000, 13, 46336),
        (7, 125000, 23, 61696),
        (7, 125000, 235, 368896),
        (8, 125000, 23, 113152),
        (9, 125000, 13, 164864),
        (10, 125000, 23, 370688),
        (11, 125000, 23, 823296),
        (12, 125000, 13, 1155072),
        (12, 125000, 23, 1482752),
        (12, 125000, 64, 2793472),
        (7, 250000, 13, 23168),
    ):
        assert airtime.us(sf, bw_hz, n_bytes) == expected_us


def test_every_modulation_is_by_the_formula():
    for sf in range(7, 13):
        for bw_khz in (125, 250, 500):
            symbol_us = (1000 << sf) / bw_khz
            assert airtime.symbol_us(sf, bw_khz * 1000) == symbol_us
            de = symbol_us > 16000
            for n_bytes in range(0, 256, 5):
                for crc in (False, True):
                    bits = 8 * n_bytes - 4 * sf + 28 + 16 * crc
                    payload = max(0, ceil(bits / (4 * (sf - 2 * de))) * 5)
                    expected_us = symbol_us * (8 + 4.25 + 8 + payload)
                    # Single precision has 24 bits.
                    assert abs(airtime.us(sf, bw_khz * 1000, n_bytes, crc) - expected_us) < 2


def test_dwell_time_of_400_ms_is_kept_by_the_longest_frame_of_its_data_rates():
    # MHDR, DevAddr, FCtrl, FCnt, FPort and MIC are 13 bytes beside the payload.
    for sf, bw_hz, payload in ((10, 125000, 11), (9, 125000, 53), (8, 125000, 125)):
        assert airtime.us(sf, bw_hz, payload + 13) <= 400000 < airtime.us(sf, bw_hz, payload + 18)
