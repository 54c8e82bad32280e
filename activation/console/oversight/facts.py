"""Facts of refusals and events as pages show them: each with its kind, so that times and lists read well."""

from collections.abc import Mapping
from typing import Final

from activation.licensing.traces import KIND_OF, TIMES
from activation.licensing.values import value

MOST_SHOWN: Final = 50
"""How many entries of one list a page shows."""
_ORDER: Final = {name: place for place, name in enumerate(KIND_OF)}


@value
class Fact:
    """One fact.

    `kind` is "time", "yes", "no", "unknown", "none" (an empty list), "text", "list" (of texts), "groups" (of
    facts).
    """

    name: str
    kind: str
    content: object = None


def facts_of(facts: Mapping[str, object]) -> tuple[Fact, ...]:
    """Return facts as they are shown: in the order of the names' table, for the database keeps none."""
    ordered = sorted(facts.items(), key=lambda fact: _ORDER.get(fact[0], len(_ORDER)))
    return tuple(_fact(name, content) for name, content in ordered)


def _fact(name: str, content: object) -> Fact:
    if content is None:
        return Fact(name, "unknown")
    if isinstance(content, bool):
        return Fact(name, "yes" if content else "no")
    if isinstance(content, int) and name in TIMES:
        return Fact(name, "time", content)
    if isinstance(content, Mapping):
        return Fact(name, "groups", (facts_of(content),)) if content else Fact(name, "none")
    if isinstance(content, list):
        return _listed(name, content[:MOST_SHOWN])
    return Fact(name, "text", str(content))


def _listed(name: str, content: list[object]) -> Fact:
    if not content:
        return Fact(name, "none")
    groups = [one for one in content if isinstance(one, Mapping)]
    if len(groups) == len(content):
        return Fact(name, "groups", tuple(facts_of(one) for one in groups))
    return Fact(name, "list", tuple(str(one) for one in content))
