"""What people ask for of their own data, and staff on it (G3-G8)."""
