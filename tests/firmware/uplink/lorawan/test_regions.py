"""The regions' tables, read through Plan, against RP002-1.0.4 said once more."""

from kerb.uplink.lorawan import airtime, as923, eu868, in865, kr920, region, us915
from kerb.uplink.lorawan.plan import Plan

# RX1's DR for each uplink DR (a line) and RX1DROffset; "." is a DR of FSK.
EU868 = "000000 100000 210000 321000 432100 543210 654321"
AS923 = "00000012 10000023 21000034 32100045 43210056 5432106. 654321.."
AS923_DWELL = "22222222 22222223 22222234 32222245 43222256 5432226. 654322.."
IN865 = "00000012 10000023 21000034 32100045 43210055 5432105."
US915 = ((10, 9, 8, 8), (11, 10, 9, 8), (12, 11, 10, 9), (13, 12, 11, 10), (13, 13, 12, 11))
SF = {0: 12, 1: 11, 2: 10, 3: 9, 4: 8, 5: 7}


def plan(name):
    return Plan(region.load(name))


def always(number):
    """A random() that is not."""
    return lambda n: number % n


def assert_rx1(p, rows):
    for dr, row in enumerate(rows.split()):
        for offset, rx1_dr in enumerate(row):
            p.rx1_offset = offset
            found = p.rx1(0, dr)[1]
            assert found == (7 if rx1_dr == "." else int(rx1_dr)), (dr, offset, found)
            assert (p.modulation(found) is None) == (rx1_dr == ".")


def test_an_unknown_region_is_a_key_error():
    for name in ("EU433", "", "plan", "../x"):
        try:
            region.load(name)
        except KeyError:
            continue
        raise AssertionError(name)


def test_each_region_has_its_table_and_its_number():
    tables = as923.TABLE, eu868.TABLE, in865.TABLE, kr920.TABLE, us915.TABLE
    assert tables == tuple(region.load(name) for name in region.NAMES)
    assert [table[0] for table in tables] == [2, 1, 3, 4, 5]


def test_default_channels_and_second_window():
    for name, channels, rx2 in (
        ("EU868", (868100000, 868300000, 868500000), (869525000, 0)),
        ("KR920", (922100000, 922300000, 922500000), (921900000, 0)),
        ("AS923", (923200000, 923400000), (923200000, 2)),
        ("IN865", (865062500, 865402500, 865985000), (866550000, 2)),
    ):
        p = plan(name)
        for dr in range(2, 6):
            assert [p.hz[i] for i in p.channels(dr)] == list(channels)
        assert not p.channels(6) and not p.channels(-1) and not p.channels(15)
        assert p.rx2 == rx2
        assert p.rx1(1, 3) == (channels[1], 3)


def test_data_rates_and_payloads():
    for name, payloads, dr6 in (
        ("EU868", (51, 51, 51, 115, 242, 242, 242, 0), (7, 250000)),
        ("KR920", (51, 51, 51, 115, 242, 242, 0, 0), None),
        ("IN865", (51, 51, 51, 115, 242, 242, 0, 0), None),
        ("AS923", (0, 0, 11, 53, 125, 242, 242, 0), (7, 250000)),
    ):
        p = plan(name)
        for dr, sf in SF.items():
            assert p.modulation(dr) == (sf, 125000)
        assert p.modulation(6) == dr6
        for dr in (-1, 7, 8, 15, 16, 255):
            assert p.modulation(dr) is None and p.max_payload(dr) == 0
        assert tuple(p.max_payload(dr) for dr in range(8)) == payloads
    p.tx_param(0x05)
    assert tuple(p.max_payload(dr) for dr in range(8)) == (51, 51, 115, 115, 242, 242, 242, 0)


def test_rx1_data_rates():
    assert_rx1(plan("EU868"), EU868)
    assert_rx1(plan("KR920"), " ".join(EU868.split()[:6]))
    assert_rx1(plan("IN865"), IN865)
    p = plan("AS923")
    assert_rx1(p, AS923)
    p.tx_param(0x35)
    assert_rx1(p, AS923_DWELL)


