"""A person's copy as it is told: rows into the shapes of messages/person_data.py, by their fields' names."""

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from enum import IntEnum
from typing import Any, Final, TypeVar, get_args, get_origin

import msgspec
from msgspec import UNSET

from activation.licensing import identifiers as ids
from activation.licensing.events import ROLE_NUMBERS, Actor, EventKind
from activation.licensing.identifiers import to_text
from activation.licensing.model import AccountState, Ended, LicenseKind, LicenseState
from activation.licensing.overriding import OverrideKind, OverrideState
from activation.licensing.privacy.deadlines import Asked, Outcome, Regime
from activation.licensing.reselling.charging import ChargeKind, ChargeState
from activation.licensing.reselling.ordering import Method, OrderState
from activation.licensing.subscriptions import SubscriptionState
from activation.licensing.update_plans import PlanState
from activation.messages import person_data as told
from activation.messages.times import to_rfc3339
from activation.service.privacy.exporting import FREE_COPIES, FirstPage, PersonPage

Shape = TypeVar("Shape", bound=msgspec.Struct)

_PREFIXES: Final[Mapping[str, str]] = {
    "account_id": ids.ACCOUNT,
    "license_id": ids.LICENSE,
    "activation_id": ids.ACTIVATION,
    "reset_id": ids.RESET,
    "purchase_id": ids.ORDER,
    "charge_id": ids.CHARGE,
    "payment_id": ids.PAYMENT,
    "subscription_id": ids.SUBSCRIPTION,
    "plan_id": ids.PLAN,
    "mail_id": ids.MAIL,
    "consent_id": ids.CONSENT,
    "request_id": ids.REQUEST,
    "session_id": ids.SESSION,
}
_WORDS: Final[Mapping[tuple[type[msgspec.Struct], str], type[IntEnum]]] = {
    (told.Account, "state"): AccountState,
    (told.License, "kind"): LicenseKind,
    (told.License, "state"): LicenseState,
    (told.Device, "ended_why"): Ended,
    (told.Reset, "why"): Ended,
    (told.StaffReset, "kind"): OverrideKind,
    (told.StaffReset, "state"): OverrideState,
    (told.Event, "event"): EventKind,
    (told.Event, "by"): Actor,
    (told.Purchase, "method"): Method,
    (told.Purchase, "state"): OrderState,
    (told.Charge, "kind"): ChargeKind,
    (told.Charge, "state"): ChargeState,
    (told.Subscription, "state"): SubscriptionState,
    (told.UpdatePlan, "state"): PlanState,
    (told.Request, "kind"): Asked,
    (told.Request, "regime"): Regime,
    (told.Request, "state"): Outcome,
}
_ROLES: Final = {number: role.value for role, number in ROLE_NUMBERS.items()}
_TIMES: Final = frozenset({"at", "since", "until"})


def tell_person(page: PersonPage) -> told.PersonData:
    """Tell a page of a person's copy."""
    return told.PersonData(
        told.FORMAT,
        to_rfc3339(page.made_at),
        to_text(ids.ACCOUNT, page.account_id),
        [tell_row(told.License, row) for row in page.licenses],
        **_tell_first(page.first),
        next_after=UNSET if page.next_after is None else to_text(ids.LICENSE, page.next_after),
    )


def _tell_first(first: FirstPage | None) -> dict[str, Any]:
    if first is None:
        return {}
    known = {kind.name.lower(): text for kind, text in first.personal.items()}
    return {
        "copy": told.Copy(first.number, first.number <= FREE_COPIES),
        "account": tell_row(told.Account, first.account),
        "person": told.Person(*(known.get(name) for name in told.Person.__struct_fields__)),
        **{name: [tell_row(_SECTIONS[name], row) for row in rows] for name, rows in first.sections.items()},
    }


def tell_row(shape: type[Shape], row: Mapping[str, Any]) -> Shape:
    """Return a row in its shape: each field from the column of its name."""
    return shape(*(tell(row[name]) for name, tell in _tellers(shape)))


_known: dict[type[msgspec.Struct], list[tuple[str, Callable[[Any], Any]]]] = {}


def _tellers(shape: type[msgspec.Struct]) -> list[tuple[str, Callable[[Any], Any]]]:
    if shape not in _known:
        hints = {one.name: one.type for one in msgspec.structs.fields(shape)}
        _known[shape] = [(name, _teller(shape, name, hint)) for name, hint in hints.items()]
    return _known[shape]


def _teller(shape: type[msgspec.Struct], name: str, hint: Any) -> Callable[[Any], Any]:
    """Return what writes a field: a list of shapes, an id, a time, a word, an amount, or as it is."""
    if get_origin(hint) is list:
        (inner,) = get_args(hint)
        if isinstance(inner, type) and issubclass(inner, msgspec.Struct):
            return lambda rows: [tell_row(inner, row) for row in rows]
        return list
    if name == "details":
        return lambda text: json.loads(text) if text else {}
    tell = _teller_of_one(_WORDS.get((shape, name)), name)
    return lambda one: None if one is None else tell(one)


def _teller_of_one(words: type[IntEnum] | None, name: str) -> Callable[[Any], Any]:
    if words is not None:
        return lambda number: words(number).name.lower()
    if name in _PREFIXES:
        return lambda number: to_text(_PREFIXES[name], number)
    if name in _TIMES or name.endswith(("_at", "_until")):
        return to_rfc3339
    if name == "role":
        return _ROLES.get
    return lambda one: str(one) if isinstance(one, Decimal) else one


_SECTIONS: Final[Mapping[str, type[msgspec.Struct]]] = {
    "purchases": told.Purchase,
    "charges": told.Charge,
    "payments": told.Payment,
    "subscriptions": told.Subscription,
    "update_plans": told.UpdatePlan,
    "mails": told.Mail,
    "consents": told.Consent,
    "acceptances": told.Acceptance,
    "requests": told.Request,
    "sessions": told.Session,
    "password_links": told.PasswordLink,
    "refusals": told.Refused,
    "billing": told.Billing,
    "events": told.Event,
}
