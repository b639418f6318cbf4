"""Which products may be shown: conditions on the catalogue's columns, as a shop's people write them."""
