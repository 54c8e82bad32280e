"""Devices that look real: six parts each, none alike, none that the server would pass over (D3)."""

from hashlib import blake2b
from typing import Any, Final

from crypto.signing import SigningKey

_MAKERS: Final = (
    "3c:97:0e",
    "00:1b:21",
    "f8:b1:56",
    "a4:bb:6d",
    "d8:5e:d3",
    "70:85:c2",
    "9c:7b:ef",
    "00:25:90",
)
_MAC_STEP: Final = 0x9E3779B1
"""Odd, so that one after the other every address of a maker comes up once."""


def make_device(number: int, which: int = 0) -> dict[str, Any]:
    """Return device `number` as a request's `device`; `which` tells several devices of one account apart."""
    seed = f"{which} {number}".encode()
    digits = blake2b(seed, digest_size=60, person=b"load-test device").hexdigest()
    return {
        "platform": "windows",
        "name": f"DESKTOP-{digits[:7].upper()}",
        "components": {
            "hdd_serial": f"S4EV{digits[7:18].upper()}",
            "system_uuid": _uuid(digits[18:50]),
            "board_serial": f"/{digits[50:57].upper()}/CNWS200{digits[57:64].upper()}/",
            "machine_id": digits[64:96],
            "mac": [_mac(number, which)],
            "cpu_id": f"BFEBFBFF000{digits[96:101].upper()}",
        },
    }


def device_key(number: int) -> SigningKey:
    """Return the key of device `number` (D6)."""
    return SigningKey.from_seed(blake2b(b"%d" % number, digest_size=32, person=b"load-test key").digest())


def _uuid(digits: str) -> str:
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def _mac(number: int, which: int) -> str:
    own = f"{(number * _MAC_STEP + which) & 0xFFFFFF:06x}"
    return f"{_MAKERS[(number >> 24) + which & 7]}:{own[:2]}:{own[2:4]}:{own[4:]}"
