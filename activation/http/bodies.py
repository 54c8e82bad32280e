"""The body of a request: JSON, or a file's text, as it is, within 16 KiB unless the route allows more."""

from collections.abc import Collection

from activation.http.calls import JSON, TEXT, Call
from activation.http.guarding import refuse
from activation.licensing.verdicts import Refusal
from activation.messages.requests import MAX_BODY

_TOO_LARGE = "The body may have at most {} bytes."


async def read_json(call: Call, limit: int = MAX_BODY) -> bytes:
    """Return the body of a JSON request, within `limit` bytes and the deadline; refuse any other."""
    if not _is_json(call.headers.get("Content-Type", "")):
        raise refuse(Refusal.MEDIA_TYPE, "Send JSON, with Content-Type: application/json.")
    return await _read(call, limit)


async def read_text(call: Call, limit: int = MAX_BODY) -> bytes:
    """Return the bytes of a file that was sent as plain text, in whatever encoding; refuse any other."""
    if call.headers.get("Content-Type", "").partition(";")[0].strip().lower() != TEXT:
        raise refuse(Refusal.MEDIA_TYPE, "Send the file as it is, with Content-Type: text/plain.")
    return await _read(call, limit)


async def read_form(call: Call, kinds: Collection[str], limit: int) -> bytes:
    """Return the bytes of a browser's form, of one of these content types; refuse any other."""
    if call.headers.get("Content-Type", "").partition(";")[0].strip().lower() not in kinds:
        raise refuse(Refusal.MEDIA_TYPE, "Send the form as a browser does.")
    return await _read(call, limit)


async def _read(call: Call, limit: int) -> bytes:
    headers, body = call.headers, call.body
    if "Content-Encoding" in headers:
        raise refuse(Refusal.MEDIA_TYPE, "Send the body as it is, without a Content-Encoding.")
    if body is None:
        if int(headers.get("Content-Length", 0)) > limit:
            raise refuse(Refusal.TOO_LARGE, _TOO_LARGE.format(limit))
        body = await call.late(limit) if call.late is not None else b""
    if len(body) > limit:
        raise refuse(Refusal.TOO_LARGE, _TOO_LARGE.format(limit))
    return body


def _is_json(content_type: str) -> bool:
    return content_type == JSON or content_type.partition(";")[0].strip().lower() == JSON
