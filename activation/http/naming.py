"""What a call names: an id, the reseller it is about, a page of a list.

A text that is no id is nobody's: it reads as 0, and what is asked for is not found.
"""

from typing import Final

from activation.http.calls import Call
from activation.http.guarding import refuse
from activation.licensing.identifiers import RESELLER, from_text
from activation.licensing.verdicts import Refusal
from activation.service.working import Work

PAGE: Final = 100
MOST: Final = 1000


def id_of(prefix: str, text: str) -> int:
    """Return the id in `text`; 0, which is nobody's, when it is none."""
    return from_text(prefix, text) or 0


def reseller_of(call: Call) -> int:
    """Return the reseller that the path names."""
    return id_of(RESELLER, call.path["reseller_id"])


def own_id(work: Work) -> int:
    """Return the reseller whose user acts."""
    return work.person.reseller_id or 0


def page_of(call: Call, prefix: str) -> tuple[int, int]:
    """Return after which id a page begins, and how many it holds: `?after=` and `?limit=` (1-1000)."""
    limit = call.query.get("limit", str(PAGE))
    if not (limit.isascii() and limit.isdigit() and len(limit) <= 4 and 0 < int(limit) <= MOST):
        raise refuse(Refusal.MALFORMED, f"A page holds 1 to {MOST}.", field="limit")
    after = call.query.get("after", "")
    number = from_text(prefix, after) if after else 0
    if number is None:
        raise refuse(Refusal.MALFORMED, "This is not an id of this list.", field="after")
    return number, int(limit)
