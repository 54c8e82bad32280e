"""A softphone's whole conversation about its licence: activate, verify, renew, release; and by files."""

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import msgspec

from activation.client.conversing import Reply, Server, ServerAwayError, ServerRefusedError
from activation.client.device import ThisDevice, read_device
from activation.client.keeping import Kept, forget, keep, load_kept
from activation.client.proving import DeviceKey
from activation.client.trusting import Clock, Trust
from activation.client.verifying import Build, Verified
from activation.messages.answers import ActivationAnswer, ReleaseAnswer
from activation.messages.offline_files import (
    NONCE_BYTES,
    OfflineRequest,
    read_certificate_file,
    write_request,
    write_request_file,
)
from activation.messages.requests import Device
from activation.messages.times import to_rfc3339
from crypto import base64url
from crypto.sealing import seal

_ANSWER = msgspec.json.Decoder(ActivationAnswer)
_RELEASE = msgspec.json.Decoder(ReleaseAnswer)

T = TypeVar("T")


class NothingKeptError(Exception):
    """This machine keeps no certificate."""


@dataclass(frozen=True, slots=True)
class Activated:
    """An answer whose certificate verified, and whether the licence was new to this machine."""

    answer: ActivationAnswer
    verified: Verified
    is_new: bool


class Softphone:
    """One installed softphone: its server, its product, its folder, and the roots that it trusts."""

    def __init__(
        self,
        server: Server,
        product: str,
        roots: Sequence[bytes],
        folder: Path,
        clock: Clock = time.time,
    ) -> None:
        self._server = server
        self._product = product
        self._roots = tuple(roots)
        self._folder = folder
        self._clock = clock
        self._key = DeviceKey(folder)
        self.device: ThisDevice = read_device(folder)

    async def activate(
        self, login: str, password: str, version: str, *, move: bool = False, license_id: str | None = None
    ) -> Activated:
        """Activate this machine, verify the certificate, keep it.

        Raises ServerRefusedError, ServerAwayError, and NotVerifiedError for a certificate that does not hold.
        """
        message: dict[str, object] = {
            "product": self._product,
            "version": version,
            "device": self._device_to_enrol(),
        }
        if move:
            message["move"] = True
        if license_id is not None:
            message["license_id"] = license_id
        reply = await self._ask("/v1/activations", message, (login, password))
        activated = self._take(reply.body, is_new=reply.status == 201)
        await self._trust.learn(self._server)
        return activated

    async def renew(self, version: str | None = None) -> Activated:
        """Trade the kept certificate for a fresh one; a superseded one is deleted (R8).

        Where there is a device's key, it is proved (D6); the same proof is shown until it was answered.
        """
        kept = self._kept()
        message = {"certificate": kept.certificate, "device": self._device()}
        if version is not None:
            message["version"] = version
        proof = self._key.prove(kept.certificate, int(self._clock()))
        if proof is not None:
            message["proof"] = proof
        try:
            reply = await self._ask("/v1/renewals", message)
        except ServerRefusedError as refused:
            self._key.note_answer(refused="proof" in refused.problem)
            if refused.code == "superseded":
                forget(self._folder)
            raise
        renewed = self._take(reply.body, is_new=False)
        self._key.note_answer()
        await self._trust.learn(self._server)
        return renewed

    async def release(self) -> ReleaseAnswer:
        """Give the licence up, and forget the certificate (R10)."""
        kept = self._kept()
        message = {"certificate": kept.certificate, "device": self._device()}
        reply = await self._server.post("/v1/releases", message)
        answer = _read(_RELEASE, reply.body)
        forget(self._folder)
        return answer

    def verify(self, version: str | None = None, released_at: int | None = None) -> Verified:
        """Verify the kept certificate with no network; also that it covers this build, where that is told.

        `released_at` is in seconds since 1970. Raises NothingKeptError and NotVerifiedError.
        """
        kept, build = self._kept(), Build(version, released_at)
        return self._trust.verify(kept.certificate, kept.delegation, self.device, self._product, build)

    def request(self, login: str, password: str, version: str, sealing: bytes) -> str:
        """Return the text of a request file, sealed to the server's public key; needs no network (R2)."""
        request = OfflineRequest(
            1,
            login,
            password,
            self._product,
            version,
            msgspec.convert(self._device_to_enrol(), Device),
            base64url.encode(os.urandom(NONCE_BYTES)),
            int(self._clock()),
        )
        return write_request_file(seal(sealing, write_request(request)))

    def install(self, file: bytes) -> Verified:
        """Verify the certificate in an answer's file, with no network, and keep it.

        Raises MalformedError for what is no such file, and NotVerifiedError.
        """
        answer = read_certificate_file(file)
        verified = self._trust.take(
            answer.certificate, answer.delegation, self.device, self._product, live=False
        )
        terms = verified.terms
        kept = Kept(
            self._server.url,
            self._product,
            terms.license_id,
            terms.activation_id,
            answer.certificate,
            answer.delegation,
            to_rfc3339(terms.renew_after),
        )
        keep(self._folder, kept)
        return verified

    @property
    def _trust(self) -> Trust:
        return Trust(self._roots, self._folder, self._clock)

    async def _ask(self, path: str, message: object, basic: tuple[str, str] | None = None) -> Reply:
        """Send a message; a refusal may have its reason in the list of revocations, so that it is fetched."""
        try:
            return await self._server.post(path, message, basic)
        except ServerRefusedError:
            await self._trust.learn(self._server)
            raise

    def _take(self, body: bytes, *, is_new: bool) -> Activated:
        answer = _read(_ANSWER, body)
        verified = self._trust.take(answer.certificate, answer.delegation, self.device, self._product)
        kept = Kept(
            self._server.url,
            self._product,
            answer.license_id,
            answer.activation_id,
            answer.certificate,
            answer.delegation,
            answer.renew_after,
        )
        keep(self._folder, kept)
        return Activated(answer, verified, is_new)

    def _kept(self) -> Kept:
        kept = load_kept(self._folder)
        if kept is None:
            raise NothingKeptError(f"There is no certificate in {self._folder}: activate first.")
        return kept

    def _device_to_enrol(self) -> dict[str, object]:
        """Return the device with the key that it will prove itself by (D6)."""
        return {**self._device(), "public_key": base64url.encode(self._key.enrol())}

    def _device(self) -> dict[str, object]:
        device = self.device
        return {
            "platform": device.platform,
            "name": device.name,
            "components": {kind: value for kind, value in device.components.items() if value},
        }


def _read(decoder: msgspec.json.Decoder[T], body: bytes) -> T:
    """Return what the server answered. Raises ServerAwayError where something else did: a proxy's page."""
    try:
        return decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise ServerAwayError("That was no answer of the licence server's. Try again later.") from None
