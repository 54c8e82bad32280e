"""The server under load, seen from outside."""
