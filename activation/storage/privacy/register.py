"""G1: the register of processing: what every column of the schema says of a person, why, and how long."""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

from activation.licensing.privacy.retention import RetentionRule
from activation.licensing.roles import Act
from activation.licensing.values import value

LOG: Final = "log"
IN_USE: Final = "in_use"
_RULES: Final = frozenset({LOG, IN_USE, *RetentionRule})


@value
class Column:
    """A column that says something of a person, what, how long it is kept, and by which acts it is seen."""

    table: str
    name: str
    says: str
    about: str
    why: str
    ground: str
    rules: tuple[str, ...]
    seen_by: tuple[Act, ...]


@value
class Register:
    """Every column of the schema: those about people, and by table those that are not."""

    personal: tuple[Column, ...]
    plain: Mapping[str, tuple[str, ...]]

    def columns(self) -> set[str]:
        """Return every column named, as `table.column`."""
        named = {f"{one.table}.{one.name}" for one in self.personal}
        return named | {f"{table}.{name}" for table, names in self.plain.items() for name in names}


class RegisterError(Exception):
    """The register contradicts itself; the text names the table."""


@cache
def read_register() -> Register:
    """Return the register as it stands beside the schema. Raises RegisterError."""
    text = files("activation.storage.privacy").joinpath("register.toml").read_text("utf-8")
    return arrange(tomllib.loads(text))


def arrange(document: Mapping[str, Any]) -> Register:
    """Arrange the parsed register. Raises RegisterError."""
    personal: list[Column] = []
    plain: dict[str, tuple[str, ...]] = {}
    for table in document["table"]:
        name = table["name"]
        if name in plain:
            raise RegisterError(f"{name} is there twice")
        plain[name] = tuple(table["plain"].split())
        personal += _columns(table)
        twice = {one.name for one in personal if one.table == name} & set(plain[name])
        if twice or len(set(plain[name])) != len(plain[name]):
            raise RegisterError(f"{name} names a column twice")
        _rules(name, table["rule"])
    return Register(tuple(personal), plain)


def _columns(table: Mapping[str, Any]) -> Iterator[Column]:
    for name, told in table.get("personal", {}).items():
        entry = {"says": told} if isinstance(told, str) else told
        merged = {**table, **entry}
        try:
            yield Column(
                table["name"],
                name,
                merged["says"],
                merged["about"],
                merged["why"],
                merged["ground"],
                _rules(table["name"], merged["rule"]),
                tuple(map(Act, merged["seen_by"])),
            )
        except (KeyError, ValueError) as wrong:
            raise RegisterError(f"{table['name']}.{name}: {wrong}") from wrong


def _rules(table: str, text: str) -> tuple[str, ...]:
    rules = tuple(text.split("; "))
    if not set(rules) <= _RULES:
        raise RegisterError(f"{table}: {text!r} is no rule of retention")
    return rules
