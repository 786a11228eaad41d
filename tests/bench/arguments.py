"""Types for the benches' argparse: what a count may be, said when it is none."""

import argparse


def positive(text):
    """Give a whole number from 1 on."""
    return _whole(text, 1)


def natural(text):
    """Give a whole number from 0 on."""
    return _whole(text, 0)


def _whole(text, least):
    try:
        value = int(text)
    except ValueError:
        value = least - 1
    if value < least:
        raise argparse.ArgumentTypeError(
            "found {!r}, allowed: a whole number from {} on".format(text, least)
        )
    return value
