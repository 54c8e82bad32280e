"""G1-G3 for the licensor's staff: erasing a person as previewed, the register, what retention did."""

from typing import Final

from activation.http.acting import ActRoute
from activation.http.calls import Call
from activation.http.naming import id_of
from activation.http.staff.telling_erasures import (
    tell_erased,
    tell_preview,
    tell_register,
    tell_runs,
    tell_terms,
)
from activation.licensing.identifiers import ACCOUNT
from activation.licensing.roles import Act
from activation.licensing.verdicts import Refused
from activation.messages.answers import Told
from activation.messages.erasures import ErasureRequest, parse_erasure
from activation.service.privacy.erasing import erase_account
from activation.service.privacy.previewing import see_erasure
from activation.service.privacy.register import see_register
from activation.service.privacy.retention import see_runs
from activation.service.working import Work


async def get_erasure(work: Work, call: Call, _body: bytes) -> Told | Refused:
    """Tell what erasing this account will end, and what is kept, why and until when (G3)."""
    preview = await see_erasure(work, id_of(ACCOUNT, call.path["account_id"]))
    return preview if isinstance(preview, Refused) else tell_preview(preview, product_codes(work))


async def post_erasure(work: Work, call: Call, body: bytes) -> Told | Refused:
    """Erase an account as it was previewed; `shown` says which preview that was (G3)."""
    done = await erase_account(work, id_of(ACCOUNT, call.path["account_id"]), parse_erasure(body))
    return done if isinstance(done, Refused) else tell_erased(done)


async def get_register(work: Work, _call: Call, _body: bytes) -> Told | Refused:
    """Tell what is kept about people, why, on what ground, how long and who sees it (G1)."""
    return tell_register(await see_register(work))


async def get_retention(work: Work, _call: Call, _body: bytes) -> Told | Refused:
    """Tell the rules of retention and what the last runs did (G2)."""
    return {"rules": tell_terms(work.desk.keeping), "runs": tell_runs(await see_runs(work))}


def product_codes(work: Work) -> dict[int, str]:
    """Return the products' codes by their numbers."""
    return {one.product_id: code for code, one in work.desk.catalogue.by_code.items()}


_ERASURE: Final = "/v1/staff/privacy/accounts/{account_id}/erasure"
ROUTES: Final = (
    ActRoute("GET", _ERASURE, Act.ERASE, get_erasure),
    ActRoute("POST", _ERASURE, Act.ERASE, post_erasure, takes=ErasureRequest),
    ActRoute("GET", "/v1/staff/privacy/register", Act.SEE_PRIVACY, get_register),
    ActRoute("GET", "/v1/staff/privacy/retention", Act.SEE_PRIVACY, get_retention),
)
