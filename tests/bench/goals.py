"""What a bench was to reach, and whether it did."""

import math


def judge(goals, found, decimals):
    """Print each of goals [(what, goal, "at least" or "at most")] with what was found, NaN where
    there was nothing to judge; gives whether all were met: what was not judged was not.
    """
    good = True
    print()
    for (what, goal, sense), value in zip(goals, found, strict=True):
        met = value >= goal if sense == "at least" else value <= goal
        words = "met" if met else "NOT MET"
        if math.isnan(value):
            words = "not judged"
        good = good and met
        print("{:54} {:>9.{}f}  {} {}: {}".format(what, value, decimals, sense, goal, words))
    return good
