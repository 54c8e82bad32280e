"""What a connection is here: asyncpg's own or one lent by its pool. The only place that names the types."""

import asyncpg
from asyncpg.pool import PoolConnectionProxy

Connection = asyncpg.Connection | PoolConnectionProxy
Pool = asyncpg.Pool
Row = asyncpg.Record
