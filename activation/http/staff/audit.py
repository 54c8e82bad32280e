"""The log for those who oversee: a licence's or a person's history, and the seals over all of it."""

from typing import Any, Final

from activation.http.acting import ActRoute
from activation.http.calls import Call
from activation.http.guarding import refuse
from activation.http.staff.telling_audit import read_position, tell_log, tell_seal
from activation.licensing.roles import Act
from activation.licensing.verdicts import Refusal, Refused
from activation.messages.answers import Told
from activation.service.auditing.checkpoints import list_checkpoints
from activation.service.auditing.histories import NEWEST, see_log
from activation.service.working import Work

SEALS: Final = 1000
MAX_NAME: Final = 254
_BAD_BEFORE: Final = "`before` is the `next_before` of another page."
_BAD_AFTER: Final = "`after` is the number of a seal."


async def get_log(work: Work, call: Call, _body: bytes) -> Told | Refused:
    """Tell what happened to a licence, an account with its licences, or a person, the newest first.

    `?looks=0` leaves out who looked at them.
    """
    before = call.query.get("before")
    position = NEWEST if before is None else read_position(before)
    if position is None:
        raise refuse(Refusal.MALFORMED, _BAD_BEFORE, field="before")
    name = call.path["id"]
    if len(name) > MAX_NAME or "\x00" in name:
        raise refuse(Refusal.MALFORMED, f"A name has at most {MAX_NAME} characters.", field="id")
    page = await see_log(work, name, position, with_looks=call.query.get("looks") != "0")
    return page if isinstance(page, Refused) else tell_log(page)


async def get_seals(work: Work, call: Call, _body: bytes) -> Told | Refused:
    """List the seals over the log by number, to be kept elsewhere: `?after=`."""
    after = call.query.get("after", "0")
    if not (after.isascii() and after.isdigit() and len(after) <= 15):
        raise refuse(Refusal.MALFORMED, _BAD_AFTER, field="after")
    rows = [tell_seal(row) for row in await list_checkpoints(work, int(after), SEALS)]
    told: dict[str, Any] = {"seals": rows}
    return {**told, "next_after": rows[-1]["number"]} if len(rows) == SEALS else told


ROUTES: Final = (
    ActRoute("GET", "/v1/staff/audit/seals", Act.SEE_AUDIT, get_seals),
    ActRoute("GET", "/v1/staff/audit/{id}", Act.SEE_AUDIT, get_log),
)
