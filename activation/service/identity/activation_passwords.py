"""The activation password of one's own account: made, replaced, ended. It activates and does nothing else.

For a login that is rolled out to many machines: who sets one up knows no more than it. Devices that
were activated with it before go on working, for they renew with their certificates.
"""

from dataclasses import field
from typing import Final

from activation.licensing.events import EventKind
from activation.licensing.values import value
from activation.licensing.verdicts import Refusal, Refused
from activation.service.identity.passwords import keyed_password
from activation.service.working import Work
from activation.storage.accounts import lock_account, read_account
from activation.storage.identity.password_links import write_activation_password
from crypto.passwords import new_password

_NONE: Final = "There is no activation password."
_RULE: Final = "identity"


@value
class NewActivationPassword:
    """A password that activates and does nothing else, shown this once; whether it took another's place."""

    password: str = field(repr=False)
    replaced: bool


async def has_activation_password(work: Work) -> bool:
    """Tell whether the account of the end user who is signed in has an activation password."""
    account = await read_account(work.connection, work.person.person_id)
    return account is not None and account.activation_hash is not None


async def make_activation_password(work: Work) -> NewActivationPassword:
    """Generate an activation password for one's own account, in the place of the one before."""
    account_id = work.person.person_id
    account = await lock_account(work.connection, account_id)
    password = new_password()
    keyed = keyed_password(work.desk, account_id, password)
    await write_activation_password(work.connection, account_id, keyed)
    await _tell(work, "made")
    return NewActivationPassword(password, account is not None and account.activation_hash is not None)


async def end_activation_password(work: Work) -> Refused | None:
    """End the activation password of one's own account: only the owner's activates from now on."""
    account = await lock_account(work.connection, work.person.person_id)
    if account is None or account.activation_hash is None:
        return Refused(Refusal.CONFLICT, _RULE, _NONE)
    await write_activation_password(work.connection, account.account_id, None)
    await _tell(work, "ended")
    return None


async def _tell(work: Work, change: str) -> None:
    told = {"by": "owner", "which": "activation", "change": change}
    await work.tell(EventKind.PASSWORD_CHANGED, work.person.person_id, _RULE, told)
    template = f"activation_password_{change}"
    await work.mail(work.person.person_id, template, {"changed_at": work.now})
