"""The people's side of Kerb: the `kerb` command and everything that runs on a computer, not on a board."""
