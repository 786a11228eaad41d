"""What `kerb parking` is made of: the state of a lot, and how to show it."""
