"""Breach reports as they are told: what was seen by person, field and reader, and the sums (G7)."""

from typing import Any, Final

from activation.licensing.events import ROLE_NUMBERS, Actor
from activation.licensing.identifiers import ACCOUNT, RESELLER, STAFF, USER, to_text
from activation.messages.times import to_rfc3339
from activation.service.privacy.breaching import BreachReport, Exposed, ReaderSum

_ROLES: Final = {number: role.value for role, number in ROLE_NUMBERS.items()}
_PREFIXES: Final = {Actor.STAFF: STAFF, Actor.RESELLER: USER, Actor.OWNER: ACCOUNT}
_PERSONS: Final = {"account": ACCOUNT, "user": USER, "staff": STAFF, "reseller": RESELLER}


def tell_exposed(one: Exposed) -> dict[str, Any]:
    """Tell one field of one person as one reader saw it."""
    return {
        "person": to_text(_PERSONS[one.person_kind], one.person_id),
        "field": one.field,
        "reader": _name(one.actor, one.actor_id),
        "role": _ROLES.get(one.role or 0),
        "times": one.times,
        "first_at": to_rfc3339(one.first_at),
        "last_at": to_rfc3339(one.last_at),
        "acts": list(one.acts),
        "addresses": list(one.addresses),
    }


def tell_report(report: BreachReport) -> dict[str, Any]:
    """Tell the sums of a report: how many people, who read, on which days."""
    question = report.question
    return {
        "made_at": to_rfc3339(report.made_at),
        "since": to_rfc3339(question.since),
        "until": to_rfc3339(question.until),
        "persons": report.persons,
        "readers": [_tell_reader(report, one) for one in report.sums],
        "days": [
            {"day": to_rfc3339(one.day)[:10], "looks": one.looks, "persons": one.persons}
            for one in report.days
        ],
    }


def _tell_reader(report: BreachReport, one: ReaderSum) -> dict[str, Any]:
    known = report.readers.get(one.reader_id or 0)
    reseller_id = known.reseller_id if known is not None else None
    return {
        "reader": _name(one.actor, one.reader_id),
        "login": known.login if known is not None else None,
        "role": _ROLES.get(one.role or 0),
        "reseller_id": None if reseller_id is None else to_text(RESELLER, reseller_id),
        "persons": len(one.persons),
        "fields": one.fields,
        "times": one.times,
    }


def _name(actor: int, actor_id: int | None) -> str:
    """Name a reader: staff, a reseller's user, the owner, by id; else what kind of actor it was."""
    prefix = _PREFIXES.get(Actor(actor))
    return Actor(actor).name.lower() if actor_id is None or prefix is None else to_text(prefix, actor_id)
