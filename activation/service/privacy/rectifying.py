"""G3: what is known of a person, corrected by the person or by staff.

An e-mail that was changed is told to the address before. Purchases find an account by its e-mail (C1), so one
that only its owner's password vouches for counts for them after a code was mailed there and came back:
else somebody could catch another's purchases by naming their e-mail first.
"""

from collections.abc import Mapping
from typing import Final

from activation.licensing.events import EventKind
from activation.licensing.identifiers import ALPHABET
from activation.licensing.verdicts import Refusal, Refused
from activation.service.mailing.sealing import seal
from activation.service.privacy.persons import hold_open
from activation.service.purchasing.buyers import digest_email
from activation.service.working import Work
from activation.storage.accounts import PersonalField
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
_NO_CODE: Final = "This is not the code that was mailed to the account's present e-mail."


async def rectify(work: Work, account_id: int, fields: Mapping[str, str]) -> list[str] | Refused:
    """Put these values, by CORRECTABLE names, in the place of what is known; return which of them changed.

    "" deletes what is known.
    """
    held = await hold_open(work, account_id)
    if isinstance(held, Refused):
        return held
    if not fields:
        return Refused(Refusal.MALFORMED, "G3", _NOTHING, facts={"field": ""})
    known = await read_personal(work.connection, account_id)
    told = {CORRECTABLE[name]: text for name, text in fields.items()}
    changed = {kind: text for kind, text in told.items() if known.get(kind, "") != text}
    await write_personal(work.connection, account_id, changed)
    if PersonalField.EMAIL in changed:
        await _move_email(work, account_id, known.get(PersonalField.EMAIL, ""), changed[PersonalField.EMAIL])
    # Nothing new is an answer too: what was asked for stands there.
    names = [kind.name.lower() for kind in changed]
    about = {"act": "privacy.rectify", "fields": names, "at": work.now}
    await work.tell(EventKind.RECTIFIED, account_id, "G3", about)
    return names


async def confirm_email(work: Work, account_id: int, code: str) -> Refused | None:
    """Let purchases with the account's e-mail find it, for whoever reads its mail has shown the code."""
    held = await hold_open(work, account_id)
    if isinstance(held, Refused):
        return held
    email = (await read_personal(work.connection, account_id)).get(PersonalField.EMAIL, "")
    given = code.strip().casefold().encode()
    codes = [_code(key, account_id, email).encode() for key in each_of(work.desk.secrets.passwords)]
    if not email or not any(same_digest(one, given) for one in codes):
        return Refused(Refusal.CONFLICT, "G3", _NO_CODE)
    await drop_email(work.connection, account_id)
    await claim_email(work.connection, account_id, digest_email(work.desk.secrets.passwords, email))
    return None


async def _move_email(work: Work, account_id: int, before: str, after: str) -> None:
    if before:
        sealed = seal(work.desk.secrets.mail, {"to": before})
        await work.mail(account_id, "email_changed", {"changed_at": work.now, "sealed": sealed})
    was_found_by = await drop_email(work.connection, account_id)
    if work.person.is_staff:
        if was_found_by:
            digest = digest_email(work.desk.secrets.passwords, after)
            await claim_email(work.connection, account_id, digest)
    else:
        sealed = seal(
            work.desk.secrets.mail,
            {"to": after, "code": _code(work.desk.secrets.passwords, account_id, after)},
        )
        await work.mail(account_id, "email_confirm", {"sealed": sealed})


def _code(secret_key: bytes, account_id: int, email: str) -> str:
    """Return what only somebody who reads this address's mail knows: 50 bits, the same until it changes."""
    text = f"{account_id} {email.strip().casefold()}"
    digest = hash_secret(secret_key, "confirms an e-mail", text)
    return "".join(ALPHABET[byte & 31] for byte in digest[:_CODE_LETTERS])
