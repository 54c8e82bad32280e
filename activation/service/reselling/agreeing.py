"""P1: terms are published, announced a month ahead when they change (G8), seen and accepted."""

from collections.abc import Sequence

from activation.licensing.events import EventKind
from activation.licensing.reselling.agreeing import (
    Terms,
    decide_publication,
    in_force,
    refuse_acceptance,
    refuse_newcomer,
)
from activation.licensing.values import value
from activation.licensing.verdicts import Refused
from activation.service.working import Work
from activation.storage.reselling.resellers import list_active
from activation.storage.reselling.terms import (
    Acceptance,
    add_acceptance,
    add_terms,
    list_acceptances,
    list_terms,
    read_body,
)


@value
class Text:
    """A version of the terms with its text, and when it was accepted by whoever asks."""

    terms: Terms
    body: str
    accepted_at: int | None


@value
class TermsSeen:
    """The terms in force, and those announced."""

    current: Text | None
    announced: Sequence[Text]


async def publish_terms(work: Work, version: str, body: str, effective_at: int | None) -> Terms | Refused:
    """Publish a version: the first is in force at once; every reseller is told of a change by mail."""
    published = await list_terms(work.connection)
    terms = decide_publication(published, version, effective_at, work.now)
    if isinstance(terms, Refused):
        return terms
    await add_terms(work.connection, terms, body)
    told = {"version": version, "effective_at": terms.effective_at}
    await work.tell(EventKind.TERMS_PUBLISHED, work.person.person_id, "P1", told)
    for reseller_id in await list_active(work.connection) if published else ():
        await work.mail(reseller_id, "terms_announced", told, f"terms:{version}:{reseller_id}")
    return terms


async def see_terms(work: Work, subject: int | None) -> TermsSeen:
    """Return the terms in force and those announced, and whether `subject` accepted them."""
    terms = await list_terms(work.connection)
    accepted: dict[str, int] = {}
    if subject is not None:
        kept = await list_acceptances(work.connection, subject)
        accepted = {one.version: one.accepted_at for one in kept}
    current = in_force(terms, work.now)

    async def text(one: Terms) -> Text:
        return Text(one, await read_body(work.connection, one.version), accepted.get(one.version))

    announced = [await text(one) for one in terms if one.effective_at > work.now]
    return TermsSeen(await text(current) if current is not None else None, announced)


async def accept_terms(work: Work, reseller_id: int, version: str) -> Acceptance | Refused:
    """Accept a version: who, when, which, from where is kept; accepting it again changes nothing."""
    refused = refuse_acceptance(await list_terms(work.connection), version, work.now)
    if refused is not None:
        return refused
    acceptance = Acceptance(version, work.person.person_id, work.now, work.address())
    if await add_acceptance(work.connection, work.new_id(), reseller_id, acceptance):
        await work.tell(EventKind.TERMS_ACCEPTED, reseller_id, "P1", {"version": version})
        return acceptance
    kept = await list_acceptances(work.connection, reseller_id)
    return next(one for one in kept if one.version == version)


async def is_newcomer(work: Work) -> bool:
    """P1: tell whether somebody of a reseller acts that has not accepted the terms in force."""
    if work.person.reseller_id is None:
        return False
    accepted = [one.version for one in await list_acceptances(work.connection, work.person.reseller_id)]
    return refuse_newcomer(await list_terms(work.connection), accepted, work.now) is not None
