"""A machine without network activates by a file that somebody carries (R2).

All in one transaction: the licence is bound, the certificate signed, the answer stored with the request's
keyed hash. The same request gets the same bytes for ever, whoever brings it and however often; a crash leaves
all of it or nothing. What the box holds is what makes a request the same: mail may change the file around it.
"""

import json
from collections.abc import Callable
from dataclasses import field, replace
from functools import partial
from hashlib import blake2b
from typing import Final

from activation.licensing.attempts import Activate
from activation.licensing.events import ACTOR_OF, Event, EventKind
from activation.licensing.identifiers import account_of_login, shard_of
from activation.licensing.model import Account, Product
from activation.licensing.offline import refuse_request_time
from activation.licensing.values import value
from activation.licensing.verdicts import Granted, Refusal, Refused, TurnOffline
from activation.licensing.weighing.explaining import decide_explained
from activation.service.activating.activations import Prepared, Wish, prepare
from activation.service.activating.asking import WRONG_CREDENTIAL, knowing_peppers, refuse_wrong
from activation.service.activating.offline_files import box_key, open_answer
from activation.service.batching.settling_one import Locked, lock_holding, write_granted
from activation.service.batching.telling import Teller
from activation.service.certifying.certificates import Issued
from activation.service.credentials import admit, claimed, make_credential
from activation.service.desk import Caller, Desk
from activation.service.doors import CrowdedError
from activation.service.limiting.limits import spend_by
from activation.service.not_now import overloaded, unavailable
from activation.service.peppering.keeping_up import assert_known
from activation.service.working import Work, act_as_system
from activation.storage.absence import DatabaseUnavailableError
from activation.storage.licenses.offline_files import (
    OfflineFile,
    add_offline_file,
    find_offline_file,
)
from activation.storage.reading import read_holdings
from crypto import boxes
from crypto.pepper import each_of
from crypto.revocations import name_certificate
from crypto.sealing import SealError

_NO_KEY: Final = "This server has no sealing key yet: activation keys init makes one."
_CLOSED: Final = "The request does not open: it is damaged, or was made for another server."
_WRONG_INSIDE: Final = "The login or password in the file is wrong: make a new request on the machine."
_NO_LICENSE: Final = "This account holds no licence for this product."
_NO_KEY_RETRY_S: Final = 60
WriteFile = Callable[[str, str], bytes]
"""Makes the answer's bytes of certificate and delegation."""


@value
class Handed:
    """A request that was handed in. `opened` is what its box held, `made_at` the machine's time (seconds)."""

    login: str
    password: str = field(repr=False)
    wish: Wish = field(repr=False)
    made_at: int
    opened: bytes = field(repr=False)

    @property
    def account_id(self) -> int:
        """Return the account that the login names."""
        return account_of_login(self.login)


def open_box(desk: Desk, sealed: bytes) -> bytes | Refused:
    """Open a request's box, or say that it is not for this server."""
    if desk.sealing is None:
        return Refused(Refusal.UNAVAILABLE, "keys", _NO_KEY, facts={"retry_after_s": _NO_KEY_RETRY_S})
    try:
        return desk.sealing.open(sealed)
    except SealError:
        return Refused(Refusal.MALFORMED, "request", _CLOSED, facts={"field": "box"})


async def activate_offline(desk: Desk, caller: Caller, handed: Handed, write: WriteFile) -> bytes | Refused:
    """Answer a request file that anybody brings: its password is what counts."""
    subject = make_credential(desk.secrets.passwords, handed.login, handed.password).subject
    limited = await spend_by(desk, caller, subject, desk.limits.offline)
    if limited is not None:
        return limited
    try:
        async with desk.offline_door.enter():
            answer = partial(_answer, handed=handed, write=write)
            done = await knowing_peppers(desk, partial(act_as_system, desk, answer, caller.trace_id))
    except CrowdedError:
        return overloaded()
    except DatabaseUnavailableError:
        return unavailable()
    if isinstance(done, Refused) and done.code is Refusal.CREDENTIALS:
        return await refuse_wrong(desk, caller, handed.account_id, done.background)
    return done


async def pass_on(work: Work, handed: Handed, write: WriteFile) -> bytes | Refused:
    """Answer a request file that somebody of staff brings for a customer; the log names who.

    A wrong password in it is the customer's, not the token's that staff are known by.
    """
    done = await _answer(work, handed, write)
    if isinstance(done, Refused) and done.code is Refusal.CREDENTIALS:
        return Refused(Refusal.FORBIDDEN, "credentials", _WRONG_INSIDE)
    return done


async def find_file(work: Work, handed: Handed) -> OfflineFile | None:
    """Return what was kept of the answer to a request, or None while it has none."""
    return await _find_stored(work, handed)


