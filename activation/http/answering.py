"""Results of use cases into messages, and messages into replies."""

from collections.abc import Mapping
from typing import Any

import msgspec

from activation.http.calls import Reply
from activation.licensing.identifiers import ACTIVATION, LICENSE, RESET, to_text
from activation.messages.answers import (
    ActivationAnswer,
    LicensesAnswer,
    ListedDevice,
    ListedLicense,
    ReleaseAnswer,
    ResetAnswer,
    Resets,
)
from activation.messages.requests import Device
from activation.messages.times import optional_rfc3339, to_rfc3339
from activation.service.activating.activations import Certified
from activation.service.activating.holdings import Listing, ListingRow
from activation.service.activating.renewals import Released
from activation.service.desk import DeviceReading
from activation.service.resetting.resets import ResetDone
from crypto import base64url


def respond(answer: msgspec.Struct | Mapping[str, Any], status: int = 200) -> Reply:
    """Return an answer as JSON."""
    return Reply(status, msgspec.json.encode(answer))


def answer_certified(done: Certified) -> ActivationAnswer:
    """Tell an activation or a renewal."""
    validity = done.issued.validity
    return ActivationAnswer(
        to_text(LICENSE, done.license.license_id),
        to_text(ACTIVATION, done.activation.activation_id),
        done.issued.certificate,
        done.issued.delegation,
        to_rfc3339(validity.renew_after),
        optional_rfc3339(validity.expires_at),
        optional_rfc3339(done.license.ends_at),
        Resets(done.can_reset, optional_rfc3339(done.next_reset_at)),
        list(done.notices),
    )


def answer_released(done: Released) -> ReleaseAnswer:
    """Tell a release."""
    return ReleaseAnswer(to_text(LICENSE, done.license_id), optional_rfc3339(done.next_at))


def answer_reset(done: ResetDone) -> ResetAnswer:
    """Tell an owner's reset."""
    return ResetAnswer(
        to_text(LICENSE, done.license_id), to_text(RESET, done.reset_id), optional_rfc3339(done.next_at)
    )


def answer_listing(listing: Listing) -> LicensesAnswer:
    """Tell what an account holds."""
    licenses = [_list(row) for row in listing.rows]
    after = listing.next_after
    return LicensesAnswer(licenses, to_text(LICENSE, after) if after is not None else None)


def reading_of(device: Device) -> DeviceReading:
    """Return a message's device as the use cases take it."""
    return DeviceReading(
        device.platform,
        device.name or "",
        device.components,
        base64url.decode(device.public_key) if device.public_key else None,
    )


def _list(row: ListingRow) -> ListedLicense:
    entry = row.license
    device = entry.devices[0] if entry.devices else None
    return ListedLicense(
        to_text(LICENSE, entry.license_id),
        entry.product,
        entry.kind.name.lower(),
        row.state,
        ListedDevice(device.name, to_rfc3339(device.since), device.online) if device else None,
        Resets(row.can_reset, optional_rfc3339(row.next_reset_at)),
    )
