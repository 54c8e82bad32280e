"""Licences around the batch, as they are stored: found, revoked, overridden, imported."""