async def _answer(work: Work, handed: Handed, write: WriteFile) -> bytes | Refused:
    request_hash = _name(work.desk.secrets.offline, handed.opened)
    stored = await _find_stored(work, handed)
    if stored is not None:
        return open_answer(work.desk, stored)
    prepared = refuse_request_time(handed.made_at, work.now) or prepare(
        work.desk, handed.login, handed.password, handed.wish, online=False
    )
    if isinstance(prepared, Refused):
        return prepared
    # Before anything is locked: who does not know the password must not keep others waiting.
    attempt = await _admit(work, prepared)
    if isinstance(attempt, Refused):
        return attempt
    locked = await lock_holding(work, replace(prepared.asked, secret_hash=None))  # it was the right one
    stored = await _find_stored(work, handed)
    if stored is not None:  # another worker was faster
        return open_answer(work.desk, stored)
    bound = _bind(work, _Asked(handed, request_hash, prepared.product, attempt), locked)
    return bound if isinstance(bound, Refused) else await _issue(work, bound, write)


async def _admit(work: Work, prepared: Prepared) -> Activate | Refused:
    """Check the password, with the same work for a login that is nobody's."""
    account: Account | None = None
    for shown in prepared.credential.each():
        asked = replace(prepared.asked, secret_hash=shown.secret_hash)
        facts = await read_holdings(work.connection, [asked], work.desk.clock.shift_s)
        assert_known(work.desk, facts.pepper_used)
        holding = facts.holdings[0]
        account = holding.account if holding is not None else account
    attempt = admit(prepared.attempt, prepared.credential, account)
    if not isinstance(attempt, Activate):
        wrong = claimed(prepared.credential.account_id)
        return Refused(Refusal.CREDENTIALS, "credentials", WRONG_CREDENTIAL, background=wrong)
    return attempt


@value
class _Asked:
    """A request whose password is right."""

    handed: Handed
    request_hash: bytes
    product: Product | None
    attempt: Activate


@value
class _Bound:
    """A request whose device holds its licence now."""

    handed: Handed
    request_hash: bytes
    product: Product
    attempt: Activate
    locked: Locked
    granted: Granted


def _bind(work: Work, asked: _Asked, locked: Locked | None) -> _Bound | Refused:
    """Find the device its licence, as in any activation (L2, L4)."""
    if locked is None or asked.product is None:
        return Refused(Refusal.NO_LICENSE, "L4", _NO_LICENSE)
    desk, holding, now = work.desk, locked.holding, locked.now
    granted = decide_explained(asked.attempt, holding, now, desk.week, desk.traces.wants)
    if isinstance(granted, Refused):
        work.desk.notices.note(granted, asked.handed.account_id, locked.now)
        return granted
    return _Bound(asked.handed, asked.request_hash, asked.product, asked.attempt, locked, granted)


async def _issue(work: Work, bound: _Bound, write: WriteFile) -> bytes:
    desk, granted, now = work.desk, bound.granted, bound.locked.now
    account_id = bound.handed.account_id
    issued = desk.maker.issue(bound.product, account_id, granted.license, granted.activation, now)
    answer = write(issued.certificate, issued.delegation)
    kid, jti = name_certificate(issued.certificate)
    await write_granted(work, bound.locked.holding, granted, _events(work, bound, issued, jti))
    await add_offline_file(
        work.connection,
        OfflineFile(
            bound.request_hash,
            account_id,
            granted.license.license_id,
            granted.activation.activation_id,
            work.person.person_id or None,
            bound.handed.made_at,
            issued.validity.issued_at,
            issued.validity.expires_at,
            kid,
            jti,
            desk.pepper_version,
            boxes.seal_box(box_key(desk.secrets.offline), answer),
        ),
    )
    return answer


def _events(work: Work, bound: _Bound, issued: Issued, jti: str) -> list[Event]:
    """Tell what changed of the licence, as of any activation, and that a file went out, passed on by whom."""
    shard = shard_of(bound.handed.account_id)
    granted, teller = bound.granted, Teller(partial(work.desk.ids.new, shard), work.trace_id)
    turned = any(isinstance(change, TurnOffline) for change in granted.changes)
    details = {"certificate_id": jti, "expires_at": issued.validity.expires_at}
    person_id = work.person.person_id or None
    issuing = Event(
        granted.license.license_id,
        work.new_id(shard),
        EventKind.OFFLINE_FILE_ISSUED,
        work.person.actor if person_id is not None else ACTOR_OF[bound.attempt.by],
        "R2",
        work.trace_id,
        person_id,
        granted.activation.activation_id,
        json.dumps({**details, "turned_offline": True} if turned else details),
    )
    return [*teller.tell(bound.attempt, granted), issuing]


async def _find_stored(work: Work, handed: Handed) -> OfflineFile | None:
    """Return what this request got, under whichever version of the pepper (D5)."""
    for key in each_of(work.desk.secrets.offline):
        stored = await find_offline_file(work.connection, handed.account_id, _name(key, handed.opened))
        if stored is not None:
            return stored
    return None


def _name(key: bytes, opened: bytes) -> bytes:
    """Return a request's keyed hash: without the pepper nobody can try passwords on it."""
    return blake2b(opened, digest_size=32, key=key, person=b"offline-request").digest()
