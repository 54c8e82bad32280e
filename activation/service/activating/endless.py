"""Certificates without an end: each is written down, so that the list of revocations can name it (R2, L8).

They come by a file, or later online to a device that was activated by one; nothing else could call them back.
"""

from hashlib import blake2b

from activation.licensing.model import Activation
from activation.licensing.verdicts import Refused
from activation.service.certifying.certificates import Issued
from activation.service.desk import Desk
from activation.service.not_now import unavailable
from activation.storage.absence import DatabaseUnavailableError
from activation.storage.lending import lend
from activation.storage.licenses.offline_files import OfflineFile, note_offline_file
from crypto.revocations import name_certificate


async def record_endless(
    desk: Desk, account_id: int, activation: Activation, issued: Issued
) -> Refused | None:
    """Write a certificate without an end down before anybody gets it; others pass. Refused: not written."""
    if issued.validity.expires_at is not None:
        return None
    kid, jti = name_certificate(issued.certificate)
    name = blake2b(jti.encode(), digest_size=32, key=desk.secrets.offline, person=b"offline-online").digest()
    issued_at = issued.validity.issued_at
    one = OfflineFile(
        name,
        account_id,
        activation.license_id,
        activation.activation_id,
        None,
        issued_at,
        issued_at,
        None,
        kid,
        jti,
        desk.pepper_version,
        b"",
    )
    try:
        async with lend(desk.pool) as connection:
            await note_offline_file(connection, one)
    except DatabaseUnavailableError:
        return unavailable()
    return None
