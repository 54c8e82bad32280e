"""A machine without network: what it reads of itself, and the request files that it makes."""

import base64
import os

from activation.http.offline import hand_in
from activation.messages.offline_files import (
    OfflineRequest,
    write_certificate_file,
    write_request,
    write_request_file,
)
from activation.messages.requests import Device
from activation.service.activating.offline import activate_offline
from crypto.sealing import seal


class LonelyMachine:
    """A machine of this name, whose owner has an account; the office is where its file is carried to."""

    def __init__(self, office, made, name="laptop", **fields):
        self.office, self.made, self.name, self.fields = office, made, name, fields

    def request(self, made_at, **fields) -> bytes:
        """Return what is sealed."""
        device = Device("linux", self.office.components(self.name), f"the {self.name}")
        told = {
            "v": 1,
            "login": self.made.login,
            "password": self.made.password,
            "product": "softphone",
            "version": "5.6.4",
            "device": device,
            "nonce": base64.urlsafe_b64encode(os.urandom(16)).rstrip(b"=").decode(),
            "made_at": made_at,
        }
        return write_request(OfflineRequest(**{**told, **self.fields, **fields}))

    def seal(self, opened, key=None) -> str:
        key = self.office.desk.sealing.public_key if key is None else key
        return write_request_file(seal(key, opened))

    def file(self, made_at, **fields) -> str:
        """Return a request file."""
        return self.seal(self.request(made_at, **fields))


async def bring(office, file: str | bytes, desk=None):
    """Bring a request file to the office; return its answer or refusal."""
    desk = desk or office.desk
    handed = hand_in(desk, file.encode() if isinstance(file, str) else file)
    return await activate_offline(desk, office.caller(), handed, write_certificate_file)
