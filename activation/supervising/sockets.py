"""Listening sockets, opened once by the supervisor.

Each worker has its own, bound with SO_REUSEPORT so that the kernel spreads connections evenly. They outlive
the worker: while it restarts, connections wait in the backlog.
"""

import socket
from typing import Final

BACKLOG: Final = 1024


class PortTakenError(Exception):
    """Somebody else listens there."""


def open_sockets(host: str, port: int, workers: int) -> list[list[socket.socket]]:
    """Return, for each worker, its sockets on all of the host's addresses; port 0 picks a free one.

    Raises PortTakenError with what to do.
    """
    addresses = _resolve(host, port)
    chosen = port or _pick_port(addresses[0])
    opened: list[socket.socket] = []
    try:
        for address in addresses:
            _assert_free(address, chosen)
        for _ in range(workers):
            opened.extend(_listen(*address, chosen) for address in addresses)
    except OSError as taken:
        for listening in opened:
            listening.close()
        raise PortTakenError(
            f"Port {chosen} on {host} is taken ({taken.strerror}). Set ACTIVATION_PORT to another one."
        ) from taken
    return [opened[start : start + len(addresses)] for start in range(0, len(opened), len(addresses))]


def _resolve(host: str, port: int) -> list[tuple[int, str]]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    unique = dict.fromkeys((int(family), str(address[0])) for family, _, _, _, address in found)
    if host == "localhost":
        unique = dict.fromkeys([(int(socket.AF_INET), "127.0.0.1"), *unique])
    return [one for one in unique if _can_bind(*one)]


def _can_bind(family: int, address: str) -> bool:
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.bind((address, 0))
    except OSError:  # no IPv6 here, say
        return False
    return True


def _pick_port(address: tuple[int, str]) -> int:
    with socket.socket(address[0], socket.SOCK_STREAM) as probe:
        probe.bind((address[1], 0))
        return int(probe.getsockname()[1])


def _assert_free(address: tuple[int, str], port: int) -> None:
    """Fail if anybody listens: SO_REUSEPORT would share the port with another copy of this server."""
    with socket.socket(address[0], socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if address[0] == socket.AF_INET6:
            probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        probe.bind((address[1], port))
        probe.listen(1)


def _listen(family: int, address: str, port: int) -> socket.socket:
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    if family == socket.AF_INET6:
        listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    listening.bind((address, port))
    listening.listen(BACKLOG)
    listening.setblocking(False)
    return listening
