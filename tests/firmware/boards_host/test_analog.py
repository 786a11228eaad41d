import time

import world
from machine import ADC, PWM, Pin, time_pulse_us
from support.raised import raised


def test_pwm_duty_reads_back_as_the_slice_quantises_it():
    world.World()
    pwm = PWM(Pin(15), freq=1000, duty_u16=0)
    assert pwm.freq() == 1000
    for duty in (0, 1, 1000, 32768, 65535):
        pwm.duty_u16(duty)
        assert abs(pwm.duty_u16() - duty) <= 1
    # 125 MHz / 1 MHz: 125 steps, so a duty is within half a step of 524
    pwm.freq(1_000_000)
    pwm.duty_u16(1000)
    assert pwm.duty_u16() == 1049
    pwm.duty_u16(200)
    assert pwm.duty_u16() == 0


def test_pwm_full_duty_is_full_at_every_frequency():
    w = world.World()
    for freq in (8, 50, 1000, 19_531, 1_000_000):
        pwm = PWM(Pin(2), freq=freq, duty_u16=65535)
        assert pwm.duty_u16() == 65535
        assert w.level(2) == 1
        pwm.duty_u16(0)
        assert pwm.duty_u16() == 0
        assert w.level(2) == 0


def test_pwm_frequency_out_of_range_is_refused():
    world.World()
    pwm = PWM(Pin(2))
    for freq in (0, 7, 100_000_000):
        raised(ValueError, pwm.freq, freq)
    pwm.freq(8)
    raised(TypeError, pwm.duty_u16, 0.5)
    pwm.freq(1000)
    raised(ValueError, pwm.duty_ns, 1_000_000_000)


def test_neighbour_pins_share_their_frequency():
    w = world.World()
    a = PWM(Pin(4), freq=1000, duty_u16=32768)
    b = PWM(Pin(5), freq=50, duty_u16=16384)
    assert a.freq() == b.freq() == 50
    assert w.pwm(4) == (50, 32768)
    c = PWM(Pin(6), freq=2000, duty_u16=0)
    assert (a.freq(), c.freq()) == (50, 2000)


def test_a_pwm_without_frequency_puts_out_nothing():
    w = world.World()
    pwm = PWM(Pin(8))
    pwm.duty_u16(65535)
    assert w.level(8) == 0
    pwm.freq(100)
    assert w.level(8) == 1


def test_the_world_reads_pwm_as_frequency_and_duty_and_a_filter_as_voltage():
    w = world.World()
    assert w.pwm(15) is None
    pwm = PWM(Pin(15), freq=500, duty_u16=16384)
    assert w.pwm(15) == (500, 16384)
    assert w.average_mv(15) == 825
    adc = ADC(Pin(26))
    w.set_adc_mv(26, lambda: w.average_mv(15))
    assert adc.read_uv() // 1000 == 825
    pwm.duty_u16(65535)
    assert adc.read_u16() == 65535
    Pin(15, Pin.OUT, value=0)
    assert w.pwm(15) is None
    assert w.average_mv(15) == 0


def test_a_watcher_that_asks_for_it_sees_every_edge_of_a_pwm():
    w = world.World()
    edges = []
    w.watch(15, lambda level, us: edges.append((level, us)), pwm_edges=True)
    pwm = PWM(Pin(15), freq=1000, duty_u16=16384)
    time.sleep_us(2500)
    assert edges[:5] == [(1, 0), (0, 250), (1, 1000), (0, 1250), (1, 2000)]
    pwm.duty_u16(65535)
    time.sleep_ms(5)
    assert edges[5:] == [(0, 2250), (1, 2500)]


def test_changing_a_watched_pwm_leaves_no_events_behind():
    w = world.World()
    w.watch(15, lambda level, us: None, pwm_edges=True)
    pwm = PWM(Pin(15), freq=1000, duty_u16=0)
    for duty in range(1000, 60_000, 1000):
        pwm.duty_u16(duty)
    assert len([event for event in w.clock._events if event[2] is not None]) == 1


def test_a_watcher_that_does_not_ask_costs_nothing():
    w = world.World()
    edges = []
    w.watch(15, lambda level, us: edges.append(level))
    PWM(Pin(15), freq=1000, duty_u16=16384)
    time.sleep_ms(10)
    assert len(edges) <= 1


def test_a_pulse_of_a_pwm_can_be_measured_on_a_wired_pin():
    w = world.World()
    PWM(Pin(15), freq=1000, duty_u16=16384)
    w.connect(15, 16)
    time.sleep_us(500)
    assert time_pulse_us(Pin(16, Pin.IN), 1) == 250
    assert time_pulse_us(Pin(16), 0) == 750


def test_an_interrupt_counts_the_edges_of_a_pwm():
    w = world.World()
    count = [0]

    def edge(pin):
        count[0] += 1

    PWM(Pin(15), freq=100, duty_u16=32768)
    w.connect(15, 16)
    Pin(16, Pin.IN).irq(edge, Pin.IRQ_RISING)
    time.sleep_ms(1005)
    assert count[0] in (100, 101)


def test_deinit_stops_a_pwm_where_it_stands():
    w = world.World()
    pwm = PWM(Pin(15), freq=1000, duty_u16=32768)
    time.sleep_us(100)
    pwm.deinit()
    time.sleep_us(700)
    assert w.level(15) == 1
    pwm = PWM(Pin(15), freq=1000, duty_u16=32768)
    time.sleep_us(800)
    pwm.deinit()
    assert w.level(15) == 0


def test_inverted_pwm_is_low_for_its_duty():
    w = world.World()
    pwm = PWM(Pin(15), freq=1000, duty_u16=65535, invert=True)
    assert w.level(15) == 0
    pwm.duty_u16(0)
    assert w.level(15) == 1
    pwm.duty_u16(16384)
    assert w.average_mv(15) == 2474


def test_adc_values_have_twelve_bits():
    w = world.World()
    adc = ADC(Pin(26))
    seen = set()
    for mv in range(3301):
        w.set_adc_mv(26, mv)
        value = adc.read_u16()
        raw = value >> 4
        assert value & 15 == raw >> 8
        assert abs(raw * 3300 / 4095 - mv) <= 0.41
        seen.add(value)
    assert (min(seen), max(seen)) == (0, 65535)
    w.set_adc_mv(26, 9999)
    assert adc.read_u16() == 65535
    w.set_adc_mv(26, -5)
    assert adc.read_uv() == 0
