"""A PostgreSQL server of our own, in a folder of our own, reachable through a Unix socket only.

`EmbeddedPostgres(folder).start()` makes the database when it is not there, finds a server that is already
running on it, and answers a DSN; `stop()` shuts it down. docs/adr/0004-embedded-postgresql.md says why it
is made this way.
"""

from activation.storage.embedded.binaries import find_binaries, postgres_version
from activation.storage.embedded.failure import EmbeddedPostgresError
from activation.storage.embedded.server import EmbeddedPostgres

__all__ = ["EmbeddedPostgres", "EmbeddedPostgresError", "find_binaries", "postgres_version"]
