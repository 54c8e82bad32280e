"""Checkpoints: seals as they are handed out, to be kept where nobody who changes the database can reach."""

from collections.abc import Iterable, Sequence
from typing import Final

from activation.licensing.values import value
from activation.service.working import Work
from activation.storage.auditing.seals import SealRow, list_seals
from crypto import strict_json
from crypto.errors import CertificateError
from crypto.seals import Seal, verify_seal

__all__ = ["PAGE", "BadCheckpointError", "Checkpoint", "SealRow", "list_checkpoints", "read_checkpoints"]
PAGE: Final = 1000


@value
class Checkpoint:
    """A seal that was exported: what it says, and the token itself."""

    seal: Seal
    signed: str


class BadCheckpointError(ValueError):
    """A line that is no checkpoint of ours; the text names the line."""


async def list_checkpoints(work: Work, after: int, limit: int = PAGE) -> Sequence[SealRow]:
    """Return the seals with numbers above `after`, at most `limit`."""
    return await list_seals(work.connection, after, limit)


def read_checkpoints(lines: Iterable[str], roots: Sequence[bytes]) -> dict[int, Checkpoint]:
    """Return exported checkpoints by their number.

    Raises BadCheckpointError for a line that is none, that none of `roots` vouches for, or that contradicts
    another one of the same number.
    """
    read: dict[int, Checkpoint] = {}
    for n, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        checkpoint = _read_line(n, line, roots)
        number = checkpoint.seal.number
        if read.setdefault(number, checkpoint).signed != checkpoint.signed:
            raise BadCheckpointError(f"line {n}: another seal {number} stands above")
    return read


def _read_line(n: int, line: str, roots: Sequence[bytes]) -> Checkpoint:
    try:
        told = strict_json.loads(line.encode())
    except ValueError as error:
        raise BadCheckpointError(f"line {n} is no checkpoint: {error}") from None
    signed, delegation = (
        (told.get("seal"), told.get("delegation")) if isinstance(told, dict) else (None, None)
    )
    if not isinstance(signed, str) or not isinstance(delegation, str):
        raise BadCheckpointError(f"line {n} is no checkpoint: it has a seal and a delegation")
    try:
        return Checkpoint(verify_seal(signed, delegation, roots)[0], signed)
    except CertificateError as error:
        raise BadCheckpointError(f"line {n} is no checkpoint of ours: {error}") from None
