"""What a shop keeps on disk: its events, its catalogue, its models."""
