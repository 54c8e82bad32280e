"""D5: one request's device as digests, under the pepper in use and under those of before.

Digests made under two peppers cannot be compared. So while an older pepper is still about, the same parts are
digested again for an enrolment that stands under it.
"""

from collections.abc import Callable, Collection, Iterator
from typing import Final

from activation.licensing.devices.kinds import Presented

FIRST_PEPPER: Final = 1
"""Where a pepper was never rotated, all digests are under this version, and a plain mapping will do."""


class PepperUnknownError(Exception):
    """Digests stand under a pepper that this server has not read yet: it was rotated elsewhere just now."""


class Sighting(dict[str, tuple[bytes, ...]]):
    """A device's digests by kind under the pepper in use, and by `under` those of other versions.

    `digest_under` takes a pepper's version and the account's number, and returns the digests: none for a
    version that was retired, by which nothing is known any more. It raises PepperUnknownError for a version
    that comes later than all it knows, which are `versions`. `account_id` is known at last when the rules are
    asked.
    """

    __slots__ = ("_digest_under", "account_id", "pepper", "versions")

    def __init__(
        self,
        digests: Presented,
        pepper: int,
        versions: Collection[int],
        digest_under: Callable[[int, int], Presented],
        account_id: int | None = None,
    ) -> None:
        super().__init__(digests)
        self.pepper = pepper
        self.versions = versions
        self.account_id = account_id
        self._digest_under = digest_under

    def under(self, pepper: int) -> Presented:
        """Return the digests under this version. Raises PepperUnknownError."""
        if self.account_id is None:
            raise ValueError("whose device this is was not told")
        return self._digest_under(pepper, self.account_id)

    def under_all(self) -> Iterator[Presented]:
        """Walk over the digests under every version that is known."""
        return map(self.under, self.versions)


def under(presented: Presented, pepper: int) -> Presented:
    """Return a device's digests under a pepper's version. Raises PepperUnknownError."""
    if isinstance(presented, Sighting):
        return presented.under(pepper)
    if pepper != FIRST_PEPPER:  # digested where no other was known yet
        raise PepperUnknownError(f"version {pepper}")
    return presented


def pepper_of(presented: Presented) -> int:
    """Return the version that a device's digests are under."""
    return presented.pepper if isinstance(presented, Sighting) else FIRST_PEPPER