def test_us915():
    p = plan("US915")
    for dr, row in enumerate(US915):
        for offset, rx1_dr in enumerate(row):
            p.rx1_offset = offset
            assert p.rx1(0, dr)[1] == rx1_dr
    p.rx1_offset = 0
    narrow = p.channels(0)
    assert [p.hz[i] for i in narrow] == [902300000 + 200000 * i for i in range(64)]
    assert p.channels(3) == narrow
    wide = p.channels(4)
    assert list(wide) == list(range(64, 72))
    assert [p.hz[i] for i in wide] == [903000000 + 1600000 * i for i in range(8)]
    assert not p.channels(5) and not p.channels(8)
    assert p.rx2 == (923300000, 8)
    for i in range(72):
        assert p.rx1(i, 0)[0] == 923300000 + 600000 * (i % 8)
    assert [p.max_payload(dr) for dr in range(6)] == [11, 53, 125, 242, 242, 0]
    for dr, modulation in ((0, (10, 125000)), (3, (7, 125000)), (4, (8, 500000))):
        assert p.modulation(dr) == modulation
    for dr in range(8, 14):
        assert p.modulation(dr) == (20 - dr, 500000)
    for dr in (5, 6, 7, 14, 15):
        assert p.modulation(dr) is None


def test_no_uplink_of_us915_and_as923_is_longer_than_the_dwell_time():
    for name, drs in (("US915", range(4)), ("AS923", range(2, 6))):
        p = plan(name)
        for dr in drs:
            assert airtime.us(*p.modulation(dr), 13 + p.max_payload(dr)) <= 400000


def test_power():
    for name, eirp_dbm, powers in (
        ("EU868", 16, 7),
        ("KR920", 14, 7),
        ("AS923", 16, 7),
        ("IN865", 30, 10),
        ("US915", 30, 14),
    ):
        p = plan(name)
        for power in range(15):
            status = p.link_adr(15, power, (), 1)
            assert status == (7 if power <= powers else 3)
            if power <= powers:
                assert p.power_dbm() == p.power_dbm(0) == eirp_dbm - 2 * power


def test_korea_is_quieter_below_922_mhz_and_listens_first():
    p = plan("KR920")
    assert p.new_channel(3, 921900000, 0, 5) == 3
    assert p.new_channel(4, 922700000, 0, 5) == 3
    assert [p.power_dbm(i) for i in range(5)] == [14, 14, 14, 10, 14]
    assert p.lbt == (-80, 6000)
    assert plan("EU868").lbt is None


def test_us915_without_hopping_is_quieter_and_wide_channels_too():
    p = plan("US915")
    assert (p.power_dbm(0), p.power_dbm(63), p.power_dbm(64), p.power_dbm(71)) == (30, 30, 26, 26)
    assert p.link_adr(0, 0, ((3, 3), (4, 0xFF)), 1) == 7
    assert p.power_dbm(0) == 30  # 50 channels
    assert p.link_adr(0, 0, ((3, 1),), 1) == 7
    assert (p.power_dbm(0), p.power_dbm(64)) == (21, 26)
    assert p.link_adr(0, 6, ((3, 1),), 1) == 7
    assert (p.power_dbm(0), p.power_dbm(64)) == (18, 18)


def test_joins_go_from_fast_to_slow_over_all_default_channels():
    for name, drs in (("EU868", "543210"), ("KR920", "543210"), ("AS923", "5432")):
        p = plan(name)
        drs = [int(dr) for dr in drs]
        count = len(p.channels(5))
        seen = set()
        for attempt in range(12):
            index, dr = p.join_channel(attempt, always(attempt))
            assert index in list(p.channels(dr))
            assert dr == drs[attempt % len(drs)]
            seen.add(index)
        assert seen == set(range(count))


def test_us915_joins_probe_each_eight_then_a_wide_one_and_all_in_72():
    for start in (0, 7, 8, 37, 63):
        p = plan("US915")
        seen = []
        for attempt in range(72):
            index, dr = p.join_channel(attempt, always(start))
            assert index in list(p.channels(dr))
            assert dr == (4 if attempt % 9 == 8 else 0)
            seen.append(index)
        assert sorted(seen) == list(range(72))
        for at in range(0, 72, 9):
            assert sorted(i // 8 for i in seen[at : at + 9]) == list(range(9))


def test_another_start_of_us915_joins_after_each_round():
    p = plan("US915")
    first = p.join_channel(0, always(5))[0]
    assert p.join_channel(72, always(6))[0] != first
