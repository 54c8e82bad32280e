"""Licences, their history, products and builds as staff get them, over HTTP and on the command line."""

import json
from typing import Any

from activation.http.staff.telling_devices import tell_parts
from activation.licensing.events import Actor, EventKind
from activation.licensing.identifiers import ACCOUNT, ACTIVATION, LICENSE, STAFF, to_text
from activation.licensing.model import Hold
from activation.messages.times import optional_rfc3339, to_rfc3339
from activation.service.licenses.finding import FoundDevice, Happening, History, Noted, Page, Seen
from activation.service.licenses.giving import Given
from activation.service.products import ListedBuild, ListedProduct


def tell_license(seen: Seen) -> dict[str, Any]:
    """Tell a licence as staff see it."""
    held = seen.license
    return {
        "license_id": to_text(LICENSE, held.license_id),
        "account_id": to_text(ACCOUNT, held.account_id),
        "login": None if seen.hidden else held.login,
        "restricted": held.restricted,
        "product": held.product,
        "major": held.major,
        "kind": held.kind.name.lower(),
        "state": seen.state,
        "holds": [(hold.name or "").lower() for hold in Hold if hold & held.holds],
        "orphaned": held.orphaned,
        "device_limit": held.device_limit,
        "given_at": to_rfc3339(held.created_at),
        "license_ends_at": optional_rfc3339(held.ends_at),
        "updates_until": optional_rfc3339(held.updates_until),
        "devices": [
            _tell_device(device, hidden=seen.hidden) | tell_parts(standing)
            for device, standing in zip(held.devices, seen.standings, strict=True)
        ],
        "moves": held.moves,
        "moved_at": optional_rfc3339(held.moved_at),
        "resets": {
            "count": held.resets,
            "available": seen.can_reset,
            "next_at": optional_rfc3339(seen.next_reset_at),
        },
    }


def _tell_device(device: FoundDevice, *, hidden: bool) -> dict[str, Any]:
    return {
        "activation_id": to_text(ACTIVATION, device.activation_id),
        "name": None if hidden else device.name,
        "since": to_rfc3339(device.since),
        "online": device.online,
        "key": {
            "enrolled": device.has_key,
            "proofs": device.proofs,
            "forked_at": optional_rfc3339(device.forked_at),
        },
    }


def tell_page(page: Page) -> dict[str, Any]:
    """Tell a page of licences; `next_after` is there when more may follow."""
    told: dict[str, Any] = {"licenses": [tell_license(row) for row in page.rows]}
    if page.next_after is not None:
        told["next_after"] = to_text(LICENSE, page.next_after)
    return told


def tell_history(history: History) -> dict[str, Any]:
    """Tell a licence with what happened to it, the newest first."""
    return {
        **tell_license(history.seen),
        "events": [_tell_event(event) for event in history.events],
        "notes": [_tell_note(noted) for noted in history.notes],
    }


def tell_given(login: str, given: Given) -> dict[str, Any]:
    """Tell what an account got."""
    return {
        "login": login,
        "kind": given.kind.name.lower(),
        "licenses": [to_text(LICENSE, license_id) for license_id in given.license_ids],
        "device_limit": given.device_limit,
        "license_ends_at": optional_rfc3339(given.ends_at),
        "updates_until": optional_rfc3339(given.updates_until),
        "ended_tests": [to_text(LICENSE, license_id) for license_id in given.ended_tests],
    }


def tell_product(product: ListedProduct) -> dict[str, Any]:
    """Tell a product."""
    return {
        "code": product.code,
        "name": product.name,
        "policy": product.policy,
        "install_id_platforms": product.install_id_platforms,
        "update_months": product.update_months,
        "refuses_forks": product.refuses_forks,
        "builds": product.builds,
    }


def tell_build(build: ListedBuild) -> dict[str, Any]:
    """Tell a build."""
    return {"version": build.version, "released_at": to_rfc3339(build.released_at)}


def _tell_event(event: Happening) -> dict[str, Any]:
    activation_id = event.activation_id
    is_staff = event.actor == Actor.STAFF and event.actor_id is not None
    return {
        "at": to_rfc3339(int(event.happened.timestamp())),
        "event": EventKind(event.kind).name.lower(),
        "by": Actor(event.actor).name.lower(),
        "staff_id": to_text(STAFF, event.actor_id or 0) if is_staff else None,
        "activation_id": to_text(ACTIVATION, activation_id) if activation_id is not None else None,
        "rule": event.rule,
        "trace_id": event.trace_id,
        "details": json.loads(event.details) if event.details else {},
    }


def _tell_note(noted: Noted) -> dict[str, Any]:
    return {
        "at": to_rfc3339(noted.noted_at),
        "staff_id": to_text(STAFF, noted.staff_id) if noted.staff_id is not None else None,
        "note": noted.note,
    }
