"""End users on their own data: a copy, corrections, requests, consent, terms."""

from typing import Final

from msgspec import UNSET

from activation.http.acting import ActRoute
from activation.http.calls import Call
from activation.http.naming import id_of
from activation.http.privacy.persons import fields_of
from activation.http.privacy.telling import KINDS, REGIMES, tell_consents, tell_request, tell_wishes
from activation.http.privacy.telling_person import tell_person
from activation.http.reselling.telling import tell_terms
from activation.licensing.identifiers import LICENSE
from activation.licensing.privacy.consenting import MARKETING
from activation.licensing.roles import Act
from activation.licensing.verdicts import Refused
from activation.messages import privacy as messages
from activation.messages.answers import Told
from activation.messages.reselling import parse
from activation.messages.times import to_rfc3339
from activation.service.privacy.consenting import Said, say, see_consents
from activation.service.privacy.exporting import export_person
from activation.service.privacy.rectifying import confirm_email, rectify
from activation.service.privacy.requesting import SIGNED_IN, ask, see_of
from activation.service.privacy.restricting import lift, object_to_use, restrict, withdraw_objection
from activation.service.reselling.agreeing import accept_terms, see_terms
from activation.service.working import Work


async def get_data(work: Work, call: Call, _body: bytes) -> Told | Refused:
    """A copy of all that is known of oneself (G3); more licences with `?after=`."""
    page = await export_person(work, work.person.person_id, id_of(LICENSE, call.query.get("after", "")))
    return page if isinstance(page, Refused) else tell_person(page)


async def post_data(work: Work, _call: Call, body: bytes) -> Told | Refused:
    """Correct what is known of oneself (G3)."""
    changed = await rectify(work, work.person.person_id, fields_of(parse(messages.Correction, body)))
    return changed if isinstance(changed, Refused) else {"changed": changed}


async def post_confirmation(work: Work, _call: Call, body: bytes) -> Told | Refused:
    """Confirm a new e-mail by the code that was mailed to it."""
    code = parse(messages.Confirmation, body).code
    return await confirm_email(work, work.person.person_id, code) or {"confirmed": True}


async def get_requests(work: Work, _call: Call, _body: bytes) -> Told | Refused:
    """List what one asked for, with the answers (G4)."""
    kept = await see_of(work, work.person.person_id)
    return {"requests": [tell_request(one, work.now) for one in kept]}


async def post_request(work: Work, _call: Call, body: bytes) -> Told | Refused:
    """Ask for something that the law grants (G4)."""
    message = parse(messages.OwnRequest, body)
    note = "" if message.note is UNSET else message.note
    kept = await ask(work, KINDS[message.kind], REGIMES[message.regime], note)
    return kept if isinstance(kept, Refused) else tell_request(kept, work.now)


async def post_restriction(work: Work, _call: Call, _body: bytes) -> Told | Refused:
    """Have one's data kept, and not used for anything but one's licences (G3)."""
    wishes = await restrict(work, work.person.person_id)
    return wishes if isinstance(wishes, Refused) else tell_wishes(work.person.person_id, wishes)


async def post_lifting(work: Work, _call: Call, _body: bytes) -> Told | Refused:
    """End one's restriction."""
    wishes = await lift(work, work.person.person_id)
    return wishes if isinstance(wishes, Refused) else tell_wishes(work.person.person_id, wishes)


async def post_objection(work: Work, _call: Call, _body: bytes) -> Told | Refused:
    """Object to any use beyond the contract (G3)."""
    wishes = await object_to_use(work, work.person.person_id)
    return wishes if isinstance(wishes, Refused) else tell_wishes(work.person.person_id, wishes)


async def post_withdrawal(work: Work, _call: Call, _body: bytes) -> Told | Refused:
    """Take one's objection back."""
    wishes = await withdraw_objection(work, work.person.person_id)
    return wishes if isinstance(wishes, Refused) else tell_wishes(work.person.person_id, wishes)


async def get_consents(work: Work, _call: Call, _body: bytes) -> Told | Refused:
    """Tell what one consented to and withdrew (G8)."""
    consents = await see_consents(work, work.person.person_id, MARKETING)
    return consents if isinstance(consents, Refused) else tell_consents(consents)


async def post_consent(work: Work, _call: Call, body: bytes) -> Told | Refused:
    """Give consent, or withdraw it (G8)."""
    message = parse(messages.OwnConsent, body)
    said = Said(message.purpose, message.given, SIGNED_IN, message.version)
    consents = await say(work, work.person.person_id, said)
    return consents if isinstance(consents, Refused) else tell_consents(consents)


async def get_terms(work: Work, _call: Call, _body: bytes) -> Told | Refused:
    """Tell the terms in force and those announced (G8)."""
    return tell_terms(await see_terms(work, work.person.person_id))


async def post_acceptance(work: Work, call: Call, _body: bytes) -> Told | Refused:
    """Accept a version of the terms (G8)."""
    done = await accept_terms(work, work.person.person_id, call.path["version"])
    if isinstance(done, Refused):
        return done
    return {"version": done.version, "accepted_at": to_rfc3339(done.accepted_at)}


_MINE: Final = Act.MINE_PRIVACY
ROUTES: Final = (
    ActRoute("GET", "/v1/me/data", _MINE, get_data),
    ActRoute("POST", "/v1/me/data", _MINE, post_data, takes=messages.Correction),
    ActRoute("POST", "/v1/me/data/confirmation", _MINE, post_confirmation, takes=messages.Confirmation),
    ActRoute("GET", "/v1/me/requests", _MINE, get_requests),
    ActRoute("POST", "/v1/me/requests", _MINE, post_request, 201, takes=messages.OwnRequest),
    ActRoute("POST", "/v1/me/restriction", _MINE, post_restriction, bodiless=True),
    ActRoute("POST", "/v1/me/restriction/lift", _MINE, post_lifting, bodiless=True),
    ActRoute("POST", "/v1/me/objection", _MINE, post_objection, bodiless=True),
    ActRoute("POST", "/v1/me/objection/withdraw", _MINE, post_withdrawal, bodiless=True),
    ActRoute("GET", "/v1/me/consents", _MINE, get_consents),
    ActRoute("POST", "/v1/me/consents", _MINE, post_consent, 201, takes=messages.OwnConsent),
    ActRoute("GET", "/v1/me/terms", _MINE, get_terms),
    ActRoute("POST", "/v1/me/terms/{version}/accept", _MINE, post_acceptance, 201, bodiless=True),
)
