"""The only door to `machine` and `network`: the few things the firmware needs of a board."""
