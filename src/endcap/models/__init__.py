"""The recommenders, behind one interface."""
