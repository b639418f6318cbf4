"""What is wrong with a shop's data, how to mend it, and what the data are good for."""
