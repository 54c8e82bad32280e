"""The vendor's overview: sums kept as things happen, and what they come to."""
