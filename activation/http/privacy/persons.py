"""Staff on one person's data: a copy, corrections, restriction, objection, consent told to them."""

from typing import Final

from msgspec import UNSET

from activation.http.acting import ActRoute
from activation.http.calls import Call
from activation.http.naming import id_of
from activation.http.privacy.telling import tell_consents, tell_wishes
from activation.http.privacy.telling_person import tell_person
from activation.licensing.identifiers import ACCOUNT, LICENSE, to_text
from activation.licensing.privacy.consenting import MARKETING, PURPOSES
from activation.licensing.roles import Act
from activation.licensing.verdicts import Refused
from activation.messages import privacy as messages
from activation.messages.answers import Told
from activation.messages.reselling import parse
from activation.messages.strict import MalformedError
from activation.service.privacy.consenting import Said, find_readers, say, see_consents
from activation.service.privacy.exporting import export_person
from activation.service.privacy.rectifying import CORRECTABLE, rectify
from activation.service.privacy.restricting import lift, object_to_use, restrict, withdraw_objection
from activation.service.working import Work


def fields_of(message: messages.Correction) -> dict[str, str]:
    """Return what a message corrects, by the fields' names; "" is for what it deletes."""
    told = {name: getattr(message, name) for name in CORRECTABLE}
    return {name: text or "" for name, text in told.items() if text is not UNSET}


async def get_data(work: Work, call: Call, _body: bytes) -> Told | Refused:
    """A copy of all that is known of a person, to be handed to that person (G3)."""
    page = await export_person(work, _whose(call), id_of(LICENSE, call.query.get("after", "")))
    return page if isinstance(page, Refused) else tell_person(page)


async def post_rectification(work: Work, call: Call, body: bytes) -> Told | Refused:
    """Correct what is known of a person (G3)."""
    changed = await rectify(work, _whose(call), fields_of(parse(messages.Correction, body)))
    return changed if isinstance(changed, Refused) else {"changed": changed}


async def post_restriction(work: Work, call: Call, _body: bytes) -> Told | Refused:
    """Keep a person's data, and use it for the licences alone (G3)."""
    wishes = await restrict(work, _whose(call))
    return wishes if isinstance(wishes, Refused) else tell_wishes(_whose(call), wishes)


async def post_lifting(work: Work, call: Call, _body: bytes) -> Told | Refused:
    """End a restriction; the person is told by mail (G3)."""
    wishes = await lift(work, _whose(call))
    return wishes if isinstance(wishes, Refused) else tell_wishes(_whose(call), wishes)


async def post_objection(work: Work, call: Call, _body: bytes) -> Told | Refused:
    """Record a person's objection (G3)."""
    wishes = await object_to_use(work, _whose(call))
    return wishes if isinstance(wishes, Refused) else tell_wishes(_whose(call), wishes)


async def post_withdrawal(work: Work, call: Call, _body: bytes) -> Told | Refused:
    """Take a person's objection back, at the person's wish."""
    wishes = await withdraw_objection(work, _whose(call))
    return wishes if isinstance(wishes, Refused) else tell_wishes(_whose(call), wishes)


async def get_consents(work: Work, call: Call, _body: bytes) -> Told | Refused:
    """Tell what a person consented to and withdrew (G8)."""
    consents = await see_consents(work, _whose(call), MARKETING)
    return consents if isinstance(consents, Refused) else tell_consents(consents)


async def post_consent(work: Work, call: Call, body: bytes) -> Told | Refused:
    """Enter consent, or its withdrawal, that a person told staff of (G8)."""
    message = parse(messages.EnteredConsent, body)
    said = Said(message.purpose, message.given, message.how, message.version)
    consents = await say(work, _whose(call), said)
    return consents if isinstance(consents, Refused) else tell_consents(consents)


async def get_readers(work: Work, call: Call, _body: bytes) -> Told | Refused:
    """List the accounts that may be written to for a purpose (G8), by number alone."""
    purpose = call.query.get("purpose", MARKETING)
    if purpose not in PURPOSES:
        raise MalformedError("purpose", f"It is one of {', '.join(sorted(PURPOSES))}.")
    readers = await find_readers(work, purpose, id_of(ACCOUNT, call.query.get("after", "")))
    told: dict[str, object] = {"accounts": [to_text(ACCOUNT, one) for one in readers.account_ids]}
    if readers.next_after is not None:
        told["next_after"] = to_text(ACCOUNT, readers.next_after)
    return told


def _whose(call: Call) -> int:
    return id_of(ACCOUNT, call.path["account_id"])


_ONE: Final = "/v1/staff/privacy/accounts/{account_id}"
ROUTES: Final = (
    ActRoute("GET", f"{_ONE}/data", Act.EXPORT_PERSON, get_data),
    ActRoute("POST", f"{_ONE}/rectify", Act.RECTIFY, post_rectification, takes=messages.Correction),
    ActRoute("POST", f"{_ONE}/restrict", Act.ANSWER_PRIVACY, post_restriction, bodiless=True),
    ActRoute("POST", f"{_ONE}/lift", Act.ANSWER_PRIVACY, post_lifting, bodiless=True),
    ActRoute("POST", f"{_ONE}/object", Act.ANSWER_PRIVACY, post_objection, bodiless=True),
    ActRoute("POST", f"{_ONE}/withdraw-objection", Act.ANSWER_PRIVACY, post_withdrawal, bodiless=True),
    ActRoute("GET", f"{_ONE}/consents", Act.SEE_PRIVACY, get_consents),
    ActRoute(
        "POST", f"{_ONE}/consents", Act.ANSWER_PRIVACY, post_consent, 201, takes=messages.EnteredConsent
    ),
    ActRoute("GET", "/v1/staff/privacy/readers", Act.SEE_PRIVACY, get_readers),
)
