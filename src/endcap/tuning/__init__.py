"""Finding parameters: what is tried on which part of the past."""
