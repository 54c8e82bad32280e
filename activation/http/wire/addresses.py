"""Whose address counts: the peer's, or behind named trusted proxies the one they saw."""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address

Network = IPv4Network | IPv6Network


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
    try:
        return str(ip_address(text))
    except ValueError:
        return None
