"""What a trace keeps of the facts of a refusal, and which of them each role may see (G6).

A fact whose name is not listed here is not kept: nothing gets into a trace by being new.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from activation.licensing.identifiers import ALPHABET
from activation.licensing.roles import Role

_MISREAD: Final = str.maketrans("oil", "011", " -_.\t\r\n\u00a0")
_LENGTH: Final = 8


class FactKind(StrEnum):
    """What a fact tells about: the terms of licences, money, a device's parts, or a person."""

    TERMS = "terms"
    MONEY = "money"
    PARTS = "parts"
    DEVICE_NAME = "device_name"
    CONTACT = "contact"
    PEOPLE = "people"


SEES: Final[Mapping[Role, frozenset[FactKind]]] = {
    Role.ADMIN: frozenset(FactKind),
    Role.SUPPORT: frozenset(
        {FactKind.TERMS, FactKind.PARTS, FactKind.DEVICE_NAME, FactKind.CONTACT, FactKind.PEOPLE}
    ),
    Role.SALES: frozenset({FactKind.TERMS, FactKind.MONEY, FactKind.CONTACT, FactKind.PEOPLE}),
    Role.AUDITOR: frozenset({FactKind.TERMS, FactKind.MONEY, FactKind.PARTS}),
}
"""Sales see nothing of devices, auditors no names, support no sums; resellers and end users see no trace."""

_TERMS: Final = (
    *("account", "state", "states", "kind", "license_ends_at", "has_ended", "orphaned", "by", "move"),
    *("released_at", "updates_until", "self_reset_at", "last_reset", "next_at", "week", "resets"),
    *("available", "since", "ended_at", "ended_why", "current", "released", "moves", "devices_now"),
    *("offline_devices", "licenses", "unused", "free", "named", "majors", "asked_major", "found", "limit"),
    *("given", "asked", "occasions", "terms", "height", "bound", "row", "rows", "retry_after_s", "field"),
    *("login_known", "password_right", "code", "role", "act", "check"),
)
_PARTS: Final = (
    *("devices", "components", "component", "reason", "ignored", "policy", "agreed", "differing"),
    *("missing", "added", "same_device", "past_limit", "drift_limit_until", "sent", "returns", "has_key"),
    *("proof", "proof_sent", "proofs", "forked_at", "refuses_forks"),
)
KIND_OF: Final[Mapping[str, FactKind]] = {
    **dict.fromkeys(_TERMS, FactKind.TERMS),
    **dict.fromkeys(_PARTS, FactKind.PARTS),
    "owed": FactKind.MONEY,
}
"""The names of facts that a trace keeps. Persons' own data are looked up when a trace is read, if at all."""

TIMES: Final = frozenset(
    {
        *("license_ends_at", "released_at", "updates_until", "self_reset_at", "last_reset", "next_at"),
        *("since", "ended_at", "drift_limit_until", "forked_at"),
    }
)
"""Those of them that are times, in seconds since 1970."""


def kept_of(facts: Mapping[str, object]) -> dict[str, object]:
    """Return the facts that a trace keeps."""
    return _sift(facts, frozenset(FactKind))


def seen_of(role: Role, facts: Mapping[str, object]) -> dict[str, object]:
    """Return the facts that a role may see."""
    return _sift(facts, SEES.get(role, frozenset()))


def _sift(facts: Mapping[str, object], kinds: frozenset[FactKind]) -> dict[str, object]:
    return {name: _inside(fact, kinds) for name, fact in facts.items() if KIND_OF.get(name) in kinds}


def _inside(fact: object, kinds: frozenset[FactKind]) -> object:
    """Sift what stands inside a fact; what names states counts them, and stays."""
    if isinstance(fact, list):
        return [_inside(one, kinds) for one in fact]
    if isinstance(fact, Mapping) and not all(isinstance(one, int) for one in fact.values()):
        return _sift(fact, kinds)
    return fact


def read_trace_id(spoken: str) -> str | None:
    """Return the trace id that somebody wrote down on the phone, or None when it cannot be one.

    Case, blanks and the dash do not matter; o is 0, i and l are 1 (Crockford's base 32).
    """
    letters = spoken.casefold().translate(_MISREAD)
    if len(letters) != _LENGTH or not set(letters) <= set(ALPHABET):
        return None
    return f"{letters[:4]}-{letters[4:]}"
