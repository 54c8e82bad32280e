"""Traces of refusals: kept beside the requests, shown to staff as far as their role may see."""
