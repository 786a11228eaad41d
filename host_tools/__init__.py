"""The people's side of Kerb: the `kerb` command, and what runs on a computer and not on a board."""
