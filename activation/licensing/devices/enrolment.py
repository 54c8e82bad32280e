"""D2, D4: what is kept of a device, as digests (D5), and its packed form.

Packed, all numbers big-endian:

    1 byte    format version: 2 when there is anything recent, else 1
    1 byte    length of the policy's label, then the label in ASCII
    1 byte    number of parts, then for each, in the order of their codes:
        1 byte    kind's code * 16 + number of digests
        16 bytes  each digest: of a MAC all that are remembered, of others the current one, then past ones
    1 byte    number of drifts, then for each, newest first:
        1 byte    kind's code
        5 bytes   seconds since 1970
    version 2 only: 1 byte   number of recent values, then for each, newest first:
        16 bytes  digest
        5 bytes   seconds since 1970
"""

from collections.abc import Iterator, Mapping
from dataclasses import field
from functools import lru_cache
from typing import Final

from activation.licensing.devices.kinds import (
    CODES,
    HARDWARE,
    INSTALL_ID,
    KIND_BY_CODE,
    KINDS,
    MAC,
    Presented,
)
from activation.licensing.devices.policies import policy_of, unfit
from activation.licensing.devices.sightings import FIRST_PEPPER, Sighting, pepper_of
from activation.licensing.values import value

DIGEST_BYTES: Final = 16
MACS_REMEMBERED: Final = 8
PAST_REMEMBERED: Final = 3
DRIFTS_REMEMBERED: Final = 8
RECENT_REMEMBERED: Final = 32

_FORMAT: Final = 1
_FORMAT_WITH_RECENT: Final = 2
_TIME_BYTES: Final = 5
_DRIFT_BYTES: Final = 1 + _TIME_BYTES
_RECENT_BYTES: Final = DIGEST_BYTES + _TIME_BYTES
_BYTES: Final = [bytes((number,)) for number in range(256)]
_MOST_DIGESTS: Final = {kind: MACS_REMEMBERED if kind == MAC else 1 + PAST_REMEMBERED for kind in KINDS}


@value
class Enrolment:
    """A device as it was enrolled, and what became of it.

    `policy` is the label it is matched under (D2). `current` holds the digests that count: one of each
    kind, up to 8 of a MAC, newest first. `past` holds up to 3 earlier ones of the other kinds, and `drifts`
    the latest changes with their time in seconds since 1970 (D4), both newest first. `recent` are the values
    that came to the device after it was enrolled, added or changed, with the time when, newest first: for a
    while they prove nothing by themselves (`proving`). `pepper` is the version that all
    digests were made under.
    """

    policy: str
    current: Mapping[str, tuple[bytes, ...]]
    past: Mapping[str, tuple[bytes, ...]] = field(default_factory=dict)
    drifts: tuple[tuple[str, int], ...] = ()
    recent: tuple[tuple[bytes, int], ...] = ()
    pepper: int = FIRST_PEPPER

    def digests(self) -> Iterator[bytes]:
        """Walk over the digests that an index finds this device by: current ones of kinds that weigh."""
        return policy_of(self.policy).digests(self.current)

    def as_seen(self) -> Sighting:
        """Return the enrolled device as if it had come by: comparable under its own pepper alone."""
        current, own = self.current, self.pepper
        return Sighting(current, own, (own,), lambda pepper, _: current if pepper == own else {}, 0)

    def pack(self) -> bytes:
        """Return the compact binary form, about 17 bytes a part."""
        current, past, drifts = self.current, self.past, self.drifts
        packed = [_pack_label(self.policy, recent=bool(self.recent)), _BYTES[len(current)]]
        for kind, code in CODES.items():
            digests = current.get(kind)
            if digests is not None:
                if past:
                    digests += past.get(kind, ())
                packed.append(_BYTES[code << 4 | len(digests)])
                packed += digests
        packed.append(_BYTES[len(drifts)])
        packed += [_BYTES[CODES[kind]] + at.to_bytes(_TIME_BYTES) for kind, at in drifts]
        if self.recent:
            packed.append(_BYTES[len(self.recent)])
            packed += [digest + at.to_bytes(_TIME_BYTES) for digest, at in self.recent]
        return b"".join(packed)


