"""A softphone shows its certificate: for a fresh one (R8, T5), or to give its licence up (R10)."""

from dataclasses import replace
from functools import partial

from activation.licensing.attempts import Rebinding, Release, Renew
from activation.licensing.devices.kinds import Presented
from activation.licensing.identifiers import ACTIVATION, LICENSE, from_text, shard_of
from activation.licensing.model import Product
from activation.licensing.renewing import may_be_rebound
from activation.licensing.values import value
from activation.licensing.verdicts import Refusal, Refused
from activation.service.activating.activations import Certified, certify
from activation.service.activating.asking import Seen, ask, knowing_peppers, refuse_unidentifiable, see_device
from activation.service.activating.endless import record_endless
from activation.service.activating.proving import read_proof
from activation.service.batching.settling import Settled
from activation.service.desk import Caller, Desk, DeviceReading
from activation.service.peppering.sighting import tell_account, under_all
from activation.storage.reading import Ask
from crypto.errors import CertificateError, RetiredKeyError
from crypto.pepper import each_of
from crypto.terms import Terms

_DETAILS = {
    True: "This certificate's key was retired. Activate again with the password.",
    False: "This certificate was not made here or was changed since. Activate again with the password.",
}


@value
class Released:
    """A licence given up by its device, and when its next reset is free."""

    license_id: int
    next_at: int | None


@value
class _Shown:
    """A certificate that verified, and the device that shows it."""

    terms: Terms
    license_id: int
    activation_id: int
    product: Product
    seen: Seen
    device: Presented


async def renew(
    desk: Desk,
    caller: Caller,
    certificate: str,
    device: DeviceReading,
    major: int | None,
    version: str | None = None,
    proof: str | None = None,
) -> Certified | Refused:
    """Give a fresh certificate for a current activation, also when the old one ran out (R8).

    One of a test licence that has ended becomes one of a free regular licence, if there is one (T5). A device
    that was activated with a key shows a `proof` that it has it (D6).
    """
    return await knowing_peppers(
        desk, partial(_renew, desk, caller, certificate, device, major, version, proof)
    )


async def _renew(
    desk: Desk,
    caller: Caller,
    certificate: str,
    device: DeviceReading,
    major: int | None,
    version: str | None,
    proof: str | None,
) -> Certified | Refused:
    shown = await _read(desk, certificate, device)
    if isinstance(shown, Refused):
        return shown
    released_at = desk.catalogue.released_at(shown.product, version)
    attempt = Renew(
        shown.license_id,
        shown.activation_id,
        shown.device,
        major,
        released_at,
        proof=read_proof(proof, certificate) if proof is not None else None,
        refuses_forks=shown.product.refuses_forks,
    )
    settled = await ask(desk, caller, attempt, Ask(license_id=shown.license_id))
    if isinstance(settled.verdict, Refused) and may_be_rebound(settled.verdict):
        settled = await _rebind(desk, caller, shown, attempt, settled.account_id, device.name)
    if isinstance(settled.verdict, Refused):
        return settled.verdict
    done = certify(desk, shown.product, settled, settled.verdict, shown.seen)
    return await record_endless(desk, settled.account_id, done.activation, done.issued) or done


async def _rebind(
    desk: Desk, caller: Caller, shown: _Shown, attempt: Renew, account_id: int, device_name: str
) -> Settled:
    """T5: ask again, of all licences of the holding."""
    tell_account(shown.device, account_id)
    rebinding = Rebinding(desk.ids.new(shard_of(shown.license_id)), device_name)
    major = attempt.major if attempt.major is not None else shown.terms.major
    asked = Ask(
        account_id,
        shown.product.product_id,
        0,
        shown.device,
        major,
        shown.license_id,
        attempt.released_at,
    )
    return await ask(desk, caller, replace(attempt, rebinding=rebinding), asked)


async def release(desk: Desk, caller: Caller, certificate: str, device: DeviceReading) -> Released | Refused:
    """Free the licence from the device that asks (R10). Repeatable."""
    return await knowing_peppers(desk, partial(_release, desk, caller, certificate, device))


async def _release(desk: Desk, caller: Caller, certificate: str, device: DeviceReading) -> Released | Refused:
    shown = await _read(desk, certificate, device)
    if isinstance(shown, Refused):
        return shown
    reset_id = desk.ids.new(shard_of(shown.license_id))
    attempt = Release(shown.license_id, shown.activation_id, shown.device, reset_id)
    settled = await ask(desk, caller, attempt, Ask(license_id=shown.license_id))
    if isinstance(settled.verdict, Refused):
        return settled.verdict
    return Released(shown.license_id, settled.verdict.next_reset_at)


async def _read(desk: Desk, certificate: str, device: DeviceReading) -> _Shown | Refused:
    try:
        terms = await desk.keys.verify_own(certificate, *each_of(desk.secrets.tags))
    except CertificateError as wrong:
        return _refuse_certificate(isinstance(wrong, RetiredKeyError))
    license_id = from_text(LICENSE, terms.license_id)
    activation_id = from_text(ACTIVATION, terms.activation_id)
    product = desk.catalogue.by_code.get(terms.product)
    if license_id is None or activation_id is None or product is None:
        return _refuse_certificate(retired=False)
    seen = see_device(device, product, terms.salt)
    refused = refuse_unidentifiable(seen)
    presented = under_all(desk, seen.fingerprint.parts, terms.salt, seen.digests)
    return refused or _Shown(terms, license_id, activation_id, product, seen, presented)


def _refuse_certificate(retired: bool) -> Refused:
    return Refused(Refusal.CERTIFICATE_INVALID, "certificate", _DETAILS[retired])
