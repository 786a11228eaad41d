"""What concerns a city's lights as a whole: the `kerb light` command."""
