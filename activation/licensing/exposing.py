"""R6: what a reset would leave open: how long an old certificate works, how often the licence has moved."""

from collections.abc import Iterable, Sequence

from activation.licensing.devices.matching import compare
from activation.licensing.model import Activation, License, Product
from activation.licensing.overriding import MONTH_S
from activation.licensing.recognising import Stranger, recognise
from activation.licensing.validity import certificate_validity
from activation.licensing.values import value


@value
class Exposure:
    """The figures of one licence. Times in seconds since 1970.

    `certificate_until` is when the old device's certificate ends at the latest (None with `for_ever`: never;
    without: there is no old device). `live_certificates` counts all devices, the current one too, whose
    certificates may still work. `moved_at` are the moves of the last 30 days, newest first. `differing` are
    the parts that differ between the last two devices, None where there were no two.
    """

    certificate_until: int | None
    for_ever: bool
    live_certificates: int
    moves: int
    moved_at: tuple[int, ...]
    differing: tuple[str, ...] | None


def expose(product: Product, held: License, history: Sequence[Activation], now: int) -> Exposure:
    """Return the figures, from the licence's current and past activations, newest first."""
    ends = [_latest_end(product, held, one, now) for one in history]
    live = sum(end is None or end > now for end in ends)
    moved_at = tuple(at for at in _moves(history) if at > now - MONTH_S)
    old = _latest(ends[: _count_old(history)])
    return Exposure(old, bool(ends) and old is None, live, held.moves, moved_at, _differing(history))


def _count_old(history: Sequence[Activation]) -> int:
    """Return how many of the newest activations are the old devices': all current ones, else the last."""
    return max(1, sum(one.ended_at is None for one in history))


def _latest(ends: Iterable[int | None]) -> int | None:
    known = list(ends)
    return max((end for end in known if end is not None), default=None) if None not in known else None


def _latest_end(product: Product, held: License, one: Activation, now: int) -> int | None:
    """Return when the last certificate that this activation can have got ends, None for never.

    The later one is issued the longer it lives, so the last was issued at the end, or now. A move since then
    has shortened nothing that was out already.
    """
    issued = now if one.ended_at is None else one.ended_at
    then = held
    if held.moved_at is not None and held.moved_at > issued:
        then = License(held.license_id, held.major, held.kind, ends_at=held.ends_at)
    return certificate_validity(product, then, one, issued).expires_at


def _moves(history: Sequence[Activation]) -> list[int]:
    """Return when another device than the one before took a slot, newest first."""
    moved: list[int] = []
    for at, one in enumerate(history):
        before = next((other for other in history[at + 1 :] if other.slot == one.slot), None)
        if before is not None and not _is_same(before, one):
            moved.append(one.activated_at)
    return moved


def _is_same(before: Activation, one: Activation) -> bool:
    return not isinstance(recognise(before.enrolment, one.enrolment.as_seen(), one.activated_at), Stranger)


def _differing(history: Sequence[Activation]) -> tuple[str, ...] | None:
    if len(history) < 2 or history[0].enrolment.pepper != history[1].enrolment.pepper:
        return None  # digests under two peppers tell nothing of each other (D5)
    compared = compare(history[1].enrolment, history[0].enrolment.as_seen())
    return (*compared.differing, *compared.missing, *compared.added)
