"""What a shop's events look like, in figures."""
