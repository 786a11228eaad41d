"""Draws a crossing from above in characters: the road on top, the pavement below the kerb line.

A person who stands on the pavement and faces the road sees it as it is drawn: what is at their
right hand is on the right. Each cell is a character and a Rich style; without colours the
characters alone tell as much.
"""

import math

from host_tools.crosswalk import words
from host_tools.crosswalk.plan import HALF_ANGLE_DEG

_STRIPE_MM = 500  # a zebra's stripes are about half a metre wide
_TALL = 2  # a character cell is about twice as high as wide
_LEAST_COLUMNS, _LEAST_ROWS = 16, 6
_RAY_STEPS = 120
_STYLES = {
    "road": "white on grey15",
    "stripe": "grey62 on grey15",
    "kerb": "bold white",
    "waiting": "blue",
    "view": "grey35",
    "radar": "bold cyan",
    "lit": "bold yellow",
    "unlit": "grey50",
    "true": "grey62",
}


class Map:
    """The drawing of a Plan in `columns` by `rows` cells, to the largest scale that fits."""

    def __init__(self, plan, columns, rows):
        self.columns, self.rows = max(columns, _LEAST_COLUMNS), max(rows, _LEAST_ROWS)
        self._plan = plan
        left, top, right, bottom = plan.bounds()
        # One row is the kerb's own.
        tall = _TALL * (self.rows - 1)
        self.mm_a_column = math.ceil(max((right - left) / self.columns, (bottom - top) / tall))
        self.mm_a_row = self.mm_a_column * _TALL
        self._left_mm = (left + right) // 2 - self.mm_a_column * self.columns // 2
        self._stripe_columns = max(1, round(_STRIPE_MM / self.mm_a_column))
        self._kerb_row = max(1, min(round(-top / self.mm_a_row), self.rows - 2))
        self._ground = [
            [self._ground_at(column, row) for column in range(self.columns)]
            for row in range(self.rows)
        ]
        self._draw_view()

    def cell(self, x_mm, y_mm):
        """Give (column, row) of a place, None where it is off the map."""
        column = math.floor((x_mm - self._left_mm) / self.mm_a_column)
        # The kerb line is between road and pavement, and has a row.
        row = self._kerb_row + math.floor(y_mm / self.mm_a_row) + (y_mm >= 0)
        if 0 <= column < self.columns and 0 <= row < self.rows:
            return column, row
        return None

    def draw(self, tracks=(), trails=None, lit=(False, False), truth=()):
        """Give the rows of cells. `trails` {id: [(x_mm, y_mm), ..]}, `lit` the beacon's left and
        right lamp, `truth` places (mm) where a simulated street really has somebody.
        """
        cells = [list(row) for row in self._ground]
        self._draw_pole(cells, lit)
        for x_mm, y_mm in truth:
            self._put(cells, x_mm, y_mm, "○", _STYLES["true"])
        for track in tracks:
            style = words.style(track.thought)
            for x_mm, y_mm in (trails or {}).get(track.id, ()):
                self._put(cells, x_mm, y_mm, "·", style)
        # Who matters most is drawn last: nothing may hide them.
        for track in sorted(tracks, key=lambda track: words.weight(track.thought)):
            self._draw_track(cells, track)
        return cells

    def _middle(self, column, row):
        x_mm = self._left_mm + (column + 0.5) * self.mm_a_column
        from_kerb = row - self._kerb_row - (row > self._kerb_row)
        return x_mm, (from_kerb + 0.5) * self.mm_a_row

    def _ground_at(self, column, row):
        x_mm, y_mm = self._middle(column, row)
        within = abs(x_mm) <= self._plan.width_mm / 2
        if row == self._kerb_row:
            return ("═" if within else "─"), _STYLES["kerb"]
        if row < self._kerb_row:
            if within and column // self._stripe_columns % 2:
                return "▒", _STYLES["stripe"]
            return " ", _STYLES["road"]
        if within and y_mm <= self._plan.waiting_depth_mm:
            return "░", _STYLES["waiting"]
        return " ", ""

    def _draw_view(self):
        """The border of what the radar sees: two rays and an arc, over bare pavement."""
        plan = self._plan
        if not plan.has_radar:
            return
        for step in range(_RAY_STEPS + 1):
            share = step / _RAY_STEPS
            border = [plan.edge_mm(HALF_ANGLE_DEG * (2 * share - 1))]
            for off_deg in (-HALF_ANGLE_DEG, HALF_ANGLE_DEG):
                x_mm, y_mm = plan.edge_mm(off_deg)
                border.append(
                    (
                        plan.radar_x_mm + share * (x_mm - plan.radar_x_mm),
                        plan.radar_y_mm + share * (y_mm - plan.radar_y_mm),
                    )
                )
            for place in border:
                found = self.cell(*place)
                if (
                    found
                    and found[1] > self._kerb_row
                    and self._ground[found[1]][found[0]][0] == " "
                ):
                    self._ground[found[1]][found[0]] = ("∙", _STYLES["view"])

    def _draw_pole(self, cells, lit):
        """The pole stands where the radar is: two lamps, and between them R."""
        found = self.cell(self._plan.radar_x_mm, self._plan.radar_y_mm)
        if not found:
            return
        column, row = found
        if self._plan.has_radar:
            cells[row][column] = ("R", _STYLES["radar"])
        for beside, is_lit in ((-1, lit[0]), (1, lit[1])):
            if 0 <= column + beside < self.columns:
                lamp = ("●", _STYLES["lit"]) if is_lit else ("◌", _STYLES["unlit"])
                cells[row][column + beside] = lamp

    def _draw_track(self, cells, track):
        found = self.cell(track.x_mm, track.y_mm)
        if not found:
            return
        column, row = found
        style = words.style(track.thought) + " reverse"
        cells[row][column] = (words.letter(track.id), style)
        if column + 1 < self.columns:
            cells[row][column + 1] = (words.arrow(track), style)

    def _put(self, cells, x_mm, y_mm, character, style):
        found = self.cell(x_mm, y_mm)
        if found:
            ground = cells[found[1]][found[0]][1]
            on = ground[ground.index(" on ") :] if " on " in ground else ""
            cells[found[1]][found[0]] = (character, style + on)


def plain(cells):
    """Give the rows as lines of text."""
    return ["".join(character for character, _ in row).rstrip() for row in cells]


def markup(cells):
    """Give the rows as one Rich Text."""
    from rich.text import Text

    text = Text(no_wrap=True)
    for number, row in enumerate(cells):
        if number:
            text.append("\n")
        run, style = "", None
        for character, its_style in row:
            if its_style != style:
                text.append(run, style)
                run, style = "", its_style
            run += character
        text.append(run, style)
    return text
