"""Devices of whose key a copy showed (D6), for the licensor's staff."""

from typing import Any, Final

from activation.http.acting import ActRoute
from activation.http.calls import Call
from activation.http.guarding import refuse
from activation.licensing.identifiers import ACCOUNT, ACTIVATION, LICENSE, from_text, to_text
from activation.licensing.roles import Act
from activation.licensing.verdicts import Refusal, Refused
from activation.messages.answers import Told
from activation.messages.times import to_rfc3339
from activation.service.licenses.forks import ForkedDevice, ForkedPage, see_forks
from activation.service.working import Work

_BAD_AFTER: Final = "`after` is the activation that the page before ended with."


async def get_forks(work: Work, call: Call, _body: bytes) -> Told | Refused:
    """List the devices of whose key a copy showed, while they hold a licence: `?after=`."""
    after = call.query.get("after")
    last = 0 if after is None else from_text(ACTIVATION, after)
    if last is None:
        raise refuse(Refusal.MALFORMED, _BAD_AFTER, field="after")
    return tell_forks(await see_forks(work, last))


def tell_forks(page: ForkedPage) -> dict[str, Any]:
    """Tell a page; `next_after` is there when more may follow."""
    told: dict[str, Any] = {"forks": [_tell(row) for row in page.rows]}
    if page.next_after is not None:
        told["next_after"] = to_text(ACTIVATION, page.next_after)
    return told


def _tell(row: ForkedDevice) -> dict[str, Any]:
    return {
        "activation_id": to_text(ACTIVATION, row.activation_id),
        "license_id": to_text(LICENSE, row.license_id),
        "account_id": to_text(ACCOUNT, row.account_id),
        "login": row.login,
        "product": row.product,
        "name": row.name,
        "since": to_rfc3339(row.since),
        "proofs": row.proofs,
        "forked_at": to_rfc3339(row.forked_at),
        "told_at": to_rfc3339(row.told_at),
    }


ROUTES: Final = (ActRoute("GET", "/v1/staff/forks", Act.SEE_FORKS, get_forks),)
