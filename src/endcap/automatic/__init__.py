"""The automatic choice: from a shop's events to the model that suits them, with the reasons."""
