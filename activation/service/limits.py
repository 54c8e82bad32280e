"""How often somebody may be wrong: failed credentials only, per login and per address (assurance.md).

A right credential is never limited and nothing locks for good. Should the database not answer, a wrong
credential is simply refused: the limit is not worth an outage.
"""

from hashlib import blake2b
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

from activation.storage.absence import DatabaseUnavailableError
from activation.storage.connection import Pool
from activation.storage.failures import Limit, count_failures
from activation.storage.lending import lend

PER_LOGIN: Final = Limit(burst=10, interval_s=60.0)
PER_ADDRESS: Final = Limit(burst=300, interval_s=0.1)


async def count_failure(pool: Pool, secret_key: bytes, account_id: int | None, address: str) -> float | None:
    """Count a failed credential; return None, or after one too many the seconds until the next may come.

    A token names no account (None): only its address counts.
    """
    keys = [(_key(secret_key, f"address {network_of(address)}"), PER_ADDRESS)]
    if account_id is not None:
        keys.append((_key(secret_key, f"login {account_id}"), PER_LOGIN))
    try:
        async with lend(pool) as connection:
            failures = await count_failures(connection, keys)
    except DatabaseUnavailableError:
        return None
    waits = [failure.retry_after_s for failure in failures.values() if failure.over]
    return max(waits) if waits else None


def network_of(address: str) -> str:
    """Return what counts as one address: itself for IPv4, its /48 for IPv6."""
    parsed = ip_address(address)
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ip_network(f"{address}/48", strict=False))
    return address


def _key(secret_key: bytes, name: str) -> bytes:
    return blake2b(name.encode(), digest_size=16, key=secret_key, person=b"failures").digest()
