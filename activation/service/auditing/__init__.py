"""What can be proved of the log: who acted from where, seals over what happened, and checking both."""
