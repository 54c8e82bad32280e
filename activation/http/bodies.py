"""The body of a request: JSON as it is, within 16 KiB."""

from activation.http.calls import JSON, Call
from activation.http.guarding import refuse
from activation.licensing.verdicts import Refusal
from activation.messages.requests import MAX_BODY

_TOO_LARGE = f"The body may have at most {MAX_BODY} bytes."


async def read_json(call: Call) -> bytes:
    """Return the body of a JSON request, within 16 KiB and the deadline; refuse any other."""
    headers = call.headers
    if "Content-Encoding" in headers:
        raise refuse(Refusal.MEDIA_TYPE, "Send the body as it is, without a Content-Encoding.")
    if not _is_json(headers.get("Content-Type", "")):
        raise refuse(Refusal.MEDIA_TYPE, "Send JSON, with Content-Type: application/json.")
    body = call.body
    if body is None:
        if int(headers.get("Content-Length", 0)) > MAX_BODY:
            raise refuse(Refusal.TOO_LARGE, _TOO_LARGE)
        body = await call.late() if call.late is not None else b""
    if len(body) > MAX_BODY:
        raise refuse(Refusal.TOO_LARGE, _TOO_LARGE)
    return body


def _is_json(content_type: str) -> bool:
    return content_type == JSON or content_type.partition(";")[0].strip().lower() == JSON
