"""Collect, check and prepare: from a file of events to interactions."""
