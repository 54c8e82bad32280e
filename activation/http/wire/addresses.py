"""Whose address counts: the peer's, or behind named trusted proxies the one they saw.

Only X-Forwarded-For is read. A proxy that writes `Forwarded` (RFC 7239) and lets a client's own
X-Forwarded-For through would let everybody choose an address: docs/operations.md says what a proxy has to do.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final

Network = IPv4Network | IPv6Network
_LAST_PORT: Final = 65535


@dataclass(frozen=True, slots=True)
class TrustedProxies:
    """The proxies whose X-Forwarded-For is believed."""

    networks: tuple[Network, ...] = ()

    def client_of(self, peer: str | None, forwarded: Sequence[str]) -> str:
        """Return the client's address: the last in the chain that is no trusted proxy.

        `forwarded` are the X-Forwarded-For headers as received. What cannot be read is not believed.
        """
        address = _readable(peer or "") or "0.0.0.0"  # noqa: S104  (a name for "unknown")
        if not self.networks or not self._is_trusted(address):
            return address
        for hop in reversed(",".join(forwarded).split(",")):
            named = _readable(hop.strip())
            if named is None:
                return address
            address = named
            if not self._is_trusted(address):
                return address
        return address

    def _is_trusted(self, address: str) -> bool:
        parsed = ip_address(address)
        return any(parsed in network for network in self.networks if network.version == parsed.version)


def is_loopback(address: str) -> bool:
    """Tell whether an address is this machine's own."""
    return ip_address(address).is_loopback


def _readable(text: str) -> str | None:
    """Return an address in the one form that it is counted in, or None for what is none."""
    try:
        address = ip_address(_without_port(text))
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)  # what a socket for both calls an IPv4 peer
    return str(address)


def _without_port(text: str) -> str:
    """Return the address of `192.0.2.1:443`, `[2001:db8::1]`, `[2001:db8::1]:443`, as some proxies write."""
    if text.startswith("["):
        host, closed, rest = text[1:].partition("]")
        return host if closed and (not rest or _is_port(rest)) else text
    host, _, port = text.partition(":")
    return host if "." in host and _is_port(f":{port}") else text


def _is_port(text: str) -> bool:
    digits = text[1:]
    return text.startswith(":") and digits.isascii() and digits.isdigit() and int(digits) <= _LAST_PORT
