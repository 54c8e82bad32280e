"""Subscriptions (S0-S5) and update plans: making, paying, ending, listing, and what must be done in time."""
