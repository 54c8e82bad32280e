"""People who sign in, as they are stored: staff, resellers' users, sessions, tokens, links."""
