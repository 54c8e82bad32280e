"""Mails and webhooks for the licensor's staff: what waits, what is dead, and sending it after all."""

from typing import Any, Final

from activation.http.acting import ActRoute
from activation.http.calls import Call
from activation.http.naming import id_of
from activation.http.staff.telling_messages import tell_delivery, tell_hook, tell_mail
from activation.licensing.identifiers import HOOK, MAIL, MESSAGE
from activation.licensing.roles import Act
from activation.licensing.verdicts import Refused
from activation.messages.answers import Told
from activation.messages.hooks import HookRequest, parse_hook
from activation.messages.resets import parse_nothing
from activation.messages.strict import MalformedError
from activation.service.hooking.registering import (
    add_hook,
    list_hooks,
    retry_dead_mail,
    retry_delivery,
    stop_hook,
)
from activation.service.messages_sent import NEWEST, PAGE, Sending, list_deliveries, list_mails
from activation.service.working import Work


async def get_mails(work: Work, call: Call, _body: bytes) -> Told | Refused:
    """List mails of a state, the newest first: to whom by number, never by address."""
    before = id_of(MAIL, call.query.get("before", "")) or NEWEST
    rows = [tell_mail(mail) for mail in await list_mails(work, _state(call), before)]
    return _page("mails", rows, rows[-1]["mail_id"] if rows else "")


async def post_mail_retry(work: Work, call: Call, body: bytes) -> Told | Refused:
    """Have a dead mail tried again."""
    parse_nothing(body)
    refused = await retry_dead_mail(work, id_of(MAIL, call.path["id"]))
    return refused or {"mail_id": call.path["id"], "state": "waiting"}


async def get_hooks(work: Work, _call: Call, _body: bytes) -> Told | Refused:
    """List webhooks, without their secrets."""
    return {"hooks": [tell_hook(hook) for hook in await list_hooks(work)]}


async def post_hook(work: Work, _call: Call, body: bytes) -> Told | Refused:
    """Add a webhook; its secret is told this once."""
    message = parse_hook(body)
    made = await add_hook(work, message.url, message.kinds)
    return made if isinstance(made, Refused) else {**tell_hook(made.hook), "secret": made.secret}


async def post_hook_stop(work: Work, call: Call, body: bytes) -> Told | Refused:
    """Deliver nothing more to a webhook."""
    parse_nothing(body)
    refused = await stop_hook(work, id_of(HOOK, call.path["id"]))
    return refused or {"hook_id": call.path["id"], "state": "stopped"}


async def get_deliveries(work: Work, call: Call, _body: bytes) -> Told | Refused:
    """List deliveries of a state, the newest first."""
    message, _, hook = call.query.get("before", "").partition(":")
    before = (id_of(MESSAGE, message) or NEWEST, id_of(HOOK, hook) or NEWEST)
    rows = [tell_delivery(one) for one in await list_deliveries(work, _state(call), before)]
    return _page("deliveries", rows, "{message_id}:{hook_id}".format(**rows[-1]) if rows else "")


async def post_delivery_retry(work: Work, call: Call, body: bytes) -> Told | Refused:
    """Have a dead letter delivered after all."""
    parse_nothing(body)
    message_id = id_of(MESSAGE, call.path["message_id"])
    refused = await retry_delivery(work, message_id, id_of(HOOK, call.path["hook_id"]))
    return refused or {**call.path, "state": "waiting"}


def _state(call: Call) -> Sending:
    try:
        return Sending(call.query.get("state", Sending.WAITING))
    except ValueError:
        raise MalformedError("state", f"It is one of {', '.join(Sending)}.") from None


def _page(name: str, rows: list[dict[str, Any]], last: str) -> dict[str, Any]:
    """Return a page; `next_before` is there when more may follow."""
    return {name: rows, **({"next_before": last} if len(rows) == PAGE else {})}


ROUTES: Final = (
    ActRoute("GET", "/v1/staff/mails", Act.SEE_MESSAGES, get_mails),
    ActRoute("POST", "/v1/staff/mails/{id}/retry", Act.CHANGE_HOOKS, post_mail_retry, bodiless=True),
    ActRoute("GET", "/v1/staff/hooks", Act.SEE_MESSAGES, get_hooks),
    ActRoute("POST", "/v1/staff/hooks", Act.CHANGE_HOOKS, post_hook, 201, takes=HookRequest),
    ActRoute("POST", "/v1/staff/hooks/{id}/stop", Act.CHANGE_HOOKS, post_hook_stop, bodiless=True),
    ActRoute("GET", "/v1/staff/hooks/deliveries", Act.SEE_MESSAGES, get_deliveries),
    ActRoute(
        "POST",
        "/v1/staff/hooks/deliveries/{message_id}/{hook_id}/retry",
        Act.CHANGE_HOOKS,
        post_delivery_retry,
        bodiless=True,
    ),
)
