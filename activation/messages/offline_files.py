"""The two files of an offline activation: what is in them, and what they are called.

A request is JSON in a sealed box in armour; its answer is certificate and delegation as JSON in armour.
"""

import re
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta, Struct

from activation.messages.armour import read_armour, write_armour
from activation.messages.credentials import MAX_LENGTH
from activation.messages.requests import Device, Token, Version, Word, major_of, refuse_lists
from activation.messages.strict import decode

REQUEST: Final = "SOFTPHONE CERTIFICATE REQUEST"
CERTIFICATE: Final = "SOFTPHONE CERTIFICATE"
REQUEST_ENDING: Final = ".certificate-request"
CERTIFICATE_ENDING: Final = ".certificate"
CONTENT_TYPE: Final = "text/plain"
NONCE_BYTES: Final = 16
_NAME: Final = 64

Login = Annotated[str, Meta(min_length=1, max_length=MAX_LENGTH)]
Password = Annotated[str, Meta(max_length=MAX_LENGTH)]
Nonce = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{22}\Z")]
Seconds = Annotated[int, Meta(ge=0, lt=2**53)]


class OfflineRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """What a request's box holds. `made_at` is in seconds since 1970, by the device's clock."""

    v: Literal[1]
    login: Login
    password: Password
    product: Word
    version: Version
    device: Device
    nonce: Nonce
    made_at: Seconds

    def __repr__(self) -> str:
        return "<OfflineRequest hidden>"

    @property
    def major(self) -> int:
        """Return the major version that `version` begins with."""
        return major_of(self.version)


class OfflineCertificate(Struct, frozen=True, forbid_unknown_fields=True):
    """What an answer holds."""

    v: Literal[1]
    certificate: Token
    delegation: Token


_REQUEST = msgspec.json.Decoder(OfflineRequest)
_CERTIFICATE = msgspec.json.Decoder(OfflineCertificate)


def write_request(request: OfflineRequest) -> bytes:
    """Return what is to be sealed."""
    return msgspec.json.encode(request)


def parse_request(opened: bytes) -> OfflineRequest:
    """Read what a box held. Raises MalformedError that names the field, as all of these do."""
    request = decode(_REQUEST, opened)
    refuse_lists(request.device)
    return request


def write_request_file(sealed: bytes) -> str:
    """Return the text of a request file around a sealed box."""
    return write_armour(REQUEST, sealed)


def read_request_file(data: bytes) -> bytes:
    """Return the sealed box of a request file."""
    return read_armour(REQUEST, data)


def write_certificate_file(certificate: str, delegation: str) -> bytes:
    """Return an answer's file."""
    answer = msgspec.json.encode(OfflineCertificate(1, certificate, delegation))
    return write_armour(CERTIFICATE, answer).encode("ascii")


def read_certificate_file(data: bytes) -> OfflineCertificate:
    """Return what an answer's file holds."""
    return decode(_CERTIFICATE, read_armour(CERTIFICATE, data))


def file_name(computer_name: str, ending: str) -> str:
    """Return the name of a computer's file: `Zoiper<ComputerName>` and the ending.

    What a file's name cannot hold on every system is left out.
    """
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", computer_name).strip("-.")[:_NAME]
    return f"Zoiper{plain}{ending}"
