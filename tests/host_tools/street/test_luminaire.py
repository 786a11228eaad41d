"""The luminaire's physics, its meter and its thermistor."""

import itertools

import pytest

from host_tools.street import luminaire, meter, thermistor
from host_tools.street.environment import Environment
from host_tools.street.luminaire import Luminaire
from host_tools.street.meter import Meter

_FULL = luminaire.DUTY_FULL


def _settled(lamp, hours=4, **air):
    lamp.step(0, **air)
    for minute in range(1, hours * 60):
        lamp.step(minute * 60, **air)
    return lamp


def test_a_new_lamp_draws_stand_by_when_dark_and_its_rating_when_full():
    lamp = Luminaire(rated_mw=60000, standby_mw=500)
    assert (lamp.light_permille(), lamp.power_mw()) == (0, 500)
    lamp.drive(1000, _FULL)
    assert (lamp.light_permille(), lamp.power_mw()) == (1000, 60000)
    lamp.drive(1000, _FULL // 5)
    assert lamp.power_mw() == 500 + 59500 // 5


def test_an_analogue_input_that_is_open_gives_full_and_one_volt_the_least():
    lamp = Luminaire()
    lamp.drive_mv(None)
    assert lamp.light_permille() == 1000
    lamp.drive_mv(0)
    assert lamp.light_permille() == pytest.approx(100)
    lamp.close(False)
    assert (lamp.light_permille(), lamp.power_mw(), lamp.current_ma()) == (0, 0, 0)


@pytest.mark.parametrize(
    ("fault", "light", "power_mw"),
    [
        ("ok", 500, 30250),
        ("out", 0, 500),
        ("partial", 300, 18350),
        ("stuck", 1000, 60000),
        ("overload", 500, 40232),
    ],
)
def test_a_fault_shows_in_light_and_power(fault, light, power_mw):
    lamp = Luminaire()
    lamp.drive(1000, _FULL // 2)
    lamp.fault = fault
    assert lamp.light_permille() == pytest.approx(light, abs=0.1)
    assert lamp.power_mw() == pytest.approx(power_mw, abs=5)


def test_a_welded_relay_gives_full_light_in_the_day_and_a_breaker_ends_it():
    lamp = Luminaire()
    lamp.close(False)
    lamp.fault = "stuck"
    assert lamp.light_permille() == 1000
    lamp.supplied = False
    assert (lamp.light_permille(), lamp.power_mw(), lamp.power_factor_permille()) == (0, 0, 0)


def test_a_blown_fuse_leaves_no_voltage_at_the_luminaire():
    lamp = Luminaire()
    lamp.drive(1000, _FULL)
    lamp.fault = "fuse"
    assert (lamp.light_permille(), lamp.power_mw(), lamp.feed_mv) == (0, 0, 0)


def test_a_cycling_lamp_goes_out_and_on_by_itself_once_in_two_minutes():
    lamp = Luminaire()
    lamp.drive(1000, _FULL)
    lamp.step(0)
    lamp.fault = "cycling"
    seen = []
    for second in range(600):
        lamp.step(second)
        seen.append(lamp.light_permille() > 0)
    changes = sum(before != after for before, after in itertools.pairwise(seen))
    assert changes in (9, 10)


def test_an_unknown_fault_is_refused_by_name():
    with pytest.raises(ValueError, match="known are ok, out"):
        Luminaire().fault = "tired"


def test_the_power_factor_is_near_one_at_full_bad_at_stand_by_and_low_when_the_pfc_failed():
    lamp = Luminaire()
    assert lamp.power_factor_permille() < 100
    lamp.drive(1000, _FULL)
    assert 900 < lamp.power_factor_permille() < 970
    assert lamp.current_ma() == pytest.approx(60000 / 220 / 0.93, rel=0.03)
    lamp.fault = "pfc"
    assert 500 < lamp.power_factor_permille() < 560


def test_it_warms_up_to_thirty_kelvin_over_the_air_and_more_with_a_clogged_heat_sink():
    lamp = Luminaire()
    lamp.drive(1000, _FULL)
    assert _settled(lamp, ambient_cdeg=2000).temperature_cdeg == pytest.approx(4930, abs=40)
    clogged = Luminaire()
    clogged.cooling = 0.3
    clogged.drive(1000, _FULL)
    assert _settled(clogged, ambient_cdeg=2000).temperature_cdeg > 10500


def test_a_long_step_warms_as_many_short_ones_do():
    short, long = Luminaire(), Luminaire()
    for lamp, step_s in ((short, 1), (long, 600)):
        lamp.drive(1000, _FULL)
        for now_s in range(0, 3601, step_s):
            lamp.step(now_s)
    assert long.temperature_cdeg == pytest.approx(short.temperature_cdeg, abs=20)
    assert long.energy_j == pytest.approx(short.energy_j, rel=0.01)
    assert long.burn_s == short.burn_s == 3600


def test_light_is_down_to_seventy_percent_after_its_hours():
    lamp = Luminaire(age_hours=100000)
    lamp.drive(1000, _FULL)
    assert lamp.light_permille() == pytest.approx(700)


def test_mains_too_low_to_work_with_gives_no_light():
    lamp = Luminaire()
    lamp.drive(1000, _FULL)
    lamp.step(0, mains_mv=80000)
    assert (lamp.light_permille(), lamp.power_mw()) == (0, 0)


def _values(frame, divider=1880, shunt_uohm=1000):
    """(volts, amperes, watts) of a frame as the datasheet computes them; None: overflow."""
    assert len(frame) == 24
    assert frame[1] == 0x5A
    assert sum(frame[2:23]) & 0xFF == frame[23]
    over = frame[0] & 0x0F if frame[0] >> 4 == 0xF else 0
    v, i = divider / 1000, 1000 / shunt_uohm
    values = []
    for place, factor in enumerate((v, i, v * i)):
        at = 2 + 6 * place
        parameter = int.from_bytes(frame[at : at + 3], "big")
        register = int.from_bytes(frame[at + 3 : at + 6], "big")
        values.append(None if over & 8 >> place else parameter * factor / register)
    return values


def test_a_meters_frame_says_what_the_lamp_draws():
    chip = Meter(seed=3)
    for power_mw in (600000, 60000, 5000, 700):
        volts, amperes, watts = _values(chip.frame(230000, power_mw / 230 / 0.9, power_mw))
        assert volts == pytest.approx(230, rel=0.03)
        assert amperes == pytest.approx(power_mw / 1000 / 230 / 0.9, rel=0.03)
        assert watts == pytest.approx(power_mw / 1000, rel=0.04)


def test_a_value_too_small_for_its_register_is_flagged_as_overflow():
    frame = Meter().frame(230000, 0.5, 300)
    assert frame[0] == 0xF6
    assert _values(frame)[1:] == [None, None]
    assert frame[20] & 0x70 == 0x40
    assert Meter().frame(0, 0, 0)[0] == 0xFE
    assert Meter().frame(230000, 500, 60000)[0] == 0x55


def test_a_published_frame_of_a_chip_without_load_has_our_parameters_and_our_checksum():
    # https://w.electrodragon.com/w/HLW8032_SDK
    real = bytes.fromhex("FA5A02EEC8FEFF01003F66000000512188FADB2901000054")
    ours = Meter().frame(230000, 500, 60000)
    for at in (2, 8, 14):
        assert ours[at : at + 3] == real[at : at + 3]
    assert sum(real[2:23]) & 0xFF == real[23]


def test_pulses_count_the_energy_and_wrap_with_a_toggled_carry():
    chip = Meter()
    per_pulse_j = chip.joules_per_pulse()
    assert per_pulse_j == pytest.approx(9.996, abs=0.001)
    carries, before, total = set(), 0, 0
    for _ in range(400):
        chip.advance(3600, 60000)
        frame = chip.frame(230000, 290, 60000)
        count = int.from_bytes(frame[21:23], "big")
        total += (count - before) % 65536
        before = count
        carries.add(frame[20] & 0x80)
    assert carries == {0, 0x80}
    assert total * per_pulse_j == pytest.approx(400 * 3600 * 60 * chip.gain, rel=0.001)


def test_a_meter_can_be_dead_or_send_garbage_or_admit_its_failure():
    chip = Meter()
    chip.mode = "dead"
    assert chip.frame(230000, 500, 60000) == b""
    chip.mode = "garbage"
    assert len({chip.frame(230000, 500, 60000) for _ in range(9)}) == 9
    chip.mode = "failed"
    assert chip.frame(230000, 500, 60000)[0] == 0xAA
    with pytest.raises(ValueError, match="known are ok, dead"):
        chip.mode = "late"
    assert meter.FRAME_BYTES == 24


def test_a_thermistor_is_half_way_at_25_degrees_and_falls_when_hot():
    assert thermistor.millivolts(2500) == 1650
    values = [thermistor.millivolts(cdeg) for cdeg in range(-4000, 12001, 100)]
    assert values == sorted(values, reverse=True)
    assert thermistor.millivolts(9500) == pytest.approx(3300 * 805 / 10805, abs=1)
    assert thermistor.millivolts(2500, "open") == 3300
    assert thermistor.millivolts(2500, "short") == 0


def test_mains_stay_within_ten_percent_but_for_some_sags_a_year():
    env = Environment(seed=5)
    volts = [env.mains_mv(second) / 1000 for second in range(0, 365 * 86400, 61)]
    outside = [v for v in volts if not 198 <= v <= 242]
    assert len(outside) < 10
    assert Environment(seed=5).mains_mv(12345) == env.mains_mv(12345)
    sags = sum(env._draw_sag(hour) is not None for hour in range(365 * 24))
    assert 30 < sags < 100
    begin_s, end_s, rest = next(filter(None, (env._draw_sag(hour) for hour in range(9999))))
    assert env.mains_mv((begin_s + end_s) / 2) == pytest.approx(220000 * rest, rel=0.04)


def test_air_is_warm_in_august_and_cold_in_january_and_differs_by_seed():
    env = Environment(seed=1)
    august = [env.ambient_cdeg((210 + day) * 86400 + 54000) for day in range(30)]
    january = [env.ambient_cdeg((10 + day) * 86400 + 18000) for day in range(30)]
    assert 2400 < sum(august) / 30 < 3400
    assert -500 < sum(january) / 30 < 500
    assert max(august) < 4500
    assert env.ambient_cdeg(1e6) != Environment(seed=2).ambient_cdeg(1e6)
    assert 0.1 <= min(env.cloud_factor(h * 3600) for h in range(999)) <= 1
