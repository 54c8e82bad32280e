"""From a refusal to what was weighed for it, the refusal itself last."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from activation.licensing.attempts import Activate, Attempt, Release, Renew
from activation.licensing.deciding import answer, apply_changes, is_unknown_pepper
from activation.licensing.model import Holding
from activation.licensing.verdicts import Background, Outcome, Refusal, Refused, Verdict, Weighed
from activation.licensing.weeks import ResetWeek
from activation.licensing.weighing.activations import steps_of_activation
from activation.licensing.weighing.freeing import steps_of_release, steps_of_reset
from activation.licensing.weighing.renewals import steps_of_renewal
from activation.licensing.weighing.steps import Step


def decide_explained(
    attempt: Attempt, holding: Holding, now: int, week: ResetWeek, wants: Callable[[Refusal], bool]
) -> Verdict:
    """Decide as `deciding.decide` does; a refusal of a code that `wants` takes tells what was weighed.

    It is explained before the next attempt, and what the refusal itself keeps, change the facts.
    """
    verdict = answer(attempt, holding, now, week)
    if isinstance(verdict, Refused):
        wanted = not is_unknown_pepper(verdict) and wants(verdict.code)
        weighed = explain(attempt, holding, now, week, verdict) if wanted else ()
        verdict = replace(verdict, background=Background(holding.account.account_id, None, weighed))
    if verdict.changes:
        apply_changes(holding, verdict.changes)
    return verdict


def explain(
    attempt: Attempt, holding: Holding, now: int, week: ResetWeek, refused: Refused
) -> tuple[Weighed, ...]:
    """Return every rule that was weighed, the one that refused last; on the facts that it was refused on.

    The last entry's rule is the refusal's own, whatever the replay came to.
    """
    weighed = []
    ending = Step((refused.rule,), "Do the rules allow it?", {})
    for step in steps_of(attempt, holding, now, week):
        if step.refuses:
            ending = step
            break
        weighed.append(Weighed(step.rules[0], step.question, Outcome.PASSED, step.facts))
    return (*weighed, conclude(refused, ending.question, ending.facts))


def conclude(refused: Refused, question: str, facts: dict[str, object]) -> Weighed:
    """Return the last entry of a trace: the refusal by its own rule, with what it was asked on."""
    return Weighed(refused.rule, question, Outcome.REFUSED, {**facts, **refused.facts})


def steps_of(attempt: Attempt, holding: Holding, now: int, week: ResetWeek) -> Iterator[Step]:
    """Ask the questions of an attempt in order; the first that refuses ends it, a grant has none."""
    if isinstance(attempt, Activate):
        return steps_of_activation(attempt, holding, now, week)
    if isinstance(attempt, Renew):
        return steps_of_renewal(attempt, holding, now)
    if isinstance(attempt, Release):
        return steps_of_release(attempt, holding, now, week)
    return steps_of_reset(attempt, holding, now, week)
