"""Requests as the bytes that go over the wire, made before the clock runs."""

from base64 import b64encode
from typing import Any

import msgspec

from crypto import base64url
from crypto.proofs import make_proof
from loadtest.devices import device_key, make_device
from loadtest.seeded import Seeded

ACTIVATIONS = "/v1/activations"
RENEWALS = "/v1/renewals"
RESETS = "/v1/resets"


def activation_body(seeded: Seeded, number: int, which: int = 0) -> dict[str, Any]:
    """Return the message by which account `number` activates its device `which`."""
    return {"product": seeded.product, "version": seeded.version, "device": make_device(number, which)}


def basic_of(login: str, password: str) -> str:
    """Return a login and password as HTTP Basic wants them (RFC 7617)."""
    return b64encode(f"{login}:{password}".encode()).decode("ascii")


def activation_request(seeded: Seeded, number: int) -> bytes:
    """Return the first activation of account `number`."""
    basic = basic_of(seeded.login(number), seeded.password(number))
    return _post(
        ACTIVATIONS, activation_body(seeded, number), b"Authorization: Basic %b\r\n" % basic.encode()
    )


def keyed_activation_request(seeded: Seeded, number: int) -> bytes:
    """Return the activation by which account `number`'s device also enrols its key (D6)."""
    body = activation_body(seeded, number)
    body["device"]["public_key"] = base64url.encode(device_key(number).public_key)
    basic = basic_of(seeded.login(number), seeded.password(number))
    return _post(ACTIVATIONS, body, b"Authorization: Basic %b\r\n" % basic.encode())


def renewal_request(number: int, certificate: str) -> bytes:
    """Return the renewal by which account `number`'s device shows its certificate."""
    return _post(RENEWALS, {"certificate": certificate, "device": make_device(number)}, b"")


def proved_renewal_request(number: int, certificate: str, now: int) -> bytes:
    """Return the same with the device's first proof that it has its key (D6); `now` in seconds since 1970."""
    proof = make_proof(device_key(number), certificate, 1, now)
    message = {"certificate": certificate, "device": make_device(number), "proof": proof}
    return _post(RENEWALS, message, b"")


def _post(path: str, message: dict[str, Any], headers: bytes) -> bytes:
    body = msgspec.json.encode(message)
    return (
        b"POST %b HTTP/1.1\r\nHost: 127.0.0.1\r\n%b"
        b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
    ) % (path.encode(), headers, len(body), body)
