"""What became of the recommendations: who is credited with a purchase, how surfaces do, how experiments go."""
