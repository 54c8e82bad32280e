"""Requests, wishes and consents as they are told to the person and to staff."""

from typing import Any, Final

from activation.licensing.identifiers import ACCOUNT, CONSENT, REQUEST, to_text
from activation.licensing.privacy.consenting import Wishes
from activation.licensing.privacy.deadlines import Asked, Outcome, Regime, is_overdue
from activation.messages.times import optional_rfc3339, to_rfc3339
from activation.service.privacy.consenting import Consents
from activation.service.privacy.requesting import KeptRequest

KINDS: Final = {kind.name.lower(): kind for kind in Asked}
REGIMES: Final = {regime.name.lower(): regime for regime in Regime}
OUTCOMES: Final = {outcome.name.lower(): outcome for outcome in Outcome}


def tell_request(kept: KeptRequest, now: int) -> dict[str, Any]:
    """Tell a request and how it went."""
    one = kept.request
    return {
        "request_id": to_text(REQUEST, one.request_id),
        "account_id": to_text(ACCOUNT, one.account_id),
        "kind": one.kind.name.lower(),
        "regime": one.regime.name.lower(),
        "state": one.state.name.lower(),
        "asked_at": to_rfc3339(one.asked_at),
        "asked_how": kept.asked_how,
        "due_at": to_rfc3339(one.due_at),
        "overdue": is_overdue(one, now),
        "verified_at": optional_rfc3339(one.verified_at),
        "verified_how": kept.verified_how,
        "answered_at": optional_rfc3339(kept.answered_at),
        "answer": kept.answer,
    }


def tell_wishes(account_id: int, wishes: Wishes) -> dict[str, Any]:
    """Tell since when an account is restricted, or its person objects."""
    return {
        "account_id": to_text(ACCOUNT, account_id),
        "restricted_at": optional_rfc3339(wishes.restricted_at),
        "objected_at": optional_rfc3339(wishes.objected_at),
    }


def tell_consents(consents: Consents) -> dict[str, Any]:
    """Tell what was said about marketing, and what it comes to."""
    history = [
        {
            "consent_id": to_text(CONSENT, one.told.consent_id),
            "purpose": one.told.purpose,
            "given": one.told.given,
            "told_at": to_rfc3339(one.told.told_at),
            "how": one.how,
            "version": one.version,
        }
        for one in consents.history
    ]
    return {"marketing": {"given": consents.given, "may_write": consents.may_write}, "history": history}
