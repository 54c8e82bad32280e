"""How keys are shown: which sign now, which come next, until when."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from activation.cli.output import show_rows
from crypto.delegations import Delegation
from crypto.keyring import KeyRing, NoSigningKey
from crypto.requesting import KeyRequest

_NONE = "No signing key yet: activation keys init"


def rows_of(ring: KeyRing, now: int) -> list[dict[str, Any]]:
    """Return a row for each signing key, the oldest first; then those that wait for a delegation."""
    signing = {kid for offline in (False, True) if (kid := _signs(ring, now, offline)) is not None}
    able = ring.able()
    rows = [
        _row(delegation, _state(ring, kid, now, signs=kid in signing, able=kid in able))
        for kid, delegation in ring.delegations.items()
    ]
    rows.sort(key=lambda row: (str(row["from"]), bool(row["offline"]), str(row["kid"])))
    waiting = sorted(ring.signing_keys.keys() - ring.delegations.keys())
    return rows + [_row_of(kid, "requested", None, None, None) for kid in waiting]


def show_delegations(delegations: Sequence[Delegation], *, json_wanted: bool) -> None:
    """Print keys that were delegated just now."""
    show_rows([_row(each, "delegated") for each in delegations], json_wanted=json_wanted, empty=_NONE)


def show_requests(requests: Sequence[KeyRequest]) -> None:
    """Print keys that ask for a delegation."""
    rows = [
        _row_of(one.kid, "requested", one.span.not_before, one.span.expires_at, one.span.offline)
        for one in requests
    ]
    show_rows(rows, json_wanted=False, empty="The file holds no request.")


def _signs(ring: KeyRing, now: int, offline: bool) -> str | None:
    try:
        return ring.active(now, offline).kid
    except NoSigningKey:
        return None


def _state(ring: KeyRing, kid: str, now: int, *, signs: bool, able: bool) -> str:
    delegation = ring.delegations[kid]
    if kid in ring.retired:
        return ring.retired[kid]
    if signs:
        return "signs"
    if now >= delegation.expires_at:
        return "expired"
    if not able:
        return "elsewhere"
    return "next" if now < delegation.not_before else "ready"


def _row(delegation: Delegation, state: str) -> dict[str, Any]:
    return _row_of(delegation.kid, state, delegation.not_before, delegation.expires_at, delegation.offline)


def _row_of(kid: str, state: str, begin: int | None, end: int | None, offline: bool | None) -> dict[str, Any]:
    return {"kid": kid, "state": state, "from": _day(begin), "until": _day(end), "offline": offline}


def _day(seconds: int | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M")
