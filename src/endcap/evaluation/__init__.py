"""How good recommendations are: metrics, intervals, and models side by side."""
