"""The list of what is no longer believed: fetched when online, kept, and asked at every verification."""

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import msgspec

from activation.client.conversing import Server, ServerAwayError, ServerRefusedError
from activation.client.verifying import NotVerifiedError
from activation.messages.answers import RevocationsAnswer
from crypto.errors import CertificateError
from crypto.private_files import PRIVATE, replace_file
from crypto.revocations import Revocations, name_certificate, verify_revocations

FILE: Final = "revocations.json"
PATH: Final = "/v1/revocations"

_ANSWER: Final = msgspec.json.Decoder(RevocationsAnswer)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Known:
    """The list that is kept, verified again when it was read; empty before the first."""

    listed: Revocations = field(default_factory=lambda: Revocations("", 0, 0))
    etag: str = ""


class _KeptList(msgspec.Struct, frozen=True):
    revocations: str
    delegation: str
    etag: str


def load_known(folder: Path, roots: Sequence[bytes]) -> Known:
    """Return the kept list; one that does not verify is dropped with a warning. Its age does not matter."""
    path = folder / FILE
    try:
        kept = msgspec.json.decode(path.read_bytes(), type=_KeptList)
        listed = verify_revocations(kept.revocations, kept.delegation, roots, now=None)
    except OSError:
        return Known()
    except (msgspec.DecodeError, UnicodeDecodeError, CertificateError) as wrong:
        _log.warning("%s does not hold and is not used: %s", path, wrong)
        return Known()
    return Known(listed, kept.etag)


async def fetch_list(
    server: Server, folder: Path, roots: Sequence[bytes], known: Known, now: int
) -> Revocations | None:
    """Ask the server for its list and keep it; return it, or None where there is none newer than `known`.

    `now` is what the machine's own clock says, in seconds since 1970. Never raises for what the server or the
    network does: a list that does not verify is dropped with a warning, an older one than is kept never takes
    its place, unless it says that the key which signed the kept one leaked.
    """
    try:
        reply = await server.get(PATH, etag=known.etag)
    except (ServerAwayError, ServerRefusedError):
        return None
    if reply.status != 200:
        return None
    try:
        answer = _ANSWER.decode(reply.body)
        listed = verify_revocations(
            answer.revocations, answer.delegation, roots, now=now, leaked=known.listed.leaked
        )
    except (msgspec.DecodeError, UnicodeDecodeError, CertificateError) as wrong:
        _log.warning("The server's list of revocations does not hold and is not used: %s", wrong)
        return None
    if listed.issued_at < believed_at(known.listed, listed):
        return None
    _keep(folder, _KeptList(answer.revocations, answer.delegation, reply.etag))
    return listed


def believed_at(before: Revocations, fetched: Revocations) -> int:
    """Return when the list that was kept `before` was issued, 0 if its key leaked by what was `fetched`.

    Whoever has a leaked key can date a list ahead of all true ones, to keep them away.
    """
    return 0 if before.signer in fetched.leaked else before.issued_at


def refuse_revoked(certificate: str, listed: Revocations) -> None:
    """Raise NotVerifiedError for a certificate whose key leaked (`key_leaked`) or that is `revoked`."""
    kid, jti = name_certificate(certificate)
    if kid in listed.leaked:
        raise NotVerifiedError(
            "key_leaked",
            "The key that signed this machine's certificate has leaked, so the certificate is good no longer."
            " Activate again with your login and password.",
        )
    if jti in listed.certificates:
        raise NotVerifiedError(
            "revoked",
            "This machine's certificate was revoked: its licence ended or was replaced."
            " Ask whoever gave you the licence.",
        )


def _keep(folder: Path, kept: _KeptList) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        text = json.dumps(msgspec.structs.asdict(kept))
        replace_file(folder / FILE, text + "\n", PRIVATE)
    except OSError as wrong:
        _log.warning("The list of revocations cannot be kept: %s", type(wrong).__name__)
