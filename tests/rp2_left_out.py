"""What the emulated RP2040 leaves out of the tests that it could run, and why."""

_SLOW = "minutes on the chip, and nothing in it depends on the port"
_MEMORY = "needs more memory than there is, itself"
_NO_TIME = "counts on instructions that take no time"

# {file: {test, None for all: reason}}
LEFT_OUT = {
    "test_calendar": {"test_every_day_from_1999_to_2401_follows_the_one_before": _SLOW},
    "test_crosswalk": {
        "test_two_poles_that_begin_by_themselves_get_into_one_step_and_end_together": _SLOW,
        "test_nothing_is_different_when_the_ticks_begin_anew": _SLOW,
    },
    "test_health": {None: _SLOW},
    "test_light": {
        "test_lamp_without_clock_dims_by_virtual_midnight_once_it_has_seen_three_nights": _SLOW,
        "test_a_year_in_busan_burns_4312_hours_and_the_schedule_saves_38_percent": _SLOW,
    },
    "test_light_order": {
        "test_in_whatever_order_commands_arrive_the_night_is_the_same_also_over_reboots": _SLOW,
    },
    "test_ld2450": {
        "test_no_lost_answer_and_no_lost_command_leaves_the_part_in_its_configuration": _SLOW,
    },
    "test_midnight": {
        "test_through_a_year_it_is_right_to_minutes_and_flash_is_written_seldom": _SLOW,
    },
    "test_energy": {"test_an_estimated_year_adds_up_to_the_watt_hour": _SLOW},
    "test_ops243": {
        "test_an_empty_road_for_an_hour_is_no_fault_with_or_without_zeros": _SLOW,
    },
    "test_override": {
        "test_what_is_kept_costs_164_writes_a_day_at_most_however_it_is_commanded": _SLOW,
        "test_commands_end_the_same_in_whatever_order_and_however_often_they_arrive": _SLOW,
    },
    "test_pair": {
        "test_however_late_a_message_comes_the_rounds_are_the_same_to_some_ms": _SLOW,
    },
    "test_pair_rounds": {None: _SLOW},
    "test_parking": {
        "test_the_ground_is_followed_through_snow_and_never_learned_from_a_car": _SLOW,
        "test_a_ground_that_sinks_slowly_is_followed_too": _SLOW,
    },
    "test_power": {None: _SLOW},  # tests/emulated/test_sleep.py has the chip's own sleep
    "test_presence": {
        "test_the_lamp_rises_no_more_often_than_allowed_in_any_hour_and_for_everybody": _MEMORY,
    },
    "test_radar_fuzz": {None: _SLOW},
    "test_store": {
        # littlefs removes an empty folder as it does a file, so that this slot heals.
        "test_a_folder_in_the_place_of_a_slot_costs_that_slot_and_no_exception": "POSIX's way",
    },
    "test_supervisor": {
        "test_the_watchdog_is_fed_every_second_while_all_tasks_check_in": _SLOW,
    },
    "test_supervisor_boots": {
        "test_an_hour_of_health_is_stored_once_and_a_minute_makes_it": _SLOW
    },
    "test_supervisor_stop": {"test_a_supervisor_that_never_ran_can_be_stopped": _NO_TIME},
    "test_supervisor_watchdog": {
        "test_tasks_that_another_one_has_held_up_are_not_late": _NO_TIME,
    },
    "test_timesync": {
        "test_answers_that_are_wrong_each_in_another_way_do_not_move_a_trusted_clock": _SLOW,
        "test_one_wrong_answer_among_right_ones_does_not_move_a_trusted_clock": _SLOW,
        "test_clock_is_set_once_the_network_is_up_and_then_every_interval": _SLOW,
    },
    "test_uplink": {None: _NO_TIME},
    "test_uplink_commands": {None: _NO_TIME},
}
