"""Following the chain of seals: each is signed, says what its row says, and goes on where the last ended."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from activation.licensing.values import value
from activation.service.auditing.checkpoints import Checkpoint
from activation.service.auditing.findings import Findings
from activation.service.auditing.sealing import columns_of
from activation.storage.auditing.seals import SealRow
from crypto.errors import CertificateError
from crypto.seals import NOTHING_BEFORE, Seal, hash_seal, read_seal, verify_seal


@value
class Trust:
    """What seals are believed by: the roots' public keys, the keys that leaked, and those of addresses.

    `address_gaps` are the times (from, until, seconds since 1970) whose addresses' keys are gone for good.
    """

    roots: Sequence[bytes]
    leaked: frozenset[str] = frozenset()
    address_keys: Sequence[bytes] = ()
    address_gaps: Sequence[tuple[int, int]] = ()


@dataclass(slots=True)
class Chain:
    """How far the seals were followed."""

    trust: Trust
    findings: Findings
    checkpoints: dict[int, Checkpoint]
    number: int = 0
    until_xid: int = 0
    offset: int = 0
    database: str = ""
    before: bytes = NOTHING_BEFORE
    leaked: list[int] = field(default_factory=list)


def follow(chain: Chain, row: SealRow) -> Seal:
    """Check a seal by itself and behind the one before; return what it says, or its columns do."""
    findings = chain.findings
    findings.seals += 1
    seal = _read(chain, row)
    if _columns(row) != columns_of(seal):
        findings.add(row.number, "its row says another thing than what was signed")
    if row.number != chain.number + 1:
        missing = f"{chain.number + 1}" if row.number == chain.number + 2 else f"from {chain.number + 1}"
        findings.add(row.number, f"the seals before it are missing: {missing}")
    elif seal.before != chain.before:
        findings.add(row.number, "does not follow the seal before it")
    if seal.from_xid != chain.until_xid:
        findings.add(row.number, "does not begin where the seal before it ended")
    if seal.database != chain.database:
        if chain.database:
            findings.notes.append(f"With seal {row.number} another database was adopted.")
    elif seal.offset != chain.offset:
        findings.add(row.number, "counts transactions otherwise, though no database was adopted")
    _compare(chain, row)
    chain.number, chain.before = row.number, hash_seal(row.signed)
    chain.until_xid, chain.offset, chain.database = seal.until_xid, seal.offset, seal.database
    return seal


def _read(chain: Chain, row: SealRow) -> Seal:
    try:
        seal, kid = verify_seal(row.signed, row.delegation, chain.trust.roots)
    except CertificateError as error:
        chain.findings.add(row.number, f"its signature does not hold: {error}")
        return _unsigned(chain, row)
    if kid in chain.trust.leaked:
        chain.leaked.append(row.number)
    return seal


def _unsigned(chain: Chain, row: SealRow) -> Seal:
    try:
        return read_seal(row.signed)
    except CertificateError:
        return Seal(
            issuer="",
            issued_at=row.sealed_at,
            number=row.number,
            database=chain.database,
            offset=chain.offset,
            from_xid=row.from_xid,
            until_xid=row.until_xid,
            events=row.events,
            root=row.root,
            before=row.before,
        )


def _columns(row: SealRow) -> tuple[object, ...]:
    return row.number, row.from_xid, row.until_xid, row.events, row.root, row.before, row.sealed_at


def _compare(chain: Chain, row: SealRow) -> None:
    """Compare a seal with the checkpoint of its number, should there be one."""
    kept = chain.checkpoints.pop(row.number, None)
    if kept is None or kept.signed == row.signed:
        return
    same = kept.seal.root == row.root and kept.seal.events == row.events
    what = "was signed anew since" if same else "is another one than"
    chain.findings.add(row.number, f"{what} it was exported: history was written again")
