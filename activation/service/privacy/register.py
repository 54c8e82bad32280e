"""G1: the register of processing as people read it: how long in words, and who sees it by role."""

from typing import Final

from activation.licensing.privacy.retention import DAY_S, YEAR_S, Keeping, RetentionRule, terms
from activation.licensing.roles import MAY, Act
from activation.licensing.values import value
from activation.service.working import Work
from activation.storage.privacy.register import IN_USE, LOG, Column, Register, read_register

_WORDS: Final = {
    LOG: "kept: it is the log or a sum, and names nobody",
    IN_USE: "as long as it is used",
}


@value
class Entry:
    """One column about people: what it says, of whom, why, on what ground, how long, and who sees it."""

    column: str
    says: str
    about: str
    why: str
    ground: str
    rule: str
    kept: str
    seen_by: tuple[str, ...]


@value
class RegisterShown:
    """The whole register: columns about people, and by table those that hold nothing of anybody."""

    entries: tuple[Entry, ...]
    plain: dict[str, tuple[str, ...]]


def show_register(keeping: Keeping) -> RegisterShown:
    """Return the register under these terms."""
    register: Register = read_register()
    return RegisterShown(tuple(_entry(column, keeping) for column in register.personal), dict(register.plain))


async def see_register(work: Work) -> RegisterShown:
    """Return the register under this server's terms."""
    return show_register(work.desk.keeping)


def length(seconds: int) -> str:
    """Return a length of time in words."""
    years, rest = divmod(seconds, YEAR_S)
    if years and rest < DAY_S:
        return f"{years} year{'s' * (years > 1)}"
    days = seconds // DAY_S
    return f"{days} day{'s' * (days != 1)}"


def _entry(column: Column, keeping: Keeping) -> Entry:
    return Entry(
        f"{column.table}.{column.name}",
        column.says,
        column.about,
        column.why,
        column.ground,
        "; ".join(column.rules),
        "; ".join(_kept(rule, keeping) for rule in column.rules),
        _roles(column.seen_by),
    )


def _kept(rule: str, keeping: Keeping) -> str:
    if rule in _WORDS:
        return _WORDS[rule]
    term = terms(keeping)[RetentionRule(rule)]
    return f"{length(term.keep_s)} after {term.since}"


def _roles(acts: tuple[Act, ...]) -> tuple[str, ...]:
    return tuple(sorted({str(role) for act in acts for role in MAY[act]}))
