"""The ceiling: a bare aiohttp handler that parses a JSON request and answers JSON of the same size.

`python -m loadtest.hello SOCKET ANSWER-FILE`, where the file has an answer of the real server.
"""

import sys
from pathlib import Path
from typing import Any

import msgspec
from aiohttp import web

from loadtest.fleet import serve_one
from loadtest.requests import ACTIVATIONS


async def make_application() -> web.Application:
    """Return the application: one address, no middleware."""
    answer = _load_answer()

    async def post_hello(request: web.Request) -> web.Response:
        message = msgspec.json.decode(await request.read())
        if "device" not in message:
            raise web.HTTPBadRequest
        return web.Response(body=msgspec.json.encode(answer), status=201, content_type="application/json")

    async def get_healthz(_request: web.Request) -> web.Response:
        return web.Response()

    application = web.Application()
    application.add_routes([web.post(ACTIVATIONS, post_hello), web.get("/healthz", get_healthz)])
    return application


def _load_answer() -> dict[str, Any]:
    answer: dict[str, Any] = msgspec.json.decode(Path(sys.argv[2]).read_bytes())
    return answer


if __name__ == "__main__":
    serve_one(make_application)
