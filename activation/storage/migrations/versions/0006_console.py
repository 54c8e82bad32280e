"""The console: sums for the overview, and what its pages search by.

Revision ID: 0006
Revises: 0005
"""

from activation.storage.migrations.running import run_sql_file

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add it."""
    run_sql_file("0006_console.sql")
