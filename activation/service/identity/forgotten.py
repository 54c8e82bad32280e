"""A forgotten password: a link by mail, good once and for half an hour, and the new password it leads to.

Whether anybody has the login or e-mail shows neither in the answer nor in the time it takes: who it is, is
looked up after the answer. A link never replaces the second factor.
"""

from dataclasses import field
from functools import partial
from typing import Final

from activation.licensing.events import EventKind
from activation.licensing.identifiers import account_of_login
from activation.licensing.identity.passwords import refuse_chosen
from activation.licensing.identity.sessions import PersonKind, WhyEnded
from activation.licensing.roles import Act
from activation.licensing.values import value
from activation.licensing.verdicts import Refusal, Refused
from activation.service.desk import Caller, Desk
from activation.service.identity.entering import telling_outages
from activation.service.identity.link_requests import AskedLink
from activation.service.identity.new_passwords import tell_new_password
from activation.service.identity.passwords import keyed_password
from activation.service.limiting.limits import count_failure, spend_by
from activation.service.mailing.sealing import seal
from activation.service.not_now import later, overloaded
from activation.service.peppering.keeping_up import now_knowing_pepper
from activation.service.purchasing.buyers import digest_email
from activation.service.working import Person, RefusedActError, Work, act_as_system
from activation.storage.identity.identities import write_password
from activation.storage.identity.password_links import (
    Forgetful,
    FoundLink,
    NewLink,
    add_link,
    count_links,
    find_link,
    find_people,
    lock_person,
    use_link,
    write_owner_password,
)
from activation.storage.identity.sessions import end_sessions
from activation.storage.identity.staffing import read_member
from activation.storage.lending import lend
from crypto.passwords import hash_secret, new_password, new_token
from crypto.pepper import each_of

LINK_S: Final = 1800
"""How long a link holds, in seconds."""
HOUR_S: Final = 3600
MOST_AN_HOUR: Final = 3
MOST_MEANT: Final = 5
"""An e-mail may be that of several accounts; no more of them get a mail, those that are sure first."""
_LINKS: Final = "password-link"
_NO_LINK: Final = "This link was used, has ended, or never was one. Ask for another."
_GENERATED: Final = "An end user's password is generated: leave it out."
_TOO_MANY: Final = "Too many tries. A good link still works at once."
_NOBODY: Final = "There is no such person of staff."
_UNREACHED: Final = "This person is suspended, or has no e-mail."
_ENOUGH: Final = f"This person was mailed {MOST_AN_HOUR} links within the hour."
_CHOOSE: Final = "Choose a password and send it along."


@value
class NewLogin:
    """What somebody signs in with from now on; the password only where it was generated, this once."""

    login: str
    password: str | None = field(repr=False, default=None)


async def ask_for_link(desk: Desk, caller: Caller, name: str) -> Refused | None:
    """Take a request for a link, whoever it is for; None: it was taken. Raises nothing."""
    name = name.strip()
    refused = await spend_by(desk, caller, f"link {name.casefold()}", desk.limits.links)
    if refused is not None:
        return refused
    return None if desk.link_requests.put(AskedLink(name, caller.trace_id)) else overloaded()


async def send_links(desk: Desk, asked: AskedLink) -> None:
    """Send a link to everybody who was meant. Raises DatabaseUnavailableError."""
    async with lend(desk.pool) as connection:
        digests = [digest_email(key, asked.name) for key in each_of(desk.secrets.passwords)]
        account_id = account_of_login(asked.name)
        found = await find_people(connection, asked.name, account_id, digests, MOST_MEANT)
    for kind, person_id in found:
        await act_as_system(desk, partial(send_link, kind=kind, person_id=person_id), asked.trace_id)


async def send_link(work: Work, kind: PersonKind, person_id: int) -> bool:
    """Mail somebody a link, and end those before; False where none goes out.

    That is for who may not act, has no address, or was sent three within the hour.
    """
    person = await lock_person(work.connection, kind, person_id)
    if person is None or person.mail_to is None:
        return False
    if await count_links(work.connection, kind, person_id, work.now - HOUR_S) >= MOST_AN_HOUR:
        return False
    token, ends_at = new_token("lnk"), work.now + LINK_S
    new = NewLink(_hash(work.desk.secrets.passwords, token), kind, person_id, work.now, ends_at)
    await add_link(work.connection, new)
    address = f"{work.desk.public_url}/console/password#{token}"
    sealed = seal(work.desk.secrets.mail, {"link": address, "token": token, "login": person.login})
    await work.mail(person.mail_to, "password_link", {"sealed": sealed, "link_until": ends_at})
    await work.tell(EventKind.PASSWORD_LINK_SENT, person_id, "identity")
    return True


