"""What concerns a crosswalk's beacon at work: the `kerb crosswalk` command."""
