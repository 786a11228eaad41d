import world
from kerb.hal import chip
from support.raised import raised


def test_the_reset_cause_has_a_word():
    for cause in ("power_on", "watchdog", "soft", "deep_sleep", "hard"):
        world.World(cause=cause)
        assert chip.reset_cause() == cause


class Pico:
    """The RP2040's machine: two causes only."""

    PWRON_RESET = 1
    WDT_RESET = 3
    cause = 1

    @classmethod
    def reset_cause(cls):
        return cls.cause


def test_a_port_that_tells_few_causes_apart_still_gives_words():
    real = chip.machine
    chip.machine = Pico
    try:
        for Pico.cause, word in ((1, "power_on"), (3, "watchdog"), (2, "unknown")):
            assert chip.reset_cause() == word
    finally:
        chip.machine = real


def test_reset_restarts_the_chip():
    world.World()
    assert raised(world.Reset, chip.reset).cause == "hard"


def test_the_number_of_the_chip_is_lower_case_hex():
    world.World(unique_id=b"\xe6\x61\xab\x01")
    assert chip.unique_id() == "e661ab01"
