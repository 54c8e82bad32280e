"""Staff's resets and what they leave open, into messages."""

from collections.abc import Sequence

from activation.licensing.identifiers import LICENSE, RESET, STAFF, to_text
from activation.licensing.overriding import Override
from activation.messages.resets import (
    ExposureAnswer,
    Left,
    ListedOverride,
    OverrideAnswer,
    OverridesAnswer,
)
from activation.messages.times import optional_rfc3339, to_rfc3339
from activation.service.resetting.exposure import Shown
from activation.service.resetting.overrides import Overridden
from activation.service.resetting.staff_resets import PAGE


def answer_overridden(done: Overridden) -> OverrideAnswer:
    """Tell a reset by staff as it stands now."""
    one = done.override
    return OverrideAnswer(
        to_text(LICENSE, one.license_id),
        to_text(RESET, one.reset_id),
        one.state.name.lower(),
        _optional(LICENSE, one.given_id),
        answer_exposure(done.shown) if done.shown is not None else None,
    )


def answer_exposure(shown: Shown) -> ExposureAnswer:
    """Tell what a reset leaves open (R6)."""
    figures = shown.figures
    until = figures.certificate_until
    return ExposureAnswer(
        to_text(LICENSE, shown.license_id),
        optional_rfc3339(until),
        figures.for_ever,
        max(0, until - shown.now) if until is not None else None,
        figures.live_certificates,
        figures.moves,
        len(figures.moved_at),
        [to_rfc3339(at) for at in figures.moved_at],
        list(figures.differing) if figures.differing is not None else None,
        list(shown.waiting),
        Left(shown.left.agent_day, shown.left.license_month),
    )


def answer_overrides(overrides: Sequence[Override]) -> OverridesAnswer:
    """Tell a page of resets by staff."""
    more = to_text(RESET, overrides[-1].reset_id) if len(overrides) == PAGE else None
    return OverridesAnswer([_list(one) for one in overrides], more)


def _list(one: Override) -> ListedOverride:
    return ListedOverride(
        to_text(RESET, one.reset_id),
        to_text(LICENSE, one.license_id),
        one.kind.name.lower(),
        one.state.name.lower(),
        one.reason,
        one.note,
        to_text(STAFF, one.staff_id),
        to_rfc3339(one.asked_at),
        _optional(STAFF, one.decided_by),
        optional_rfc3339(one.decided_at),
        _optional(STAFF, one.undone_by),
        optional_rfc3339(one.undone_at),
        _optional(LICENSE, one.given_id),
    )


def _optional(prefix: str, identifier: int | None) -> str | None:
    return None if identifier is None else to_text(prefix, identifier)
