"""The rules of resellers: pools, orders, affiliates, test licences, penalties, the end (P1-P10, T1-T6)."""
