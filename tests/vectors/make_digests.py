"""Write digests.json: account salts and component digests, from a fixed pepper, with libsodium's BLAKE2b.

libsodium and not the project's own code, so that the file is a second opinion.
"""

import json
import sys
from pathlib import Path
from typing import Any

from nacl.bindings import crypto_generichash_blake2b_salt_personal as blake2b

FILE = Path(__file__).with_name("digests.json")
PEPPER = bytes(range(32))

ACCOUNTS = [0, 1, 42, 2**40 + 7, 2**63 - 1]
COMPONENTS = [
    ("hdd_serial", "WD-WCC4N7XXXXX1"),
    ("system_uuid", "4c4c4544-0051-3010-8052-b4c04f4d3332"),
    ("board_serial", "/8JQ0T32/CNFCW0061B00E7/"),
    ("machine_id", "0123456789abcdef0123456789abcdef"),
    ("mac", "00155d012a3b"),
    ("cpu_id", "BFEBFBFF000906EA"),
    ("install_id", "Zoë's laptop 💻"),
    ("mac", ""),
]


def build() -> dict[str, Any]:
    device_key = blake2b(b"devices", digest_size=32, key=PEPPER, person=b"activation-key")
    accounts = []
    for account_id in ACCOUNTS:
        salt = blake2b(account_id.to_bytes(8, "big"), digest_size=16, key=device_key)
        digests = [
            {
                "kind": kind,
                "value": value,
                "digest": blake2b(f"{kind}\0{value}".encode(), digest_size=16, key=salt).hex(),
            }
            for kind, value in COMPONENTS
        ]
        accounts.append({"account_id": account_id, "salt": salt.hex(), "digests": digests})
    return {
        "about": "Keyed BLAKE2b (RFC 7693): device_key = BLAKE2b-256(key = pepper, personalised "
        "'activation-key', 'devices'); salt = BLAKE2b-128(key = device_key, account id, 8 bytes big endian); "
        "digest = BLAKE2b-128(key = salt, kind + NUL + value, UTF-8). Bytes in hexadecimal. A client needs "
        "only the last: the salt is in the certificate.",
        "pepper": PEPPER.hex(),
        "device_key": device_key.hex(),
        "accounts": accounts,
    }


def render() -> str:
    return json.dumps(build(), indent=1) + "\n"


if __name__ == "__main__":
    FILE.write_text(render(), encoding="ascii")
    sys.stdout.write(f"{FILE}\n")
