from kerb.drivers.thermistor import Thermistor

# A 10 kOhm part of beta 3950, as its makers print it: degrees and kOhm.
TABLE = ((0, 32.74), (10, 19.9), (25, 10.0), (50, 3.588), (75, 1.489), (85, 1.085), (100, 0.699))


class Adc:
    top_mv = 3300

    def __init__(self, mv):
        self.mv = mv

    def read_mv(self):
        if self.mv is None:
            raise OSError(5)
        return self.mv


def divided(kohm):
    return round(3300 * kohm / (kohm + 10))


def test_the_temperature_is_that_of_the_makers_table():
    for degrees, kohm in TABLE:
        found = Thermistor(Adc(divided(kohm))).read_cdeg()
        assert abs(found - degrees * 100) <= 150, (degrees, found)
    assert abs(Thermistor(Adc(1650)).read_cdeg() - 2500) <= 1


def test_hotter_is_more_over_the_whole_range():
    last = 20000
    for mv in range(60, 3226, 5):
        found = Thermistor(Adc(mv)).read_cdeg()
        assert -4100 <= found < last, mv
        last = found


def test_a_wire_open_or_shorted_and_a_broken_adc_are_no_temperature():
    for mv in (None, 0, 20, 59, 3226, 3290, 3300):
        assert Thermistor(Adc(mv)).read_cdeg() is None


def test_an_adc_that_ends_below_the_supply_takes_no_open_wire_for_cold():
    adc = Adc(3095)
    adc.top_mv = 3100
    assert Thermistor(adc).read_cdeg() is None
    adc.mv = 2900
    assert Thermistor(adc).read_cdeg() < -1000
