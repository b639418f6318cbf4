"""What became of the recommendations: who is credited with a purchase, and how each surface does."""
