"""Somebody plain in the simulated street, and a plain site for him."""

from host_tools.street.crossing_body import Body

SQUARE = {"exact": True, "upside_down": False, "open_": True, "glass": False, "width_m": 3.0}
# The radar at the street's origin, and it looks straight away from the road.
AHEAD = {**SQUARE, "radar_at": (0.0, 0.0, 0)}


def body(chance, walk=None, **more):
    """An adult who does not sway, of -5 dBsm."""
    made = Body(chance, "cross", walk, gait=0, **more)
    made.rcs_dbsm = -5
    return made
