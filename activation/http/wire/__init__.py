"""Bytes to calls and back: sockets and a clean stop, whose address counts, the hot way and the common one.

* `serving`, `connections`: sockets, limits on connections, a clean stop
* `direct`: the busy addresses, straight from aiohttp's parser
* `aiohttp_calls`: all others
* `addresses`: whose address counts behind proxies
"""
