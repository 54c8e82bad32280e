"""D3: look up whether a value is one that many machines share. The list is data: `shared_values.toml`."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final

from activation.licensing.devices.kinds import KINDS, MAC, MACHINE_ID, SYSTEM_UUID

HEX_KINDS: Final = frozenset({SYSTEM_UUID, MACHINE_ID, MAC})
"""The kinds that are numbers, written in lower-case hexadecimal digits. The others are upper-case text."""

_MARKS: Final = bytes(code for code in range(128) if not chr(code).isalnum())
_BUCKET: Final = 4


@dataclass(frozen=True, slots=True)
class SharedValues:
    """The shared values of one kind: whole ones, beginnings by their first 4 characters, and runs.

    Asked about letters and digits alone (`bare`), lower-case for numbers, upper-case for texts.
    """

    whole: frozenset[str]
    beginnings: Mapping[str, tuple[str, ...]]
    runs: str

    def __contains__(self, told: str) -> bool:
        return (
            told in self.whole
            or told in self.runs
            # One character or group of them, repeated throughout, turns up again in the middle of its double.
            or told in (told + told)[1:-1]
            or told.startswith(self.beginnings.get(told[:_BUCKET], ()))
        )


def bare(text: str) -> str:
    """Return the letters and digits alone, so that all spellings of one value look alike."""
    return text if text.isalnum() else text.encode("utf-8", "ignore").translate(None, _MARKS).decode()


def other_byte_order(digits: str) -> str:
    """Return a UUID's 32 digits with its first three fields reversed byte by byte."""
    time = bytes.fromhex(digits[:16])
    return (time[3::-1] + time[5:3:-1] + time[7:5:-1]).hex() + digits[16:]


def read_shared_values(document: Mapping[str, Any]) -> Mapping[str, SharedValues]:
    """Arrange the parsed list by kind."""
    groups = document["group"]
    unknown = {kind for group in groups for kind in group["kinds"]} - set(KINDS)
    if unknown:
        raise ValueError(f"unknown kinds of component: {sorted(unknown)}")
    return {kind: _of_kind(kind, groups, document["runs"]) for kind in KINDS}


def _of_kind(kind: str, groups: Iterable[Mapping[str, Any]], runs: Iterable[str]) -> SharedValues:
    mine = [group for group in groups if kind in group["kinds"]]
    whole = {_spell(kind, value) for group in mine for value in group.get("values", ())}
    beginnings = {_spell(kind, value) for group in mine for value in group.get("prefixes", ())}
    if kind == SYSTEM_UUID:
        whole |= {other_byte_order(value) for value in whole if _is_uuid(value)}
    return SharedValues(
        whole=frozenset(whole),
        beginnings=_in_buckets(beginnings),
        runs="" if kind in HEX_KINDS else "\n".join(runs),
    )


def _spell(kind: str, value: str) -> str:
    return bare(value.lower() if kind in HEX_KINDS else value.upper())


def _is_uuid(text: str) -> bool:
    return len(text) == 32 and not text.strip("0123456789abcdef")


def _in_buckets(beginnings: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
    buckets: dict[str, tuple[str, ...]] = {}
    for text in sorted(beginnings):
        if len(text) < _BUCKET:
            raise ValueError(f"a shared beginning has at least {_BUCKET} letters and digits: {text!r}")
        buckets[text[:_BUCKET]] = (*buckets.get(text[:_BUCKET], ()), text)
    return buckets


SHARED: Final = read_shared_values(
    tomllib.loads(files("activation.licensing.devices").joinpath("shared_values.toml").read_text("utf-8"))
)
"""The shared values by kind."""
