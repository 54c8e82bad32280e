"""G3: what is known of a person, corrected by the person or by staff.

A new e-mail is told to the address before. Links to a new password go to it, and purchases find an account by
it (C1). So one that only its owner's password vouches for counts for nothing until a code mailed there
came back: else a stolen session became the account for good, and another's purchases went to who named their
e-mail first. Until then the one before stays, or none; without one, there are no links, by login either.
"""

from collections.abc import Mapping
from typing import Final

from activation.licensing.events import EventKind
from activation.licensing.identifiers import ALPHABET
from activation.licensing.identity.sessions import PersonKind
from activation.licensing.verdicts import Refusal, Refused
from activation.service.identity.identifying import refuse_without_step_up
from activation.service.mailing.sealing import seal
from activation.service.privacy.persons import hold_open
from activation.service.purchasing.buyers import digest_email
from activation.service.working import Work
from activation.storage.accounts import PersonalField
from activation.storage.identity.password_links import end_links
from activation.storage.privacy.wishes import claim_email, drop_email, read_personal, write_personal
from crypto.passwords import hash_secret, same_digest
from crypto.pepper import each_of

CORRECTABLE: Final[Mapping[str, PersonalField]] = {
    "name": PersonalField.NAME,
    "email": PersonalField.EMAIL,
    "address": PersonalField.ADDRESS,
    "phone": PersonalField.PHONE,
}
_CODE_LETTERS: Final = 10
_NOTHING: Final = "Name what is to be corrected: name, email, address or phone."
_NO_CODE: Final = "This is not the code that was mailed to the e-mail that was given last."


async def rectify(work: Work, account_id: int, fields: Mapping[str, str]) -> list[str] | Refused:
    """Put these values, by CORRECTABLE names, in the place of what is known; return which of them changed.

    "" deletes what is known. A new e-mail of one's own waits for its code (`confirm_email`); in a session it
    needs the password shown shortly before.
    """
    held = await hold_open(work, account_id)
    if isinstance(held, Refused):
        return held
    if not fields:
        return Refused(Refusal.MALFORMED, "G3", _NOTHING, facts={"field": ""})
    known = await read_personal(work.connection, account_id)
    told = {CORRECTABLE[name]: text for name, text in fields.items()}
    changed = {kind: text for kind, text in told.items() if known.get(kind, "") != text}
    refused = refuse_without_step_up(work.person, work.now) if PersonalField.EMAIL in changed else None
    if refused is not None:
        return refused
    waits = changed.get(PersonalField.EMAIL, "") if not work.person.is_staff else ""
    await write_personal(work.connection, account_id, _written(told, changed, waits))
    if PersonalField.EMAIL in changed:
        await _tell_before(work, account_id, known.get(PersonalField.EMAIL, ""))
        if waits:
            await _ask_to_confirm(work, account_id, waits)
        else:
            await _move_email(work, account_id, changed[PersonalField.EMAIL])
    # Nothing new is an answer too: what was asked for stands there.
    names = [kind.name.lower() for kind in changed]
    await _tell(work, account_id, names)
    return names


async def confirm_email(work: Work, account_id: int, code: str) -> Refused | None:
    """Let the new e-mail count, for mails, links and purchases: whoever reads its mail has shown the code."""
    held = await hold_open(work, account_id)
    if isinstance(held, Refused):
        return held
    known = await read_personal(work.connection, account_id)
    waits = known.get(PersonalField.NEW_EMAIL, "")
    email = waits or known.get(PersonalField.EMAIL, "")
    given = code.strip().casefold().encode()
    codes = [_code(key, account_id, email).encode() for key in each_of(work.desk.secrets.passwords)]
    if not email or not any(same_digest(one, given) for one in codes):
        return Refused(Refusal.CONFLICT, "G3", _NO_CODE)
    if waits:
        written = {PersonalField.EMAIL: email, PersonalField.NEW_EMAIL: ""}
        await write_personal(work.connection, account_id, written)
        await end_links(work.connection, PersonKind.END_USER, account_id, work.now)
        await _tell(work, account_id, ["email"])
    await drop_email(work.connection, account_id)
    await claim_email(work.connection, account_id, digest_email(work.desk.secrets.passwords, email))
    return None


def _written(
    told: Mapping[PersonalField, str], changed: Mapping[PersonalField, str], waits: str
) -> dict[PersonalField, str]:
    """Return what to write: an e-mail that `waits` beside the present one, and none that waited before."""
    written = dict(changed)
    if PersonalField.EMAIL in told:
        written[PersonalField.NEW_EMAIL] = waits
    if waits:
        del written[PersonalField.EMAIL]
    return written


async def _tell_before(work: Work, account_id: int, before: str) -> None:
    if before:
        sealed = seal(work.desk.secrets.mail, {"to": before})
        await work.mail(account_id, "email_changed", {"changed_at": work.now, "sealed": sealed})


async def _ask_to_confirm(work: Work, account_id: int, email: str) -> None:
    code = _code(work.desk.secrets.passwords, account_id, email)
    sealed = seal(work.desk.secrets.mail, {"to": email, "code": code})
    await work.mail(account_id, "email_confirm", {"sealed": sealed})


async def _move_email(work: Work, account_id: int, after: str) -> None:
    """Have purchases find the account by what staff wrote; links that went to the address before end."""
    await end_links(work.connection, PersonKind.END_USER, account_id, work.now)
    was_found_by = await drop_email(work.connection, account_id)
    if was_found_by and after:
        await claim_email(work.connection, account_id, digest_email(work.desk.secrets.passwords, after))


async def _tell(work: Work, account_id: int, names: list[str]) -> None:
    about = {"act": "privacy.rectify", "fields": names, "at": work.now}
    await work.tell(EventKind.RECTIFIED, account_id, "G3", about)


def _code(secret_key: bytes, account_id: int, email: str) -> str:
    """Return what only somebody who reads this address's mail knows: 50 bits, the same until it changes."""
    text = f"{account_id} {email.strip().casefold()}"
    digest = hash_secret(secret_key, "confirms an e-mail", text)
    return "".join(ALPHABET[byte & 31] for byte in digest[:_CODE_LETTERS])
