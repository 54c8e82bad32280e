"""What those who look after the whole see: refusals, the log, and the licensor's own people."""
