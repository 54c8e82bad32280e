"""Licences from an earlier system: `files` stores a file of `lines` in chunks and keeps their `logins`."""
