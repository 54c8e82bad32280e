"""Whose address counts: nobody chooses his own by a header, behind proxies or not."""

from ipaddress import IPv4Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activation.http.wire.addresses import TrustedProxies, is_loopback

PROXIES = TrustedProxies(tuple(map(ip_network, ("10.0.0.0/8", "2001:db8::/32", "127.0.0.1"))))


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("192.0.2.7", [], "192.0.2.7"),
        ("192.0.2.7", ["203.0.113.5"], "192.0.2.7"),  # no proxy of ours: not believed
        ("192.0.2.7", ["127.0.0.1"], "192.0.2.7"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", [""], "10.0.0.1"),
        ("10.0.0.1", ["203.0.113.5"], "203.0.113.5"),
        ("10.0.0.1", ["198.51.100.1, 203.0.113.5"], "203.0.113.5"),  # the left one is the client's own claim
        ("10.0.0.1", ["198.51.100.1", "203.0.113.5"], "203.0.113.5"),  # in a header of its own, too
        ("10.0.0.1", ["127.0.0.1, 203.0.113.5"], "203.0.113.5"),
        ("10.0.0.1", ["203.0.113.5, 10.0.0.2"], "203.0.113.5"),  # two of our proxies, one after the other
        ("10.0.0.1", ["203.0.113.5,10.0.0.2 , 10.0.0.3"], "203.0.113.5"),
        ("10.0.0.1", ["10.0.0.9, 10.0.0.2"], "10.0.0.9"),  # a client inside our network
        ("10.0.0.1", ["nonsense, 203.0.113.5"], "203.0.113.5"),
        ("10.0.0.1", ["203.0.113.5, nonsense"], "10.0.0.1"),
        ("10.0.0.1", ["203.0.113.5, nonsense, 10.0.0.2"], "10.0.0.2"),
        ("10.0.0.1", ["203.0.113.5:443"], "203.0.113.5"),  # as some proxies write
        ("10.0.0.1", ["198.51.100.1:1, 203.0.113.5:65535, 10.0.0.2:80"], "203.0.113.5"),
        ("10.0.0.1", ["203.0.113.5:65536"], "10.0.0.1"),
        ("10.0.0.1", ["203.0.113.5:"], "10.0.0.1"),
        ("10.0.0.1", ["203.0.113.5:443:1"], "10.0.0.1"),
        ("10.0.0.1", ["203.0.113.5:-1"], "10.0.0.1"),
        ("10.0.0.1", ["203.0.113.5:²"], "10.0.0.1"),
        ("10.0.0.1", [":443"], "10.0.0.1"),
        ("10.0.0.1", ["unknown"], "10.0.0.1"),
        ("10.0.0.1", ["for=203.0.113.5"], "10.0.0.1"),
        ("10.0.0.1", ["0203.0.113.5"], "10.0.0.1"),
        ("10.0.0.1", ["::ffff:203.0.113.5"], "203.0.113.5"),
        (
            "::ffff:10.0.0.1",
            ["203.0.113.5"],
            "203.0.113.5",
        ),  # a socket for both, and a proxy that speaks IPv4
        ("::ffff:192.0.2.7", ["203.0.113.5"], "192.0.2.7"),
        ("10.0.0.1", ["203.0.113.5, ::ffff:10.0.0.2"], "203.0.113.5"),
        ("10.0.0.1", ["203.0.113.5,"], "10.0.0.1"),
        ("10.0.0.1", ["0x7f.1"], "10.0.0.1"),
        ("2001:db8::1", ["2001:DB8:0:1::0"], "2001:db8:0:1::"),
        ("2001:db8::1", ["2a00::BEEF"], "2a00::beef"),
        ("2001:db8::1", ["[2a00::1]"], "2a00::1"),
        ("2001:db8::1", ["[2a00::1]:443"], "2a00::1"),
        ("2001:db8::1", ["[::ffff:203.0.113.5]:443"], "203.0.113.5"),
        ("2001:db8::1", ["[2a00::1"], "2001:db8::1"),
        ("2001:db8::1", ["[2a00::1]443"], "2001:db8::1"),
        ("2001:db8::1", ["2a00::1]:443"], "2001:db8::1"),
        (
            "2001:db8::1",
            ["2a00::1:443"],
            "2a00::1:443",
        ),  # the port of an address without brackets is a part of it
        ("2a00::1", ["203.0.113.5"], "2a00::1"),
        (None, ["203.0.113.5"], "0.0.0.0"),
        ("", [], "0.0.0.0"),
        ("a unix socket", [], "0.0.0.0"),
    ],
)
def test_the_client_is_the_last_that_no_trusted_proxy_is(peer, forwarded, client):
    assert PROXIES.client_of(peer, forwarded) == client


addresses = st.ip_addresses().map(str)


@given(addresses, st.lists(addresses | st.text(max_size=10), max_size=4), st.integers(1, 254))
def test_no_claim_to_the_left_changes_whom_the_proxy_saw(peer, claims, last):
    seen = f"203.0.113.{last}"
    expected = PROXIES.client_of(peer, [seen])
    assert PROXIES.client_of(peer, [", ".join([*claims, seen])]) == expected
    assert PROXIES.client_of(peer, [*claims, seen]) == expected


@given(addresses, st.lists(st.text(max_size=20), max_size=4))
def test_what_comes_out_is_always_an_address(peer, forwarded):
    for proxies in (PROXIES, TrustedProxies()):
        ip_address(proxies.client_of(peer, forwarded))


@given(addresses, st.lists(addresses, max_size=4))
def test_without_proxies_no_header_is_believed(peer, forwarded):
    parsed = ip_address(peer)
    plain = parsed if isinstance(parsed, IPv4Address) else parsed.ipv4_mapped or parsed
    assert TrustedProxies().client_of(peer, forwarded) == str(plain)


@pytest.mark.parametrize(
    ("address", "local"),
    [("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("0.0.0.0", False), ("10.0.0.1", False)],
)
def test_loopback_is_this_machine(address, local):
    assert is_loopback(address) == local
