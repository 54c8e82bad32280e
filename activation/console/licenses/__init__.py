"""Licences at the desk: found, read, reset, suspended, approved."""