@lru_cache(maxsize=64)  # a handful of labels, read from our own table
def _pack_label(policy: str, *, recent: bool) -> bytes:
    label = policy.encode("ascii")
    return bytes((_FORMAT_WITH_RECENT if recent else _FORMAT, len(label))) + label


def enrol(policy: str, presented: Presented) -> Enrolment:
    """Enrol a device under the policy of this label (D2). One that does not fit it is the caller's error."""
    reason = unfit(policy_of(policy), presented)
    if reason is not None:
        raise ValueError(reason)
    current = {kind: first_digests(kind, presented[kind]) for kind in KINDS if presented.get(kind)}
    if not HARDWARE.isdisjoint(current):
        current.pop(INSTALL_ID, None)
    return Enrolment(policy, current, pepper=pepper_of(presented))


def first_digests(kind: str, sent: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """Return what to keep of a part that was never seen before, whatever order its digests came in."""
    for digest in sent:
        if len(digest) != DIGEST_BYTES:
            raise ValueError(f"{kind}: a digest is {DIGEST_BYTES} bytes")
    if len(sent) == 1:
        return sent
    if kind != MAC:
        raise ValueError(f"{kind}: one digest expected")
    return tuple(sorted(set(sent)))[:MACS_REMEMBERED]


def unpack(packed: bytes, pepper: int = FIRST_PEPPER) -> Enrolment:
    """Read the compact binary form back. Anything else is refused with ValueError.

    `pepper` is the version that its digests were made under, which is kept beside it.
    """
    try:
        if packed[0] not in {_FORMAT, _FORMAT_WITH_RECENT}:
            raise ValueError(f"enrolment format {packed[0]} is unknown")
        parts_at = 2 + packed[1]
        label = packed[2:parts_at].decode("ascii")
        current, past, drifts_at = _read_parts(packed, parts_at)
        drifts, recent_at = _read_drifts(packed, drifts_at)
        recent = _read_recent(packed, recent_at)
    except (IndexError, KeyError) as broken:
        raise ValueError("not a packed enrolment") from broken
    if not (label and label.isprintable()):
        raise ValueError("not a packed enrolment: no policy")
    return Enrolment(label, current, past, drifts, recent, pepper)


_Parts = dict[str, tuple[bytes, ...]]


def _read_parts(packed: bytes, at: int) -> tuple[_Parts, _Parts, int]:
    current: _Parts = {}
    past: _Parts = {}
    number, at, before = packed[at], at + 1, 0
    for _ in range(number):
        code, count = packed[at] >> 4, packed[at] & 15
        kind = KIND_BY_CODE[code]
        if code <= before or not 0 < count <= _MOST_DIGESTS[kind]:
            raise ValueError("not a packed enrolment: parts out of order or too large")
        at, before = at + 1, code
        end = at + count * DIGEST_BYTES
        digests = tuple([packed[start : start + DIGEST_BYTES] for start in range(at, end, DIGEST_BYTES)])
        current[kind] = digests if kind == MAC else digests[:1]
        if kind != MAC and count > 1:
            past[kind] = digests[1:]
        at = end
    return current, past, at


def _read_drifts(packed: bytes, at: int) -> tuple[tuple[tuple[str, int], ...], int]:
    number, start = packed[at], at + 1
    end = start + number * _DRIFT_BYTES
    if number > DRIFTS_REMEMBERED or len(packed) < end:
        raise ValueError("not a packed enrolment: too long or too short")
    drifts = [
        (KIND_BY_CODE[packed[each]], int.from_bytes(packed[each + 1 : each + _DRIFT_BYTES]))
        for each in range(start, end, _DRIFT_BYTES)
    ]
    return tuple(drifts), end


def _read_recent(packed: bytes, at: int) -> tuple[tuple[bytes, int], ...]:
    if packed[0] == _FORMAT:
        if len(packed) != at:
            raise ValueError("not a packed enrolment: too long or too short")
        return ()
    number, start = packed[at], at + 1
    if not 0 < number <= RECENT_REMEMBERED or len(packed) != start + number * _RECENT_BYTES:
        raise ValueError("not a packed enrolment: too long or too short")
    return tuple(
        [
            (
                packed[each : each + DIGEST_BYTES],
                int.from_bytes(packed[each + DIGEST_BYTES : each + _RECENT_BYTES]),
            )
            for each in range(start, len(packed), _RECENT_BYTES)
        ]
    )
