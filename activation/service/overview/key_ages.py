"""How old the signing keys are, which one signs, and when each ends."""

from typing import Literal

from activation.licensing.values import value
from crypto.delegations import Delegation
from crypto.keyring import KeyRing, NoSigningKey

KeyState = Literal["signs", "waits", "ready", "ended", "rotated", "leaked", "elsewhere"]


@value
class KeyAge:
    """One signing key: its kid, what for, since and until when (seconds since 1970), what it does now."""

    kid: str
    offline: bool
    since: int
    until: int
    state: KeyState


def list_keys(ring: KeyRing, now: int) -> tuple[KeyAge, ...]:
    """Return all keys that were ever delegated here: those that sign first, then the newest."""
    signing = {kid for offline in (False, True) for kid in _signing(ring, now, offline=offline)}
    keys = [
        KeyAge(one.kid, one.offline, one.not_before, one.expires_at, _state(ring, one, signing, now))
        for one in ring.delegations.values()
    ]
    return tuple(sorted(keys, key=lambda one: (one.state != "signs", one.offline, -one.since, one.kid)))


def _signing(ring: KeyRing, now: int, *, offline: bool) -> list[str]:
    try:
        return [ring.active(now, offline).kid]
    except NoSigningKey:
        return []


def _state(ring: KeyRing, one: Delegation, signing: set[str], now: int) -> KeyState:
    retired = ring.retired.get(one.kid)
    if retired is not None:
        return "leaked" if retired == "leaked" else "rotated"
    if one.kid in signing:
        return "signs"
    if one.expires_at <= now:
        return "ended"
    if one.kid not in ring.signing_keys:
        return "elsewhere"
    return "waits" if now < one.not_before else "ready"
