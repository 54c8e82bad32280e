"""What staff send about webhooks."""

from typing import Annotated, Final

import msgspec
from msgspec import Meta, Struct

from activation.messages.strict import MalformedError, decode

ALL: Final = "*"
Kind = Annotated[str, Meta(pattern=r"^(\*|[a-z][a-z_]{0,31}(\.[a-z][a-z_]{0,31}){0,3})\Z")]


class HookRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /v1/staff/hooks`: where to, and which kinds of message; `*` alone for all."""

    url: Annotated[str, Meta(min_length=1, max_length=2000)]
    kinds: Annotated[list[Kind], Meta(min_length=1, max_length=64)] = msgspec.field(
        default_factory=lambda: [ALL]
    )


_HOOK: Final = msgspec.json.Decoder(HookRequest)


def parse_hook(body: bytes) -> HookRequest:
    """Read a request to add a webhook. Raises MalformedError."""
    request = decode(_HOOK, body)
    if ALL in request.kinds and request.kinds != [ALL]:
        raise MalformedError("kinds", "* stands alone: it means all kinds.")
    return request
