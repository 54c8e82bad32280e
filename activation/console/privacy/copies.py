"""A copy of all that is known of a person, as one file to keep (G3)."""

from typing import Final

import msgspec
from msgspec import UNSET

from activation.http.calls import Reply
from activation.http.privacy.telling_person import tell_person
from activation.licensing.identifiers import ACCOUNT, to_text
from activation.licensing.verdicts import Refused
from activation.messages.person_data import PersonData
from activation.service.privacy.exporting import export_person
from activation.service.working import Work

MOST_PAGES: Final = 10
"""Pages of a thousand licences in one file; whoever has more goes on with the API where `next_after` says."""


async def copy_of(work: Work, account_id: int) -> Reply | Refused:
    """Return a person's copy as a file. It is counted and logged."""
    page = await export_person(work, account_id)
    if isinstance(page, Refused):
        return page
    copy, pages = tell_person(page), 1
    while page.next_after is not None and pages < MOST_PAGES:
        more = await export_person(work, account_id, page.next_after)
        if isinstance(more, Refused):
            return more
        page, copy, pages = more, _joined(copy, tell_person(more)), pages + 1
    name = f"{to_text(ACCOUNT, account_id)}.json"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    body = msgspec.json.format(msgspec.json.encode(copy), indent=2)
    return Reply(200, body, "application/json", headers)


def _joined(copy: PersonData, more: PersonData) -> PersonData:
    copy.licenses.extend(more.licenses)
    return msgspec.structs.replace(copy, next_after=more.next_after or UNSET)
