"""Trust: proofs by device keys, and offline activations.

Revision ID: 0004
Revises: 0003
"""

from activation.storage.migrations.running import run_sql_file

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add it."""
    run_sql_file("0004_trust.sql")
