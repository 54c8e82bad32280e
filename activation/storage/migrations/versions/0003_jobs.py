"""Scheduled work: the queue's own tables, in a schema of their own, and dead letters found fast.

Revision ID: 0003
Revises: 0002
"""

from activation.storage.migrations.running import run_sql_file

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add it."""
    run_sql_file("0003_jobs.sql")
