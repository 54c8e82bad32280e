"""G3: end users close their own account: shown first what that ends, then erased as it was shown.

An account that is closed is of no use to anybody, so what is known of its person goes with it.
"""

from activation.licensing.verdicts import Refused
from activation.service.privacy.erasing import Erased, erase_account
from activation.service.privacy.previewing import ErasurePreview, see_erasure
from activation.service.working import Work

__all__ = ["ErasurePreview", "close_mine", "see_closing"]


async def see_closing(work: Work) -> ErasurePreview | Refused:
    """Show what closing the account of the end user who is signed in would end, and what stays."""
    return await see_erasure(work, work.person.person_id)


async def close_mine(work: Work, shown: str) -> Erased | Refused:
    """Close the account of the end user who is signed in; `shown` is the digest of what was shown."""
    return await erase_account(work, work.person.person_id, shown)
