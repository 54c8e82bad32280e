"""Pages of the vendor's own: the overview, products."""
