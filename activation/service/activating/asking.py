"""The steps that all use cases share: read the device, ask the batch, count a wrong credential."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import Final, TypeVar

from activation.licensing.attempts import Attempt, Presented
from activation.licensing.deciding import is_unknown_pepper
from activation.licensing.devices.fingerprints import Fingerprint, identify
from activation.licensing.identifiers import shard_of
from activation.licensing.model import Product
from activation.licensing.values import value
from activation.licensing.verdicts import UNKNOWN, Background, Refusal, Refused
from activation.service.batching.batcher import QueueFullError
from activation.service.batching.settling import Case, Settled
from activation.service.batching.telling import Teller
from activation.service.credentials import Credential
from activation.service.desk import Caller, Desk, DeviceReading
from activation.service.limiting.limits import count_failure
from activation.service.not_now import later, overloaded, unavailable
from activation.storage.absence import DatabaseUnavailableError
from activation.storage.reading import Ask
from crypto.digests import component_digests

Done = TypeVar("Done")
WRONG_CREDENTIAL: Final = "Login or password is wrong."
WRONG_TOKEN: Final = "This token is unknown or has ended."  # noqa: S105  (a message)


@value
class Seen:
    """A device as the rules see it: digests of what counts, and what people should be told of it."""

    digests: Presented
    fingerprint: Fingerprint


def see_device(device: DeviceReading, product: Product | None, salt: bytes) -> Seen:
    """Judge a device's components (D3) and digest what counts (D5)."""
    allowed = product is None or product.allows_install_id(device.platform)
    fingerprint = identify(device.components, install_id_allowed=allowed)
    return Seen(component_digests(salt, fingerprint.parts), fingerprint)


def refuse_unidentifiable(seen: Seen) -> Refused | None:
    """D3: refuse a device that nothing tells from others, naming what did not count and why."""
    if seen.fingerprint.identifiable:
        return None
    ignored = [{"component": kind, "reason": reason} for kind, reason in seen.fingerprint.ignored]
    detail = (
        "Nothing that this device sent tells it from others: it needs a disk, system, board or network part."
    )
    return Refused(Refusal.DEVICE_UNIDENTIFIABLE, "D3", detail, facts={"ignored": ignored})


async def ask(
    desk: Desk, caller: Caller, attempt: Attempt, ask_for: Ask, credential: Credential | None = None
) -> Settled:
    """Have one attempt settled in a batch; refusals for a busy server or database come as verdicts too."""
    shard = shard_of(ask_for.license_id or ask_for.account_id)
    case = Case(attempt, ask_for, Teller(partial(desk.ids.new, shard), caller.trace_id), credential)
    try:
        settled = await desk.batcher.submit(case)
        if credential is not None and credential.older and _is_wrong(settled):
            settled = await _ask_under_older(desk, case, credential)
    except QueueFullError:
        return Settled(overloaded(), 0, 0)
    except DatabaseUnavailableError:
        return Settled(unavailable(), 0, 0)
    verdict = settled.verdict
    if isinstance(verdict, Refused) and verdict.code is Refusal.CREDENTIALS and credential is not None:
        wrong = await refuse_wrong(desk, caller, credential.account_id, verdict.background)
        return Settled(wrong, 0, settled.now)
    return settled


async def knowing_peppers(desk: Desk, run: Callable[[], Awaitable[Done | Refused]]) -> Done | Refused:
    """Do it again, once, where a device stands under a pepper that was not read here yet (D5)."""
    done = await run()
    if isinstance(done, Refused) and is_unknown_pepper(done):
        await desk.peppers.look()
        return await run()
    return done


async def _ask_under_older(desk: Desk, case: Case, credential: Credential) -> Settled:
    """D5: try the password's hash under the pepper's other versions; the right one is re-keyed.

    An unknown login and a wrong password are tried under all of them alike.
    """
    # The newest once more at the end: it may have been re-keyed while the older ones were tried.
    for tried in [*list(credential.each())[1:], credential]:
        asked = replace(case.ask, secret_hash=tried.secret_hash)
        settled = await desk.batcher.submit(Case(case.attempt, asked, case.teller, tried))
        if not _is_wrong(settled):
            if tried is not credential:
                desk.rekeying.note_password(tried, credential.secret_hash)
            break
    return settled


def _is_wrong(settled: Settled) -> bool:
    return isinstance(settled.verdict, Refused) and settled.verdict.code is Refusal.CREDENTIALS


async def refuse_wrong(
    desk: Desk, caller: Caller, account_id: int | None, background: Background = UNKNOWN
) -> Refused:
    """Count a wrong password (or token: no account) and refuse it; past the limit, say when to come back."""
    wait_s = await count_failure(desk, account_id, caller.address)
    if wait_s is None:
        detail = WRONG_TOKEN if account_id is None else WRONG_CREDENTIAL
        return Refused(Refusal.CREDENTIALS, "credentials", detail, background=background)
    detail = "Too many failed tries. The right one still works at once."
    return replace(later(Refusal.RATE_LIMITED, detail, wait_s), background=background)
