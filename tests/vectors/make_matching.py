"""matching.json: enrolled and presented digests, a policy, and whether it is the same device.

A device is written short: `h1 u1 m1,2` is a disk of digest 1, a UUID of digest 1, MACs 1 and 2. Which parts
agree is worked out here, without the project's code; whether it is the same device is written by hand.
"""

from collections.abc import Iterator

from writing import Build, Case, subject

from crypto import base64url

KINDS = {
    "h": "hdd_serial",
    "u": "system_uuid",
    "b": "board_serial",
    "i": "machine_id",
    "m": "mac",
    "c": "cpu_id",
    "n": "install_id",
}
Device = dict[str, list[str]]

ALL = "h1 u1 b1 i1 m1 c1"  # 13 under standard and lenient

STANDARD = [
    ("all equal", ALL, ALL, True),
    ("disk exchanged: 9 of 13", ALL, "h2 u1 b1 i1 m1 c1", True),
    ("board exchanged: 6 of 13", ALL, "h1 u2 b2 i1 m2 c1", False),
    ("disk and UUID: 7 of 13", ALL, "h1 u1 b2 i2 m2 c1", True),
    ("UUID, board, machine id: 7 of 13, three parts and no disk", ALL, "h2 u1 b1 i1 m2 c2", True),
    ("UUID and board: 5 of 13", ALL, "h2 u1 b1 i2 m2 c1", False),
    ("disk alone equal: 4 of 13", ALL, "h1 u2 b2 i2 m2 c2", False),
    ("leaving parts out helps nothing: disk only sent", ALL, "h1", False),
    ("leaving parts out: disk and UUID sent", ALL, "h1 u1", True),
    ("nothing sent", ALL, "", False),
    ("only a processor in common", ALL, "c1", False),
    ("one part enrolled, equal", "h1", "h1 u1 m1", True),
    ("one part enrolled, other", "h1", "h2 u1 m1", False),
    ("one part enrolled, not sent", "h1", "u1 m1", False),
    ("one MAC enrolled, equal", "m1", "m1", True),
    ("a processor does not count beside the one part", "m1 c1", "m1 c2", True),
    ("a processor cannot stand for the one part", "m1 c1", "m2 c1", False),
    ("two parts, one equal, no disk: half, but one part", "b1 i1", "b1 i2", False),
    ("two parts, both equal", "b1 i1", "b1 i1", True),
    ("disk and board, disk equal: 4 of 6", "h1 b1", "h1 b2", True),
    ("disk and board, board equal: 2 of 6", "h1 b1", "h2 b1", False),
    ("exactly half: 4 of 8", "h1 b1 m1", "h1 b2 m2", True),
    ("exactly half without a disk: 4 of 8", "h1 b1 m1", "h2 b1 m1", True),
    ("one below half: 4 of 9", "h1 u1 m1", "h1 u2 m2", False),
    ("one of several MACs", "u1 m1,2,3", "u1 m3,9", True),
    ("no MAC in common", "h1 m1,2", "h2 m3,4", False),
    ("MACs added", "h1 m1", "h1 m1,2,3,4", True),
    ("parts added only", "h1", "h1 u1 b1 i1 m1 c1", True),
    ("install id alone, equal", "n1", "n1", True),
    ("install id alone, other", "n1", "n2", False),
    ("virtual machine: machine id changed: 4 of 6", "i1 n1 c1", "i2 n1 c1", True),
    ("virtual machine: install id changed: 2 of 6", "i1 n1 c1", "i1 n2 c1", False),
    ("virtual machine grown hardware", "i1 n1", "h1 i1", False),
]
LENIENT = [
    ("all equal", ALL, ALL, True),
    ("a third with UUID and board: 5 of 13", ALL, "h2 u1 b1 i2 m2 c1", True),
    ("board and MAC: 4 of 13", ALL, "h2 u2 b1 i2 m1 c1", False),
    ("disk alone: 4 of 13", ALL, "h1 u2 b2 i2 m2 c1", False),
    ("disk alone: 4 of 11", "h1 u1 b1 i1", "h1 u2 b2 i2", True),
    ("UUID alone of 9, exactly a third, but one part", "h1 u1 b1", "h2 u1 b2", False),
    ("one part enrolled, other", "u1", "u2", False),
    ("disk and one more enrolled, disk other", "h1 u1", "h2 u1", False),
]
STRICT = [
    ("disk and MAC equal", "h1 m1", "h1 m1", True),
    ("disk and one MAC of three", "h1 m1,2,3", "h1 m3", True),
    ("all else changed", ALL, "h1 u2 b2 i2 m1 c2", True),
    ("disk other", ALL, "h2 u1 b1 i1 m1 c1", False),
    ("MAC other", ALL, "h1 u1 b1 i1 m2 c1", False),
    ("MAC not sent", ALL, "h1 u1 b1 i1 c1", False),
    ("disk not sent", ALL, "u1 b1 i1 m1", False),
    ("nothing sent", ALL, "", False),
]


def read(written: str) -> Device:
    device: Device = {}
    for word in written.split():
        values = [base64url.encode(bytes([ord(word[0]), int(number)]) * 8) for number in word[1:].split(",")]
        device[KINDS[word[0]]] = values
    return device


def _case(policy: str, name: str, enrolled: Device, presented: Device, same: bool) -> Case:
    parts: dict[str, list[str]] = {"agreed": [], "differing": [], "missing": [], "added": []}
    for kind in KINDS.values():
        held, sent = set(enrolled.get(kind, [])), set(presented.get(kind, []))
        if held and sent:
            parts["agreed" if held & sent else "differing"].append(kind)
        elif held or sent:
            parts["missing" if held else "added"].append(kind)
    return {
        "name": f"{policy}: {name}",
        "policy": policy,
        "enrolled": enrolled,
        "presented": presented,
        "same": same,
        **parts,
    }


def matching_cases() -> Iterator[Case]:
    for policy, rows in [("standard/1", STANDARD), ("lenient/1", LENIENT), ("strict/1", STRICT)]:
        for name, enrolled, presented, same in rows:
            yield _case(policy, name, read(enrolled), read(presented), same)
    for policy in ("standard/0", "standard", "Standard/1", ""):
        empty: dict[str, list[str]] = {}
        yield {
            "name": f"unknown policy {policy!r}",
            "policy": policy,
            "enrolled": read(ALL),
            "presented": empty,
            "same": None,
        }


FILES: dict[str, Build] = {
    "matching.json": lambda: subject(
        "Digests by kind, enrolled and presented, under a policy's label: the same device or not, and which "
        "parts agreed, differ, are missing, were added. same null: the policy is unknown.",
        matching_cases(),
    )
}
