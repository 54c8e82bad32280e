"""Mails, webhooks and deliveries as staff see them, over HTTP and on the command line."""

from typing import Any

from activation.licensing.identifiers import HOOK, MAIL, MESSAGE, to_text
from activation.messages.times import optional_rfc3339, to_rfc3339
from activation.service.messages_sent import Hook, ListedDelivery, ListedMail


def tell_mail(mail: ListedMail) -> dict[str, Any]:
    """Tell a mail. `subject` is the id of whose it is, without the prefix that says what it is."""
    return {
        "mail_id": to_text(MAIL, mail.mail_id),
        "subject": to_text("", mail.subject),
        "template": mail.template,
        "written_at": to_rfc3339(mail.written_at),
        "tries": mail.tries,
        **_tell_times(mail.next_at, mail.sent_at, mail.dead_at),
        "last_error": mail.last_error,
    }


def tell_hook(hook: Hook) -> dict[str, Any]:
    """Tell a webhook, never its secret."""
    return {
        "hook_id": to_text(HOOK, hook.hook_id),
        "url": hook.url,
        "kinds": list(hook.kinds),
        "state": "stopped" if hook.state else "active",
        "created_at": to_rfc3339(hook.created_at),
    }


def tell_delivery(one: ListedDelivery) -> dict[str, Any]:
    """Tell how a message stands with a webhook."""
    return {
        "message_id": to_text(MESSAGE, one.message_id),
        "hook_id": to_text(HOOK, one.hook_id),
        "kind": one.kind,
        "written_at": to_rfc3339(one.written_at),
        "tries": one.tries,
        **_tell_times(one.next_at, one.delivered_at, one.dead_at),
        "last_status": one.last_status,
        "last_error": one.last_error,
    }


def _tell_times(next_at: int, done_at: int | None, dead_at: int | None) -> dict[str, str | None]:
    is_over = done_at is not None or dead_at is not None
    return {
        "next_at": None if is_over else to_rfc3339(next_at),
        "sent_at": optional_rfc3339(done_at),
        "dead_at": optional_rfc3339(dead_at),
    }
