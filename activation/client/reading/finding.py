"""What a reader brings back: parts found, and parts that could not be read, each with a reason."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

KINDS = ("hdd_serial", "system_uuid", "board_serial", "machine_id", "mac", "cpu_id")

UNNAMED_DEVICE = "unnamed device"
MAX_VALUE_LENGTH = 256
MAX_NAME_LENGTH = 64
MAX_MACS = 16  # the protocol takes no more

_DAMAGED = "\N{REPLACEMENT CHARACTER}"  # what decoding leaves of bytes that are no text
_MAC = re.compile(r"[0-9a-f]{2}([:-]?)(?:[0-9a-f]{2}\1){4}[0-9a-f]{2}", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class Unread:
    """A part that could not be read; the reason is for people and never holds a value."""

    kind: str
    reason: str


@dataclass(frozen=True, slots=True)
class Found:
    """A part as the machine gave it, and where."""

    kind: str
    value: str | list[str] = field(repr=False)
    source: str


Finding = Found | Unread


@dataclass(frozen=True, slots=True)
class Reading:
    """All that one machine told about itself; its repr holds no values, so that no log does."""

    components: dict[str, str | list[str]] = field(repr=False)
    unread: tuple[Unread, ...]
    sources: dict[str, str]
    device_name: str
    platform: str


def gather_findings(platform: str, device_name: str, findings: Iterable[Finding]) -> Reading:
    """Put findings together, in the order in which licensing weighs the kinds."""
    ordered = sorted(findings, key=lambda finding: KINDS.index(finding.kind))
    found = [finding for finding in ordered if isinstance(finding, Found)]
    return Reading(
        components={part.kind: part.value for part in found},
        unread=tuple(finding for finding in ordered if isinstance(finding, Unread)),
        sources={part.kind: part.source for part in found},
        device_name=_clean_name(device_name),
        platform=platform,
    )


def _clean_name(raw: str) -> str:
    # People put pictures and directions into a name: what cannot be shown goes, the rest stays.
    shown = "".join(character for character in raw if character.isprintable())
    return shown.strip()[:MAX_NAME_LENGTH] or UNNAMED_DEVICE


def explain_unread(kind: str, reason: str) -> Unread:
    """Make an Unread whose reason can stand alone on a line."""
    return Unread(kind, f"{kind}: {reason}")


def explain_all_unread(kinds: Iterable[str], reason: str) -> list[Finding]:
    """One Unread for each kind, all for the same reason."""
    return [explain_unread(kind, reason) for kind in kinds]


def clean_value(raw: object) -> str | None:
    """Take the padding off a value; None when it is no text, empty, too long or damaged."""
    if not isinstance(raw, str):
        return None
    value = raw.strip(" \t\r\n\0")
    if not value or len(value) > MAX_VALUE_LENGTH or not value.isprintable() or _DAMAGED in value:
        return None
    return value


def find_value(kind: str, raw: object, source: str, absent: str) -> Finding:
    """Accept one value that a system tool reported, or say why not."""
    value = clean_value(raw)
    return explain_unread(kind, absent) if value is None else Found(kind, value, source)


def find_macs(raws: Sequence[object], source: str, absent: str) -> Finding:
    """Accept every well-formed hardware address, each once."""
    values = {value for raw in raws if (value := clean_value(raw)) is not None and _MAC.fullmatch(value)}
    if not values:
        return explain_unread("mac", absent)
    # Sorted, because interfaces come in another order after every boot.
    return Found("mac", sorted(values)[:MAX_MACS], source)
