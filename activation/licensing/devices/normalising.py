"""D3: one spelling for one component, or none when the value identifies nothing.

A client in any language must come to the same text (D5 makes the digest of it), so the rules are few and
know ASCII only. At both ends NULs and blanks (codes 9-13, 28-32) are cut off every value. Then

* texts (hdd_serial, board_serial, cpu_id, install_id): upper case; blanks inside are dropped from an
  hdd_serial, which drives pad at will, and become one space in the others
* numbers (system_uuid, machine_id, mac): lower-case hexadecimal digits without separators; a system_uuid
  is written with its dashes

What many machines share counts for nothing, and so does what cannot be read.
"""

from collections.abc import Callable, Mapping
from typing import Final

from activation.licensing.devices.kinds import (
    BOARD_SERIAL,
    CPU_ID,
    HDD_SERIAL,
    INSTALL_ID,
    MAC,
    MACHINE_ID,
    SYSTEM_UUID,
)
from activation.licensing.devices.shared_values import SHARED, bare

EMPTY: Final = "empty"
MALFORMED: Final = "not readable"
TOO_SHORT: Final = "too short"
TOO_LONG: Final = "too long"
SHARED_BY_MANY: Final = "shared by many machines"
LOCAL: Final = "locally administered"
MULTICAST: Final = "multicast"
UNKNOWN_KIND: Final = "unknown kind"

LONGEST: Final = 256
"""More characters than any firmware gives. Bounds the work for one value."""

SHORTEST: Final = 4
SHORTEST_INSTALL_ID: Final = 8
"""Fewer letters and digits than this identify nothing."""

Examined = tuple[str | None, str]
"""A value's canonical text, or None and the reason why it does not count."""

_BLANKS: Final = "\0 \t\n\v\f\r\x1c\x1d\x1e\x1f"
_HEX: Final = "0123456789abcdef"
_MULTICAST_DIGITS: Final = frozenset("13579bdf")
_LOCAL_DIGITS: Final = frozenset("26ae")


def normalise(kind: str, value: str) -> str | None:
    """Return the canonical text of a component, or None when it does not count (D3)."""
    return examine(kind, value)[0]


def examine(kind: str, value: str) -> Examined:
    """Return the canonical text of a component, or None and the reason why it does not count (D3)."""
    if len(value) > LONGEST:
        return None, TOO_LONG
    rule = _RULES.get(kind)
    return rule(value) if rule is not None else (None, UNKNOWN_KIND)


def _disk(value: str) -> Examined:
    return _text(HDD_SERIAL, value, "", SHORTEST)


def _board(value: str) -> Examined:
    return _text(BOARD_SERIAL, value, " ", SHORTEST)


def _cpu(value: str) -> Examined:
    return _text(CPU_ID, value, " ", SHORTEST)


def _install(value: str) -> Examined:
    return _text(INSTALL_ID, value, " ", SHORTEST_INSTALL_ID)


def _text(kind: str, value: str, between: str, shortest: int) -> Examined:
    text = between.join(value.replace("\0", " ").split()).upper()
    if not (value.isascii() and text.isprintable()):
        return None, MALFORMED
    told = bare(text)
    if not told:
        return None, EMPTY
    if told in SHARED[kind]:
        return None, SHARED_BY_MANY
    return (text, "") if len(told) >= shortest else (None, TOO_SHORT)


def _uuid(value: str) -> Examined:
    digits, reason = _digits(SYSTEM_UUID, value)
    if digits is None:
        return None, reason
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}", ""


def _machine(value: str) -> Examined:
    return _digits(MACHINE_ID, value)


def _digits(kind: str, value: str) -> Examined:
    """Read 32 hexadecimal digits, however a UUID is written: with dashes, braces, `urn:uuid:` or without."""
    text = value.strip(_BLANKS).lower()
    digits = text.removeprefix("urn:uuid:").strip("{}").replace("-", "")
    if len(digits) != 32 or digits.strip(_HEX):
        return None, _why_unreadable(kind, text)
    if digits in SHARED[kind]:
        return None, SHARED_BY_MANY
    return digits, ""


def _why_unreadable(kind: str, text: str) -> str:
    told = bare(text)
    if not told:
        return EMPTY
    return SHARED_BY_MANY if told in SHARED[kind] else MALFORMED


def _mac(value: str) -> Examined:
    text = value.strip(_BLANKS).lower()
    digits = text.replace(":", "").replace("-", "").replace(".", "")
    if len(digits) != 12 or digits.strip(_HEX):
        return None, _why_unreadable(MAC, text)
    if digits[1] in _MULTICAST_DIGITS:
        return None, MULTICAST
    if digits[1] in _LOCAL_DIGITS:
        return None, LOCAL
    if digits in SHARED[MAC]:
        return None, SHARED_BY_MANY
    return digits, ""


_RULES: Final[Mapping[str, Callable[[str], Examined]]] = {
    HDD_SERIAL: _disk,
    SYSTEM_UUID: _uuid,
    BOARD_SERIAL: _board,
    MACHINE_ID: _machine,
    MAC: _mac,
    CPU_ID: _cpu,
    INSTALL_ID: _install,
}
