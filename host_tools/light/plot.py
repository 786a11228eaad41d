"""The plot of a year of light: the nights with their levels, and the energy by month."""

import bisect
from datetime import date

_DAY_S = 86400
_COLUMN_S = 300  # of the picture's height, one pixel of the night
_INK = "#333333"
_DAY_COLOUR = "#d8ecf7"


def _cells(year):
    """Rows of levels in percent, NaN by day, for the picture: by local time from noon to noon.

    Each column is the night that begins on that date.
    """
    import numpy as np

    times = [second for second, _ in year.dimmed]
    full_times = [second for second, _ in year.full]
    days = (date(year.year + 1, 1, 1) - date(year.year, 1, 1)).days
    first_day = (date(year.year, 1, 1) - date(2000, 1, 1)).days
    cells = np.full((_DAY_S // _COLUMN_S, days), np.nan)
    for day in range(days):
        for row in range(_DAY_S // _COLUMN_S):
            local_s = _DAY_S // 2 + row * _COLUMN_S + _COLUMN_S // 2
            utc = year.plan.zone.to_utc(first_day + day + local_s // _DAY_S, local_s % _DAY_S)
            second = utc[0] * _DAY_S + utc[1]
            if not year.first_s <= second < year.last_s:
                continue
            level = year.dimmed[bisect.bisect(times, second) - 1][1]
            is_dark = year.full[bisect.bisect(full_times, second) - 1][1] > 0
            if level or is_dark:
                cells[row, day] = level / 10
    return cells


def draw(year, result, path):
    """Draw a savings.Year and its result() into a PNG file; OSError if it can't be written."""
    # Without pyplot: it would look for a window system, which no server has.
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 8), layout="constrained")
    night, energy = figure.subplots(2, 1, height_ratios=(3, 1))
    _draw_nights(figure, night, year, result)
    _draw_energy(energy, result)
    figure.savefig(path, format="png", dpi=120)


def _title(result):
    place = "{:.2f}° {}, {:.2f}° {}".format(
        abs(result["lat_deg"]),
        "N" if result["lat_deg"] >= 0 else "S",
        abs(result["lon_deg"]),
        "E" if result["lon_deg"] >= 0 else "W",
    )
    saved = result["saved_percent"]
    return "{} at {}: {:,.0f} h dark, {:.0f} of {:.0f} kWh{}".format(
        result["year"],
        place,
        result["sunset_to_sunrise_h"],
        result["dimmed_kwh"],
        result["full_kwh"],
        "" if saved is None else ", {:.1f} % saved".format(saved),
    )


def _month_starts(year):
    starts = [(date(year, month, 1) - date(year, 1, 1)).days for month in range(1, 13)]
    names = [date(year, month, 1).strftime("%b") for month in range(1, 13)]
    return starts, names


def _draw_nights(figure, axes, year, result):
    cells = _cells(year)
    image = axes.imshow(
        cells,
        aspect="auto",
        origin="lower",
        interpolation="nearest",
        extent=(0, cells.shape[1], 12, 36),
        cmap="inferno",
        vmin=0,
        vmax=100,
    )
    axes.set_facecolor(_DAY_COLOUR)  # cells without a level are not painted
    starts, names = _month_starts(result["year"])
    axes.set_xticks(starts, names)
    axes.set_yticks(range(12, 37, 3), ["{:02}:00".format(hour % 24) for hour in range(12, 37, 3)])
    axes.set_ylabel("local time")
    axes.set_title(_title(result), fontsize=11)
    axes.grid(color="white", alpha=0.3, linewidth=0.5)
    figure.colorbar(image, ax=axes, label="level, %", pad=0.01)


def _draw_energy(axes, result):
    months = result["months"]
    at = range(len(months))
    axes.bar(at, [month["full_kwh"] for month in months], color="#cfcfcf", label="full")
    axes.bar(at, [month["dimmed_kwh"] for month in months], color="#e0702d", label="dimmed")
    axes.set_xticks(list(at), [month["month"] for month in months])
    axes.set_ylabel("kWh a month")
    axes.set_title(
        "lamp of {:g} W; full is 100 % from sunset to sunrise".format(result["rated_w"]),
        fontsize=10,
        color=_INK,
    )
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.legend(frameon=False, ncols=2)
