"""Resellers and companies with a pool, from signing up to the end of their agreement (P1-P10, C2)."""
