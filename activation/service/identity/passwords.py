"""Passwords of staff and resellers' users, as they are looked at: keyed first (fast), then hashed slowly."""

from activation.service.desk import Desk
from activation.service.identity.hashing import version_hashed
from activation.storage.identity.identities import Proofs
from crypto.passwords import hash_secret, same_digest, version_named
from crypto.pepper import each_of


async def is_password(desk: Desk, proofs: Proofs, person_id: int, password: str) -> bool:
    """Tell whether it is somebody's password; the same work for each. Raises CrowdedError.

    It may have been hashed under an older pepper (D5).
    """
    keyed = [hash_secret(key, str(person_id), password) for key in each_of(desk.secrets.passwords)]
    phc = proofs.password_phc
    version = version_hashed(phc) if phc is not None else 0
    shown = next((one for one in keyed if version_named(one) == version), keyed[0])
    is_slow = await desk.hashing.verify(phc, shown)
    is_fast = any(same_digest(proofs.password_hash, one) for one in keyed) and phc is None
    return is_slow or is_fast


def keyed_password(desk: Desk, person_id: int, password: str) -> bytes:
    """Return the keyed hash of a password of staff or a reseller's user: what is hashed slowly."""
    return hash_secret(desk.secrets.passwords, str(person_id), password)


def is_hashed_anew(proofs: Proofs, keyed: bytes) -> bool:
    """Tell whether what is stored is a slow hash under the pepper in use, under which `keyed` is."""
    phc = proofs.password_phc
    return phc is not None and version_hashed(phc) == version_named(keyed)
