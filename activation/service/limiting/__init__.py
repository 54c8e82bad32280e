"""How often somebody may: the limiter all workers share, its limits, and notices of them."""
