"""Guard: sessions, tokens, seals over the log, traces of refusals, what privacy asks for.

Revision ID: 0005
Revises: 0004
"""

from activation.storage.migrations.running import run_sql_file

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add it."""
    run_sql_file("0005_guard.sql")
