"""The first schema: products, accounts, holdings, licences, activations, events, staff.

Revision ID: 0001
Revises: nothing
"""

from activation.storage.migrations.running import run_sql_file

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create everything."""
    run_sql_file("0001_first.sql")
