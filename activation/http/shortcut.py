"""The addresses that softphones call all day, found by one look-up instead of aiohttp's router.

A match of such an address is always the same, so it is made once; guard and handler are the very ones that
the router would have come to. What is not found here goes the long way.
"""

from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import hdrs, web
from aiohttp.web_urldispatcher import UrlMappingMatchInfo

from activation.http.guarding import guard

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
HOT: Final = ("/v1/activations", "/v1/renewals")


def take_shortcuts(application: web.Application) -> Handler:
    """Return a handler that knows the hot addresses and leaves all others to the application."""
    known = {
        (route.method, resource.canonical): (_match(application, route), route.handler)
        for resource in application.router.resources()
        if resource.canonical in HOT
        for route in resource
    }
    the_long_way = application._handle

    async def handle(request: web.Request) -> web.StreamResponse:
        message = request._message
        found = known.get((message.method, message.path))
        if found is None or hdrs.EXPECT in message.headers:
            return await the_long_way(request)
        request._match_info, handler = found
        return await guard(request, handler)

    return handle


def _match(application: web.Application, route: web.AbstractRoute) -> UrlMappingMatchInfo:
    match = UrlMappingMatchInfo({}, route)
    match.add_app(application)
    match.freeze()
    return match
