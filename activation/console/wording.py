"""Refusals in plain words: what was refused, by which rule, and what one can do instead."""

import re
from collections.abc import Mapping
from typing import Final

from activation.console.saying import say, say_or, texts
from activation.licensing.values import value
from activation.licensing.verdicts import Refusal, Refused

_LENGTHS: Final = (
    (re.compile(r"length >= 1\b"), "form.wrong.empty"),
    (re.compile(r"missing required field"), "form.wrong.empty"),
    (re.compile(r"matching regex '\\\\S'"), "form.wrong.empty"),
    (re.compile(r"length >= (\d+)"), "form.wrong.short"),
    (re.compile(r"length <= (\d+)"), "form.wrong.long"),
    (re.compile(r"(?:>=|>) ?(-?\d+)"), "form.wrong.small"),
    (re.compile(r"(?:<=|<) ?(-?\d+)"), "form.wrong.large"),
    (re.compile(r"matching regex"), "form.wrong.pattern"),
    (re.compile(r"Expected `(?:int|float|decimal)"), "form.wrong.number"),
    (re.compile(r"Invalid enum value"), "form.wrong.choice"),
)
_ROLE: Final = re.compile(r"The role (\w+) may not do this\.")


@value
class Explanation:
    """A refusal as a page tells it. `rule` is a sentence, or "" where it is no rule of licensing."""

    title: str
    detail: str
    rule: str
    instead: str
    code: str
    rule_name: str
    field: str = ""


def explain(refused: Refused) -> Explanation:
    """Return a refusal in words for people."""
    code, name = str(refused.code), str(refused.facts.get("field") or "")
    # What is not there was weighed by no rule.
    rule = "" if refused.code is Refusal.NOT_FOUND else say_or(f"rules.{refused.rule}", "")
    detail = _in_words(refused.detail.removeprefix(f"{name}: "))
    return Explanation(
        _title_of(code, refused.rule),
        detail,
        rule,
        _instead_of(code, refused.rule),
        code,
        refused.rule if rule else "",
        name,
    )


def _title_of(code: str, rule: str) -> str:
    """Return the title of a refusal: a code may stand for several things, told apart by their rule."""
    keys = (f"refusal.{name}.title" for name in (f"{code}_{rule}", rule, code, "conflict"))
    return next(say(key) for key in keys if key in texts())


def _instead_of(code: str, rule: str) -> str:
    """Return what to do instead: as told of a rule's refusal with this code, of the rule, of the code."""
    keys = (f"instead.{code}_{rule}", f"instead.{rule}", f"refusal.{code}.instead")
    return next((say(key) for key in keys if key in texts()), "")


def _in_words(detail: str) -> str:
    role = _ROLE.fullmatch(detail)
    return explain_field(detail) if role is None else say("refusal.by_role", role=say(f"roles.{role[1]}"))


def explain_field(detail: str) -> str:
    """Return in words what a field's check complains of."""
    if not detail.startswith(("Expected", "Object missing", "Invalid", "missing")):
        return detail
    for pattern, key in _LENGTHS:
        found = pattern.search(detail)
        if found is not None:
            return say(key, limit=found[1] if found.groups() else "")
    return say("form.wrong.other")


def errors_of(refused: Refused) -> Mapping[str, str]:
    """Return which field is wrong, and why."""
    told = explain(refused)
    return {told.field: told.detail} if told.field else {}


def rules() -> tuple[str, ...]:
    """Return the rules that have a sentence of their own."""
    return tuple(key.removeprefix("rules.") for key in texts() if key.startswith("rules."))
