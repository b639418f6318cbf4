"""Product recommendations for e-commerce."""
