"""D5: a device's digests under every version of the pepper that its enrolment may stand under.

Made when they are asked for, for most devices are known under the version in use.
"""

from collections.abc import Mapping, Sequence

from activation.licensing.devices.kinds import Presented
from activation.licensing.devices.sightings import PepperUnknownError, Sighting
from activation.service.desk import Desk
from crypto.digests import account_salt, component_digests

Parts = Sequence[tuple[str, Sequence[str]]]


class _Digester:
    """Digests one device's parts; `salt` and `digests` are what was made of them already."""

    def __init__(self, desk: Desk, parts: Parts, salt: bytes, digests: Presented) -> None:
        self._desk = desk
        self._parts = parts
        self._salt = salt
        self._digests = digests
        self._made: dict[int, Presented] = {}

    def under(self, pepper: int, account_id: int) -> Presented:
        """Return the digests under a version, none for a retired one. Raises PepperUnknownError."""
        made = self._made.get(pepper)
        if made is None:
            made = self._made[pepper] = self._digest(pepper, account_id)
        return made

    def _digest(self, pepper: int, account_id: int) -> Presented:
        peppers = self._desk.peppers
        keys = peppers.known.get(pepper)
        if keys is None:
            if pepper > peppers.newest:
                raise PepperUnknownError(f"version {pepper}")
            return {}
        salt = account_salt(keys.devices, account_id)
        return self._digests if salt == self._salt else component_digests(salt, self._parts)


def under_all(
    desk: Desk, parts: Parts, salt: bytes, digests: Presented, account_id: int | None = None
) -> Presented:
    """Return a device's digests so that they can be had under other versions too.

    `digests` were made under `salt`. Where the pepper was never rotated they are all there is. `account_id`
    is not known where a certificate alone names the licence.
    """
    peppers = desk.peppers
    if not peppers.rotated:
        return digests
    under = _Digester(desk, parts, salt, digests).under
    return Sighting(digests, peppers.version, tuple(peppers.known), under, account_id)


def tell_account(device: Mapping[str, tuple[bytes, ...]], account_id: int) -> None:
    """Say whose device it is, once that is known."""
    if isinstance(device, Sighting):
        device.account_id = account_id
