"""D1: the kinds of component a device is known by, the most telling first."""

from collections.abc import Mapping
from typing import Final

HDD_SERIAL: Final = "hdd_serial"
SYSTEM_UUID: Final = "system_uuid"
BOARD_SERIAL: Final = "board_serial"
MACHINE_ID: Final = "machine_id"
MAC: Final = "mac"
CPU_ID: Final = "cpu_id"
INSTALL_ID: Final = "install_id"

KINDS: Final[tuple[str, ...]] = (HDD_SERIAL, SYSTEM_UUID, BOARD_SERIAL, MACHINE_ID, MAC, CPU_ID, INSTALL_ID)
"""All kinds in canonical order. Whatever is listed by kind is listed in this order."""

CODES: Final[Mapping[str, int]] = {
    HDD_SERIAL: 1,
    SYSTEM_UUID: 2,
    BOARD_SERIAL: 3,
    MACHINE_ID: 4,
    MAC: 5,
    CPU_ID: 6,
    INSTALL_ID: 7,
}
"""A small number for each kind. They stand in stored enrolments: never change one, never use one again."""

KIND_BY_CODE: Final[Mapping[int, str]] = {code: kind for kind, code in CODES.items()}

HARDWARE: Final = frozenset({HDD_SERIAL, SYSTEM_UUID, BOARD_SERIAL, MAC})
"""The kinds that identify a machine (D3): disk images copy machine_id, all of one model have one cpu_id."""

ANCHORS: Final = frozenset({HDD_SERIAL, INSTALL_ID})
"""The kinds that, agreeing, need no second part beside them (D2). install_id stands in the disk's place."""

Presented = Mapping[str, tuple[bytes, ...]]
"""The digests of one request by kind: several of a MAC, one of any other kind."""
