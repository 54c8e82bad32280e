"""What people may ask of what is kept about them, on the command line."""

import click


@click.group()
def privacy() -> None:
    """What is kept about people, how long, and what they may ask of it (G1-G8)."""
