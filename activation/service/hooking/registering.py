"""Webhooks are added, listed and stopped; a dead letter is sent after all."""

from collections.abc import Sequence
from dataclasses import field

import nacl.secret

from activation.licensing.events import EventKind
from activation.licensing.values import value
from activation.licensing.verdicts import Refusal, Refused
from activation.service.hooking.signing import new_secret, show_secret, why_not
from activation.service.working import Work
from activation.storage.outgoing import hooks
from activation.storage.outgoing.hooks import Hook
from activation.storage.outgoing.mails import Sending, retry_mail

_UNKNOWN = "There is none with this id."
_NOT_DEAD = "It is not dead: it was sent, or is still tried by itself."
_STOPPED = "Its webhook was stopped."


@value
class MadeHook:
    """A new webhook with its secret, shown this once."""

    hook: Hook
    secret: str = field(repr=False)


async def add_hook(work: Work, url: str, kinds: Sequence[str]) -> MadeHook | Refused:
    """Add a webhook that gets messages of these kinds, `*` alone for all."""
    wrong = why_not(url)
    if wrong is not None:
        return Refused(Refusal.MALFORMED, "hooks", wrong, facts={"field": "url"})
    secret = new_secret()
    hook = Hook(work.new_id(), url, sorted(set(kinds)), 0, work.now, work.person.person_id or None)
    box = bytes(nacl.secret.SecretBox(work.desk.secrets.hooks).encrypt(secret))
    await hooks.add_hook(work.connection, hook, box)
    await work.tell(EventKind.HOOK_CHANGED, hook.hook_id, "hooks", {"state": "added", "kinds": hook.kinds})
    return MadeHook(hook, show_secret(secret))


async def list_hooks(work: Work) -> Sequence[Hook]:
    """Return all webhooks, without their secrets."""
    return await hooks.list_hooks(work.connection)


async def stop_hook(work: Work, hook_id: int) -> Refused | None:
    """Deliver nothing more to a webhook, for good; stopping it again does nothing."""
    if not await hooks.stop_hook(work.connection, hook_id, work.now):
        return Refused(Refusal.NOT_FOUND, "hooks", _UNKNOWN)
    await work.tell(EventKind.HOOK_CHANGED, hook_id, "hooks", {"state": "stopped"})
    return None


async def retry_delivery(work: Work, message_id: int, hook_id: int) -> Refused | None:
    """Have a message that a webhook never took delivered after all."""
    found = await hooks.retry_delivery(work.connection, message_id, hook_id, work.now)
    if found is None:
        return Refused(Refusal.NOT_FOUND, "hooks", _UNKNOWN)
    stood, listens = found
    if stood is not Sending.DEAD:
        return Refused(Refusal.CONFLICT, "hooks", _NOT_DEAD)
    if not listens:
        return Refused(Refusal.CONFLICT, "hooks", _STOPPED)
    await work.tell(EventKind.MESSAGE_RETRIED, hook_id, "hooks")
    return None


async def retry_dead_mail(work: Work, mail_id: int) -> Refused | None:
    """Have a mail that could not be sent tried again from the beginning."""
    stood = await retry_mail(work.connection, mail_id, work.now)
    if stood is None:
        return Refused(Refusal.NOT_FOUND, "mails", _UNKNOWN)
    if stood is not Sending.DEAD:
        return Refused(Refusal.CONFLICT, "mails", _NOT_DEAD)
    await work.tell(EventKind.MESSAGE_RETRIED, mail_id, "mails")
    return None
