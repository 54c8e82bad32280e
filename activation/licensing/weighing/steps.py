"""One question of a trace; and those that several kinds of attempt have in common.

Facts are times (seconds), counts, states and kinds of component: never a digest, a name, a serial.
"""

from collections.abc import Iterator

from activation.licensing.attempts import Presented
from activation.licensing.devices.kinds import KINDS
from activation.licensing.devices.matching import compare
from activation.licensing.model import Account, Activation, License
from activation.licensing.recognising import Stranger, facts_of, recognise
from activation.licensing.resetting import refuse_self_reset
from activation.licensing.standing import account_refusal, license_refusal, update_refusal
from activation.licensing.values import value
from activation.licensing.verdicts import Refused
from activation.licensing.weeks import ResetWeek

Facts = dict[str, object]


@value
class Step:
    """A question, the facts it is asked on, and whether it refuses; then by one of `rules`."""

    rules: tuple[str, ...]
    question: str
    facts: Facts
    refuses: bool = False


def ask_account(account: Account) -> Step:
    """L8: the account's own state."""
    facts: Facts = {"account": account.state.name.lower()}
    return Step(("L8",), "Is the account open?", facts, account_refusal(account) is not None)


def ask_standing(held: License, now: int, *, while_suspended: bool = False) -> Step:
    """L8: a licence's own state."""
    refused = license_refusal(held, now, while_suspended=while_suspended)
    return Step(("L8",), "Is the licence in good standing?", standing_of(held, now), refused is not None)


def standing_of(held: License, now: int) -> Facts:
    """Return what L8 looks at of a licence."""
    return {
        "state": held.state.name.lower(),
        "kind": held.kind.name.lower(),
        "license_ends_at": held.ends_at,
        "has_ended": held.has_ended(now),
    }


def ask_updates(held: License, released_at: int | None) -> Step:
    """L7, R9: the build that asks and the licence's term of updates."""
    facts: Facts = {
        "released_at": released_at,
        "updates_until": held.updates_until,
        "orphaned": held.orphaned,
    }
    question = "Was this build released within the licence's term of updates?"
    return Step(("L7", "R9"), question, facts, update_refusal(held, released_at) is not None)


def ask_device(activation: Activation, device: Presented, now: int) -> Step:
    """D2, D4: whether the device is the enrolled one."""
    known = recognise(activation.enrolment, device, now)
    rules = ("D4",) if isinstance(known, Stranger) and known.past_limit else ("D2",)
    facts = compared(activation, device, now)
    return Step(rules, "Is this the enrolled device?", facts, isinstance(known, Stranger))


def compared(activation: Activation, device: Presented, now: int) -> Facts:
    """Return how a device compares with an enrolled one: kinds of parts, never what they hold."""
    comparison = compare(activation.enrolment, device)
    known = recognise(activation.enrolment, device, now)
    facts: Facts = {
        "policy": activation.enrolment.policy,
        "agreed": list(comparison.agreed),
        "differing": list(comparison.differing),
        "missing": list(comparison.missing),
        "added": list(comparison.added),
        "same_device": not isinstance(known, Stranger),
    }
    if isinstance(known, Stranger) and known.past_limit:
        facts |= {"past_limit": True, **facts_of(known)}
    return facts


def presented(device: Presented) -> list[str]:
    """Return which kinds of component a request named."""
    return [kind for kind in KINDS if device.get(kind)]


def ask_own_reset(held: License, now: int, week: ResetWeek) -> Iterator[Step]:
    """R9, R2, R3: what the owner, or the device itself, may not free now."""
    refused = refuse_self_reset(held, now, week)
    yield from in_order(
        refused,
        Step(("R9",), "Does the licence's reseller still stand?", {"orphaned": held.orphaned}),
        ask_online(held),
        Step(
            ("R3",),
            "Is the week's own reset free?",
            {
                "self_reset_at": held.self_reset_at,
                "next_at": week.next_free(held.self_reset_at, now),
                "week": week.kind,
            },
        ),
    )


def ask_online(held: License) -> Step:
    """R2: whether every device that holds the licence was activated online."""
    offline = sum(not activation.online for activation in held.current)
    facts: Facts = {"devices_now": len(held.current), "offline_devices": offline}
    return Step(("R2",), "Was the licence activated online?", facts, offline > 0)


def in_order(refused: Refused | None, *steps: Step) -> Iterator[Step]:
    """Give the steps that one predicate stands for, as far as the one whose rule it refused by."""
    for step in steps:
        refuses = refused is not None and refused.rule in step.rules
        yield Step(step.rules, step.question, step.facts, refuses)
