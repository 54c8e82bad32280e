"""What staff send to erase a person."""

from typing import Annotated, Final

import msgspec
from msgspec import Meta, Struct

from activation.messages.strict import decode

Shown = Annotated[str, Meta(pattern=r"^[0-9a-f]{32}\Z")]


class ErasureRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /v1/staff/privacy/accounts/{account_id}/erasure`: `shown` is what the preview said."""

    shown: Shown


_ERASURE: Final = msgspec.json.Decoder(ErasureRequest)


def parse_erasure(body: bytes) -> str:
    """Return the digest of the preview that is confirmed. Raises MalformedError."""
    return decode(_ERASURE, body).shown
