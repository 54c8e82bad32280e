"""The process that does scheduled work: one for each server, under the supervisor."""
