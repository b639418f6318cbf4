"""One offline page about a shop's data, its models and what they recommend."""
