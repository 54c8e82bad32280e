"""The business around a licence: resellers, orders, pools, test licences, subscriptions, approvals, mail.

Revision ID: 0002
Revises: 0001
"""

from activation.storage.migrations.running import run_sql_file

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add it."""
    run_sql_file("0002_business.sql")
