"""Bugs to plant in the server: each breaks one rule. A machine that does not find them proves nothing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from activation.licensing import activating, binding, releasing, renewing, resetting
from activation.licensing.model import License
from activation.licensing.reselling import affiliates, ordering, testing
from activation.licensing.weeks import ResetWeek
from activation.service import working
from activation.service.reselling import granting, handing, paying, terminating
from activation.service.resetting import staff_resets

Plant = Callable[[], Any]


async def _nothing(*_args: Any, **_kwargs: Any) -> list[int]:
    return []


async def _no_one(*_args: Any, **_kwargs: Any) -> dict[int, tuple[int, ...]]:
    return {}


async def _none(*_args: Any, **_kwargs: Any) -> int:
    return 0


async def _unclaimed(*_args: Any, **_kwargs: Any) -> None:
    return None


def _in(module: Any, name: str, other: Any) -> Plant:
    return lambda: patch.object(module, name, other)


PLANTED: dict[str, Plant] = {
    "R3: a reset is free at any time": _in(ResetWeek, "next_free", lambda *_: None),
    "R3: a week is a day longer": _in(
        ResetWeek, "after_use", lambda self, now: self._monday_after(now) + 86_400
    ),
    "R3: an owner's reset is not counted": _in(
        resetting, "use_self_reset", lambda held, now: resetting.Mark(held, None, None, held.moves, now)
    ),
    "R7: a move is not counted": _in(
        activating, "use_self_reset", lambda held, now: activating.Mark(held, None, None, held.moves, now)
    ),
    "R10: a release is not counted": _in(
        releasing, "use_self_reset", lambda held, now: resetting.Mark(held, None, None, held.moves, now)
    ),
    "R10: whoever comes gives the reset back": _in(
        binding,
        "_mark_after",
        lambda held, *_, **__: [binding.Mark(held, None, None, held.moves, held.moved_at)],
    ),
    "R8: an old certificate renews": _in(
        renewing, "current_activation", lambda held, _id: held.last or (held.current or [None])[0]
    ),
    "R9: a terminated reseller's licences can be reset": _in(terminating, "orphan_licenses", _nothing),
    "R5: no bound for a licence": _in(staff_resets, "bound_reached", lambda *_: None),
    "L8: suspended ones are given to devices": _in(binding, "standing_refusal", lambda *_: None),
    "L8: nothing ever ends": _in(License, "has_ended", lambda *_: False),
    "T2: tests last 15 days": _in(testing, "TEST_S", 15 * 86_400),
    "T3, T4: tests for everybody": _in(granting, "refuse_tests", lambda *_: None),
    "T5: tests go on beside regular licences": _in(handing, "turn_regular", _no_one),
    "T5: an ended test is not bound anew": _in(renewing, "may_be_rebound", lambda _refused: False),
    "P3: half is enough": _in(paying, "is_settled", lambda total, paid: paid * 2 >= total),
    "P3: an order waits for ever": _in(ordering, "state_of", lambda order, _now: order.state),
    "P6: a fifth for affiliates": _in(affiliates, "SHARE_PERCENT", 20),
    "P9: the pool is kept": _in(terminating, "_forfeit", _none),
    "a key is forgotten at once": _in(working, "claim", _unclaimed),
}


@contextmanager
def planted(name: str) -> Iterator[None]:
    """Plant a bug for a while."""
    with PLANTED[name]():
        yield
