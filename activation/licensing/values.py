"""Values: small records that say what they are and never change.

mypy lets nobody assign to their fields. At run time nothing checks that: the `__init__` of a frozen dataclass
costs five times as much, and one activation makes some twenty values.
"""

from dataclasses import dataclass, field
from typing import TypeVar, dataclass_transform

Class = TypeVar("Class")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def value(cls: type[Class]) -> type[Class]:
    """Make a class a dataclass with slots, equality and a hash, frozen in the eyes of the type checker."""
    return dataclass(slots=True, unsafe_hash=True)(cls)
