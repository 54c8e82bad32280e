"""Rules about who gets in: passwords, sessions, staff."""
