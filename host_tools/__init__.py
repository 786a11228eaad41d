"""The people's side of Kerb: the `kerb` command, and what runs on a computer not on a board."""
