import board
import world


def test_the_virtual_board_makes_no_part_at_import_and_each_when_asked():
    w = world.World()
    heard = []
    w.observe(lambda *what: heard.append(what))
    assert board.NAME == "host"
    assert heard == []
    board.lamp_pwm().duty_u16(65535)
    assert w.level(15) == 1
    w.set_adc_mv(26, 1234)
    assert abs(board.light_sensor().read_mv() - 1234) <= 1
    board.status_led().on()
    assert w.level(25) == 1
    assert not board.station().connected()


def test_its_watchdog_time_is_one_that_every_board_can_do():
    assert 1000 < board.WATCHDOG_MS <= 8388


def test_its_motion_sensor_says_nobody_while_nothing_is_connected():
    w = world.World()
    sensor = board.presence_input()
    assert not sensor.get()
    w.drive(18, 1)
    assert sensor.get()
    assert not w.floating_reads
