"""Stylesheet, script and pictures: each under an address with its digest in it, kept by browsers for ever."""

import hashlib
from pathlib import Path
from typing import Final

from activation.http.calls import Call, Reply
from activation.http.guarding import refuse
from activation.licensing.values import value
from activation.licensing.verdicts import Refusal

PATH: Final = "/console/static/{digest}/{name}"
_FOLDER: Final = Path(__file__).parent / "static"
_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


@value
class StaticFile:
    """A file as it is served."""

    body: bytes
    content_type: str
    digest: str


def _load(file: Path) -> StaticFile:
    body = file.read_bytes()
    return StaticFile(body, _TYPES[file.suffix], hashlib.blake2b(body, digest_size=9).hexdigest())


FILES: Final = {file.name: _load(file) for file in sorted(_FOLDER.iterdir()) if file.suffix in _TYPES}


def address_of_file(name: str) -> str:
    """Return the address of a static file. Raises KeyError."""
    return PATH.format(digest=FILES[name].digest, name=name)


async def get_static(call: Call) -> Reply:
    """`GET /console/static/{digest}/{name}`: a file of the console's looks."""
    found = FILES.get(call.path["name"])
    if found is None or found.digest != call.path["digest"]:
        raise refuse(Refusal.NOT_FOUND, "There is no such file.")
    headers = {
        "Cache-Control": "public, max-age=31536000, immutable",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    return Reply(200, found.body, found.content_type, headers)
