"""Direct customers: what they buy, have and give back (C1, C3, P10), and the shop that tells of it."""
