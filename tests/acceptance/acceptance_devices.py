"""Devices for the tests: each with six real-looking components of its own."""

from collections.abc import Mapping
from hashlib import blake2b
from itertools import count
from typing import Any
from uuid import UUID

PARTS = ("hdd_serial", "system_uuid", "board_serial", "machine_id", "mac", "cpu_id")
_numbers = count(1)


def device(number: int | None = None) -> dict[str, Any]:
    """Return the device of this number, or one that no test has had before."""
    n = next(_numbers) + 1_000_000 if number is None else number
    return {"platform": "linux", "name": f"pc-{n}", "components": components(n)}


def components(n: int) -> dict[str, Any]:
    digest = blake2b(f"device {n}".encode(), digest_size=32).hexdigest()
    return {
        "hdd_serial": f"WD-WCC4E{digest[:8].upper()}",
        "system_uuid": str(UUID(digest[8:40])),
        "board_serial": f"PF{digest[40:50].upper()}",
        "machine_id": blake2b(f"machine {n}".encode(), digest_size=16).hexdigest(),
        "mac": [f"00:1b:21:{digest[50:52]}:{digest[52:54]}:{digest[54:56]}"],
        "cpu_id": "GenuineIntel-6-158-10",
    }


def with_parts(machine: Mapping[str, Any], **parts: Any) -> dict[str, Any]:
    """Return the device with these components changed; None takes one out."""
    changed = {**machine["components"], **parts}
    return {**machine, "components": {kind: value for kind, value in changed.items() if value is not None}}


def swap(machine: Mapping[str, Any], *kinds: str) -> dict[str, Any]:
    """Return the device with these parts replaced by those of a machine never seen."""
    other = device()["components"]
    return with_parts(machine, **{kind: other[kind] for kind in kinds})


def only(machine: Mapping[str, Any], *kinds: str) -> dict[str, Any]:
    """Return the device as it tells itself by these parts alone."""
    kept = {kind: value for kind, value in machine["components"].items() if kind in kinds}
    return {**machine, "components": kept}


def values_of(machine: Mapping[str, Any]) -> list[str]:
    """Return every value that the device sends of its parts."""
    flat: list[str] = []
    for value in machine["components"].values():
        flat += value if isinstance(value, list) else [value]
    return flat
