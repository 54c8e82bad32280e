"""Who somebody is: credentials, sessions, tokens, second factors; and the licensor's own people."""
