"""What of a mail must not be read in the database: a generated password on its way to its owner."""

import base64
import json
from collections.abc import Mapping

from crypto.boxes import open_box, seal_box, version_of_box


class SealBrokenError(Exception):
    """What was sealed does not open with this pepper."""


def seal(key: bytes, params: Mapping[str, str]) -> str:
    """Return parameters sealed under the pepper's key for mail: `params={"sealed": seal(…), …}`."""
    return base64.b64encode(seal_box(key, json.dumps(dict(params)).encode())).decode()


def version_of_sealed(key: bytes, sealed: str) -> int | None:
    """Return which version of the pepper opens what was sealed, or None."""
    try:
        return version_of_box(key, base64.b64decode(sealed, validate=True))
    except ValueError:
        return None


def unseal(key: bytes, sealed: str) -> dict[str, str]:
    """Return what was sealed. Raises SealBrokenError."""
    try:
        opened = open_box(key, base64.b64decode(sealed, validate=True))
    except ValueError as broken:
        raise SealBrokenError("the sealed part does not open") from broken
    return {str(name): str(value) for name, value in json.loads(opened).items()}
