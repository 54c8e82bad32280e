"""A softphone activates: with login and password, a device, and a licence to find for it."""

from functools import partial

from activation.licensing.attempts import Activate, By
from activation.licensing.devices.fingerprints import BY_INSTALL_ID
from activation.licensing.devices.kinds import Presented
from activation.licensing.devices.policies import current_policy
from activation.licensing.identifiers import shard_of
from activation.licensing.model import Activation, License, Product
from activation.licensing.resetting import next_self_reset
from activation.licensing.standing import ends_within_a_day
from activation.licensing.values import value
from activation.licensing.verdicts import Granted, Refused
from activation.service.activating.asking import Seen, ask, knowing_peppers, refuse_unidentifiable, see_device
from activation.service.activating.endless import record_endless
from activation.service.batching.settling import Settled
from activation.service.certifying.certificates import Issued
from activation.service.credentials import Credential, make_credential
from activation.service.desk import Caller, Desk, DeviceReading
from activation.service.peppering.sighting import under_all
from activation.storage.reading import Ask
from crypto.digests import account_salt

_NO_PRODUCT = -1
_DRIFTED = "These parts of the device changed and are now known: {}."
_LAST_DAY = "The service ends within 24 hours: the subscription's fee was not paid in time."
_BY_INSTALL_ID = "This device has no hardware part to know it by; it is known by its install id only."


@value
class Wish:
    """What an activation asks for. `license_id` 0 names a licence that cannot be anybody's.

    `version` is the whole of it, by which a build is known (L7); `major` what it begins with.
    """

    product: str
    major: int
    device: DeviceReading
    move: bool = False
    license_id: int | None = None
    version: str | None = None


@value
class Certified:
    """A granted activation or renewal, with its certificate and what else its owner should know."""

    license: License
    activation: Activation
    issued: Issued
    is_new: bool
    can_reset: bool
    next_reset_at: int | None
    notices: tuple[str, ...]


@value
class Prepared:
    """An activation ready to be decided: who asks, for which product, with which device."""

    product: Product | None
    credential: Credential
    seen: Seen
    attempt: Activate
    asked: Ask


async def activate(desk: Desk, caller: Caller, login: str, password: str, wish: Wish) -> Certified | Refused:
    """Bind the device to a licence of the account, or say why not (L1-L8, R7, D1-D5)."""
    return await knowing_peppers(desk, partial(_activate, desk, caller, login, password, wish))


async def _activate(desk: Desk, caller: Caller, login: str, password: str, wish: Wish) -> Certified | Refused:
    prepared = prepare(desk, login, password, wish)
    if isinstance(prepared, Refused):
        return prepared
    settled = await ask(desk, caller, prepared.attempt, prepared.asked, prepared.credential)
    if isinstance(settled.verdict, Refused):
        desk.notices.note(settled.verdict, settled.account_id, settled.now)
        return settled.verdict
    if prepared.product is None:
        raise LookupError("a licence was granted for no product")
    done = certify(desk, prepared.product, settled, settled.verdict, prepared.seen)
    return await record_endless(desk, settled.account_id, done.activation, done.issued) or done


def prepare(desk: Desk, login: str, password: str, wish: Wish, *, online: bool = True) -> Prepared | Refused:
    """Digest the device and name what is asked for, or refuse one that nothing tells from others (D3)."""
    credential = make_credential(desk.secrets.passwords, login, password)
    product = desk.catalogue.by_code.get(wish.product)
    account_id = credential.account_id
    salt = account_salt(desk.secrets.devices, account_id)
    seen = see_device(wish.device, product, salt)
    device = under_all(desk, seen.fingerprint.parts, salt, seen.digests, account_id)
    refused = refuse_unidentifiable(seen) if product is not None else None
    if refused is not None:
        return refused
    shard = shard_of(account_id)
    attempt = Activate(
        By.OWNER,
        wish.major,
        device,
        current_policy(product.policy).label if product is not None else "",
        desk.ids.new(shard),
        desk.ids.new(shard) if wish.move else 0,
        wish.device.name,
        wish.move,
        wish.license_id,
        wish.device.public_key,
        desk.catalogue.released_at(product, wish.version) if product is not None else None,
        online,
    )
    asked = _ask_for(credential, product, wish, device, attempt.released_at)
    return Prepared(product, credential, seen, attempt, asked)


def certify(desk: Desk, product: Product, settled: Settled, granted: Granted, seen: Seen) -> Certified:
    """Sign the certificate of a granted activation; from stored facts alone, after the commit."""
    issued = desk.maker.issue(product, settled.account_id, granted.license, granted.activation, settled.now)
    can_reset, next_at = next_self_reset(granted.license, settled.now, desk.week)
    return Certified(
        granted.license,
        granted.activation,
        issued,
        granted.fresh,
        can_reset,
        next_at,
        _notices(granted, seen, settled.now),
    )


def _ask_for(
    credential: Credential, product: Product | None, wish: Wish, device: Presented, released_at: int | None
) -> Ask:
    if product is None:
        return Ask(credential.account_id, _NO_PRODUCT, secret_hash=credential.secret_hash)
    return Ask(
        credential.account_id,
        product.product_id,
        0,
        device,
        wish.major,
        wish.license_id,
        released_at,
        credential.secret_hash,
    )


def _notices(granted: Granted, seen: Seen, now: int) -> tuple[str, ...]:
    notices = []
    if seen.fingerprint.note == BY_INSTALL_ID:
        notices.append(_BY_INSTALL_ID)
    if granted.drifted:
        notices.append(_DRIFTED.format(", ".join(granted.drifted)))
    if ends_within_a_day(granted.license, now):
        notices.append(_LAST_DAY)
    return tuple(notices)
