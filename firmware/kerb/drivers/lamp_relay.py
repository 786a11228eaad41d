"""A lamp that a relay switches, and that nobody dims."""


class RelayLamp:
    """Full light or none; `relay` is a hal Output whose active state cuts the lamp off.

    The lamp hangs on the contact that is closed while the coil is dead, so that a board without
    power, or before its firmware runs, leaves it lit.

    permille: the output that was set last, 0 or 1000; None before the first.
    """

    def __init__(self, relay):
        self._relay = relay
        self.permille = None

    def set_permille(self, level_permille):
        """Any light (above 0 of 1000) is full light."""
        permille = 1000 if level_permille > 0 else 0
        if permille != self.permille:
            self.permille = permille
            self._relay.set(not permille)

    def safe(self):
        """Full light."""
        self.set_permille(1000)
