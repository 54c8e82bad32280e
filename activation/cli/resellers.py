"""Resellers, and companies with a distribution licence."""

import click


@click.group()
def resellers() -> None:
    """Resellers, and companies with a distribution licence."""