async def send_link_to_staff(work: Work, staff_id: int) -> Refused | None:
    """Mail a person of staff a link, which nobody else sees; None: it is on its way."""
    member = await read_member(work.connection, staff_id)
    if member is None:
        return Refused(Refusal.NOT_FOUND, "staff", _NOBODY)
    if not member.is_active or not member.has_email:
        return Refused(Refusal.CONFLICT, "staff", _UNREACHED)
    sent = await send_link(work, PersonKind.STAFF, staff_id)
    return None if sent else later(Refusal.RATE_LIMITED, _ENOUGH, HOUR_S)


@telling_outages
async def change_forgotten(desk: Desk, caller: Caller, link: str, chosen: str | None) -> NewLogin | Refused:
    """Use a link up for a new password: chosen by staff and resellers' users, generated for end users.

    All their sessions end, and staff's tokens. A link that is late, used or unknown is refused alike.
    """
    async with lend(desk.pool) as connection:
        now = await now_knowing_pepper(desk, connection)
        hashes = [_hash(key, link) for key in each_of(desk.secrets.passwords)]
        found = await find_link(connection, hashes, now)
    wanted = await _prepare(desk, found, chosen) if found is not None else None
    if isinstance(wanted, Refused):
        return wanted
    done = await _change(desk, caller, wanted) if wanted is not None else None
    return done or await _refuse_link(desk, caller)


@value
class _Wanted:
    """A password to be: what is stored of it, and itself where it is generated."""

    link: FoundLink
    chosen: str | None = field(repr=False)
    generated: str | None = field(repr=False)
    phc: str | None = field(repr=False)


async def _prepare(desk: Desk, link: FoundLink, chosen: str | None) -> _Wanted | Refused:
    """Hash what was chosen, before anything is held. Raises CrowdedError."""
    if link.kind is PersonKind.END_USER:
        return _Wanted(link, None, new_password(), None) if chosen is None else _malformed(_GENERATED)
    if chosen is None:
        return _malformed(_CHOOSE)
    phc = await desk.hashing.hash(keyed_password(desk, link.person_id, chosen))
    return _Wanted(link, chosen, None, phc)


async def _change(desk: Desk, caller: Caller, wanted: _Wanted) -> NewLogin | Refused | None:
    """Do it in one transaction; None when the link, or the person, is no longer good."""
    try:
        async with lend(desk.pool) as connection, connection.transaction():
            now = await desk.clock.now(connection)
            person = await lock_person(connection, wanted.link.kind, wanted.link.person_id)
            if person is None or not await use_link(connection, wanted.link.link_hash, now):
                return None
            refused = None if wanted.chosen is None else refuse_chosen(wanted.chosen, person.login)
            if refused is not None:
                raise RefusedActError(refused)
            acting = Person(person.person_id, person.login, person.role, person.reseller_id)
            work = Work(connection, desk, acting, now, caller.trace_id, lambda: caller.address, Act.SELF)
            await _write(work, person, wanted)
            return NewLogin(person.login, wanted.generated)
    except RefusedActError as refused_act:
        return refused_act.refused


async def _write(work: Work, person: Forgetful, wanted: _Wanted) -> None:
    connection, kind, person_id = work.connection, person.kind, person.person_id
    if wanted.phc is not None:
        await write_password(connection, kind, person_id, wanted.phc, work.now)
    elif wanted.generated is not None:
        owner_hash = keyed_password(work.desk, person_id, wanted.generated)
        await write_owner_password(connection, person_id, owner_hash)
    await end_sessions(connection, kind, person_id, WhyEnded.PASSWORD_CHANGED, work.now)
    await tell_new_password(work, kind, person_id, "link", person.mail_to)


async def _refuse_link(desk: Desk, caller: Caller) -> Refused:
    wait_s = await count_failure(desk, None, caller.address)
    if wait_s is not None:
        return later(Refusal.RATE_LIMITED, _TOO_MANY, wait_s)
    return Refused(Refusal.NOT_FOUND, "links", _NO_LINK)


def _malformed(detail: str) -> Refused:
    return Refused(Refusal.MALFORMED, "password", detail, facts={"field": "password"})


def _hash(secret_key: bytes, link: str) -> bytes:
    return hash_secret(secret_key, _LINKS, link)
