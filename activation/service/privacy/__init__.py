"""What people may ask of what is kept about them, and how long it is kept (G1-G8)."""
