"""Pages about oneself: sessions, password, second factor."""
