"""Erasures, retention and the register as staff see them, over HTTP and on the command line."""

from typing import Any

from activation.licensing.identifiers import (
    ACCOUNT,
    CHARGE,
    LICENSE,
    ORDER,
    RESELLER,
    SUBSCRIPTION,
    to_text,
)
from activation.licensing.model import LicenseKind, LicenseState
from activation.licensing.privacy.retention import Counts, Keeping, terms
from activation.messages.times import optional_rfc3339, to_rfc3339
from activation.service.privacy.erasing import Erased
from activation.service.privacy.previewing import ErasurePreview, Kept, LicenseToEnd, OpenBill
from activation.service.privacy.register import Entry, RegisterShown, length
from activation.service.privacy.retention import RetentionRun


def tell_preview(preview: ErasurePreview, products: dict[int, str]) -> dict[str, Any]:
    """Tell what an erasure will end, what stays, and `shown`, by which it is confirmed."""
    return {
        "account_id": to_text(ACCOUNT, preview.account_id),
        "reseller_id": None if preview.reseller_id is None else to_text(RESELLER, preview.reseller_id),
        "ends": {
            "account": True,
            "licenses": preview.licenses,
            "first_licenses": [_license(one, products) for one in preview.first_licenses],
            "devices": preview.devices,
            "subscriptions": [to_text(SUBSCRIPTION, one) for one in preview.subscriptions],
        },
        "stays_open": [_bill(one) for one in preview.open_bills],
        "keeps": [_kept(one) for one in preview.kept],
        "shown": preview.shown,
    }


def _license(one: LicenseToEnd, products: dict[int, str]) -> dict[str, Any]:
    return {
        "license_id": to_text(LICENSE, one.license_id),
        "product": products.get(one.product_id, str(one.product_id)),
        "major": one.major,
        "kind": LicenseKind(one.kind).name.lower(),
        "state": LicenseState(one.state).name.lower(),
        "ends_at": optional_rfc3339(one.ends_at),
        "devices": one.devices,
    }


def _bill(one: OpenBill) -> dict[str, Any]:
    prefix = ORDER if one.kind == "order" else CHARGE
    return {
        "id": to_text(prefix, one.number),
        "kind": one.kind,
        "open": str(one.open),
        "due_at": to_rfc3339(one.due_at),
    }


def _kept(one: Kept) -> dict[str, Any]:
    return {"what": one.what, "why": one.why, "until": optional_rfc3339(one.until)}


def tell_erased(done: Erased) -> dict[str, Any]:
    """Tell what an erasure did."""
    return {
        "account_id": to_text(ACCOUNT, done.account_id),
        "erased_at": to_rfc3339(done.at),
        "licenses": done.licenses,
        "devices": done.devices,
        "subscriptions": done.subscriptions,
        "bills_kept": done.bills_kept,
        "billing_until": optional_rfc3339(done.billing_until),
    }


def tell_register(register: RegisterShown) -> dict[str, Any]:
    """Tell the register: entries of columns about people, and the columns that say nothing of anybody."""
    return {
        "entries": [_entry(one) for one in register.entries],
        "plain": {table: list(names) for table, names in register.plain.items()},
    }


def _entry(one: Entry) -> dict[str, Any]:
    return {
        "column": one.column,
        "says": one.says,
        "about": one.about,
        "why": one.why,
        "ground": one.ground,
        "rule": one.rule,
        "kept": one.kept,
        "seen_by": list(one.seen_by),
    }


def tell_terms(keeping: Keeping) -> list[dict[str, Any]]:
    """Tell the rules of retention under this server's settings."""
    return [
        {
            "rule": str(term.rule),
            "what": term.what,
            "kept": length(term.keep_s),
            "since": term.since,
            "then": term.then,
        }
        for term in terms(keeping).values()
    ]


def tell_runs(runs: list[RetentionRun]) -> list[dict[str, Any]]:
    """Tell the last runs, the newest first, each with its counts."""
    told: dict[int, dict[str, Any]] = {}
    for one in runs:
        run = told.setdefault(one.run_id, {"ran_at": to_rfc3339(one.ran_at), "changed": {}})
        run["changed"][one.rule] = one.changed
    return list(told.values())


def tell_counts(counts: Counts) -> list[dict[str, Any]]:
    """Tell what a run did or would do, rule by rule."""
    return [{"rule": str(rule), "rows": done} for rule, done in counts.by_rule.items()]
