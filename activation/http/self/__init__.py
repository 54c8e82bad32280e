"""What everybody who is signed in has: sessions, a second factor, tokens, a password."""
