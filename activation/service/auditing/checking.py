"""Checking the log from a desk: the keys that it trusts, one state of the database, all seals."""

from collections.abc import Iterable, Sequence

from activation.service.auditing.checkpoints import read_checkpoints
from activation.service.auditing.findings import Findings
from activation.service.auditing.following import Trust
from activation.service.auditing.verifying import verify_log
from activation.service.desk import Desk
from activation.storage.lending import lend


async def check_log(desk: Desk, lines: Iterable[str] = (), roots: Sequence[bytes] = ()) -> Findings:
    """Derive all seals again and compare them with exported checkpoints, `lines` of JSON.

    `roots` are public keys (32 bytes) to believe instead of those in the key folder. Raises
    BadCheckpointError.
    """
    ring = desk.maker.ring
    leaked = frozenset(ring.delegations) - ring.known_kids
    address_keys = [keys.audit for keys in desk.peppers.known.values()]
    trust = Trust(roots or ring.roots, leaked, address_keys, desk.peppers.gaps)
    checkpoints = read_checkpoints(lines, trust.roots)
    async with (
        lend(desk.pool) as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        return await verify_log(connection, trust, checkpoints)
