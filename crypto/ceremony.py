"""Making keys: the roots, kept offline, and the signing keys that they delegate.

`create_roots` and `add_signing_key` run where the roots' files are; a running server reads only
the key folder and never needs them. Where the two are on different machines, `request_signing_keys` and
`install_delegations` are the key folder's side, `requesting.grant_request` the roots'.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

from crypto.delegations import Delegation, issue_delegation, verify_delegation
from crypto.key_folder import (
    LEAKED,
    ROTATED,
    read_delegations,
    read_retired,
    read_roots,
    read_signing_keys,
    write_delegation,
    write_retired,
    write_roots,
    write_signing_key,
)
from crypto.locking import read_public_half, save_root
from crypto.requesting import Span, write_request
from crypto.signing import Signer, SigningKey

DAY_S = 86_400
HEAD_START_S = 2 * 3600
"""How much before now a delegation begins: `iat` is cut to the hour, and clocks differ."""

ROOT_FILES = ("root-current.key", "root-next.key")
ROOTS_FILE = "roots.json"
"""The roots' public halves: beside the private ones, to be carried, and in every key folder."""


class CeremonyError(ValueError):
    """What was asked of the keys cannot be; the text says why."""


def create_roots(folder: Path, passphrase: str | None = None) -> tuple[bytes, bytes]:
    """Make the current and the next root in `folder`, files of mode 0600, and return their public keys.

    They are written under the passphrase; None is for tests and demonstrations. Beside them goes a file of
    their public halves. Raises FileExistsError, with nothing overwritten: a lost root is the end of all its
    clients; PassphraseError for a short passphrase.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    current, following = SigningKey.generate(), SigningKey.generate()
    for key, name in zip((current, following), ROOT_FILES, strict=True):
        save_root(key, folder / name, passphrase)
    name_roots(folder)
    return current.public_key, following.public_key


def name_roots(folder: Path) -> None:
    """Write the public halves of the roots in `folder` beside them, once there is a current one."""
    paths = [folder / name for name in ROOT_FILES]
    if paths[0].exists():
        write_roots(folder, [read_public_half(path) for path in paths if path.exists()])


def write_key_folder(keys_folder: Path, roots: Sequence[bytes]) -> None:
    """Make a server's key folder for these roots (public keys: current, next), or name the roots anew."""
    for name in ("delegations", "signing"):
        (keys_folder / name).mkdir(mode=0o700, parents=True, exist_ok=True)
    write_roots(keys_folder, roots)


def add_signing_key(
    keys_folder: Path, root_key: Signer, now: int, days: int, max_ttl_s: int, offline: bool
) -> Delegation:
    """Make a signing key, delegate it from two hours before `now` to `days` after, and write both files.

    `max_ttl_s` bounds the life of its certificates; `offline` lets them live for ever. Raises CeremonyError
    for a root that the key folder does not name: no client would follow it.
    """
    return add_spans(
        keys_folder, root_key, [Span(now - HEAD_START_S, now + days * DAY_S, offline)], max_ttl_s
    )[0]


def add_spans(keys_folder: Path, root_key: Signer, spans: Iterable[Span], max_ttl_s: int) -> list[Delegation]:
    """Make a signing key for each span, delegate it, and write both files; raises CeremonyError as above."""
    if root_key.public_key not in read_roots(keys_folder):
        raise CeremonyError("the key folder's roots.json does not name this root")
    return [_add_span(keys_folder, root_key, span, max_ttl_s) for span in spans]


def request_signing_keys(keys_folder: Path, spans: Iterable[Span]) -> list[str]:
    """Make a signing key for each span in the key folder, where it stays, and return the requests."""
    requests = []
    for span in spans:
        key = make_signing_key()
        write_signing_key(keys_folder, key)
        requests.append(write_request(key, span))
    return requests


def request_for(keys_folder: Path, kid: str, span: Span) -> str:
    """Return the request for a key that came from elsewhere and waits in the folder; raises CeremonyError."""
    keys = read_signing_keys(keys_folder)
    if kid not in keys or (keys_folder / "delegations" / f"{kid}.jws").exists():
        raise CeremonyError(f"key {kid} is not here, or is delegated already")
    return write_request(keys[kid], span)


def install_delegations(keys_folder: Path, tokens: Sequence[str]) -> list[Delegation]:
    """Check delegations that came back, all of them, then write those that are new; return them all.

    Raises CertificateError for one that none of our roots has signed, CeremonyError for one whose key is not
    here: it would sign nothing.
    """
    roots, keys = read_roots(keys_folder), read_signing_keys(keys_folder)
    delegations = [verify_delegation(token, roots) for token in tokens]
    for delegation in delegations:
        if delegation.kid not in keys:
            raise CeremonyError(f"key {delegation.kid} is not here: this server did not ask for it")
    known = read_delegations(keys_folder, roots)
    for delegation in delegations:
        if delegation.kid not in known:
            write_delegation(keys_folder, delegation)
        elif known[delegation.kid] != delegation:
            raise CeremonyError(f"key {delegation.kid} has another delegation already")
    return delegations


def make_signing_key() -> SigningKey:
    """Return a new key whose kid does not begin with a hyphen: people name it on a command line."""
    while (key := SigningKey.generate()).kid.startswith("-"):
        pass
    return key


def retire_signing_key(keys_folder: Path, kid: str, reason: str) -> None:
    """Record that a key signs no more ("rotated") or is no longer believed ("leaked").

    Raises CeremonyError for another reason, a key without a delegation here, or one that is leaked already.
    """
    if reason not in (LEAKED, ROTATED):
        raise CeremonyError(f"a reason is {LEAKED} or {ROTATED}")
    if not (keys_folder / "delegations" / f"{kid}.jws").exists():
        raise CeremonyError(f"no delegation of key {kid} here")
    retired = read_retired(keys_folder)
    if retired.get(kid) == LEAKED:
        raise CeremonyError(f"key {kid} is retired as leaked, which is final")
    write_retired(keys_folder, retired | {kid: reason})


def _add_span(keys_folder: Path, root_key: Signer, span: Span, max_ttl_s: int) -> Delegation:
    key = make_signing_key()
    delegation = issue_delegation(
        root_key, key.public_key, span.not_before, span.expires_at, max_ttl_s, span.offline
    )
    # In this order, a server that reads the folder in between sees a key that it may not use yet.
    write_signing_key(keys_folder, key)
    write_delegation(keys_folder, delegation)
    return delegation
