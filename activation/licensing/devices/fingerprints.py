"""D3: all components of a request together, and whether they identify a machine."""

from collections.abc import Mapping, Sequence
from typing import Final

from activation.licensing.devices.kinds import HARDWARE, INSTALL_ID, KINDS, MAC
from activation.licensing.devices.normalising import examine
from activation.licensing.values import value

MACS_GIVEN: Final = 16
"""So many MACs of one request count (protocol.md)."""

SEVERAL: Final = "more than one value"
TOO_MANY: Final = "more than 16 values"
NOT_ALLOWED: Final = "not allowed for this product"

NO_HARDWARE: Final = "no hardware part identifies this machine"
BY_INSTALL_ID: Final = "known by its install id only"

_READ_ALWAYS: Final = tuple(kind for kind in KINDS if kind != INSTALL_ID)

Components = Mapping[str, str | Sequence[str]]
"""What a client sent, by kind."""


@value
class Fingerprint:
    """What counts of a request's components (D3).

    `parts` are in canonical order, the values of each sorted. `ignored` says in plain words what did not
    count and why, never the value: serials are personal data. `note` is for people, empty when the
    hardware speaks for itself.
    """

    parts: tuple[tuple[str, tuple[str, ...]], ...]
    ignored: tuple[tuple[str, str], ...]
    identifiable: bool
    note: str = ""


def identify(components: Components, *, install_id_allowed: bool) -> Fingerprint:
    """Read a request's components (D3). Kinds that this server does not know are passed over."""
    parts: list[tuple[str, tuple[str, ...]]] = []
    ignored: list[tuple[str, str]] = []
    hardware = False
    for kind in _READ_ALWAYS:
        sent = components.get(kind)
        if sent is None:
            continue
        if not isinstance(sent, str) and len(sent) == 1:
            sent = sent[0]
        values = _read(kind, sent, ignored)
        if values:
            parts.append((kind, values))
            hardware = hardware or kind in HARDWARE
    named = _read_install_id(components.get(INSTALL_ID), ignored, install_id_allowed)
    if named:
        parts.append((INSTALL_ID, named))
    note = "" if hardware else BY_INSTALL_ID if named else NO_HARDWARE
    return Fingerprint(tuple(parts), tuple(ignored), hardware or bool(named), note)


def _read_install_id(
    sent: str | Sequence[str] | None, ignored: list[tuple[str, str]], allowed: bool
) -> tuple[str, ...]:
    """D3: a name the client made once stands in for the hardware, where the product allows it.

    It is read beside hardware too: a device that was enrolled by it stays known when its first hardware part
    appears. Beside hardware it is never enrolled (`enrolment`), so that it tells no other device.
    """
    if sent is None:
        return ()
    if allowed:
        return _read(INSTALL_ID, sent, ignored)
    ignored.append((INSTALL_ID, NOT_ALLOWED))
    return ()


def _read(kind: str, sent: str | Sequence[str], ignored: list[tuple[str, str]]) -> tuple[str, ...]:
    if not isinstance(sent, str):
        return _read_many(kind, sent, ignored)
    text, reason = examine(kind, sent)
    if text is not None:
        return (text,)
    ignored.append((kind, reason))
    return ()


def _read_many(kind: str, sent: Sequence[str], ignored: list[tuple[str, str]]) -> tuple[str, ...]:
    examined = [examine(kind, value) for value in sent]
    counted = sorted({text for text, _ in examined if text is not None})
    reasons = {reason for text, reason in examined if text is None}
    ignored.extend((kind, reason) for reason in sorted(reasons))
    if kind != MAC and len(counted) > 1:
        ignored.append((kind, SEVERAL))
        return ()
    if len(counted) > MACS_GIVEN:
        ignored.append((kind, TOO_MANY))
    return tuple(counted[:MACS_GIVEN])
