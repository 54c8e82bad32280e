"""The log's seals and histories, as they are stored."""
