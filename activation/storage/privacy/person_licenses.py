"""An account's licences with all that is known of each, a page at a time, however many there are."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Final

from activation.licensing.devices.enrolment import unpack
from activation.licensing.identifiers import shard_of
from activation.storage.connection import Connection
from activation.storage.privacy.person import EVENTS

_LICENSES: Final = (
    "SELECT l.*, l.created_at AS given_at, l.ends_at AS license_ends_at, d.code AS product FROM license l"
    " JOIN product d USING (product_id) WHERE l.shard = $1 AND l.account_id = $2 AND l.license_id > $3"
    " ORDER BY l.license_id LIMIT $4"
)
# Whatever ended did so by a reset, a move or a release, and stands in `reset`; or is the last of its licence.
_DEVICES: Final = (
    "SELECT a.license_id, a.activation_id, p.value AS name, a.activated_at AS since, a.ended_at AS until,"
    " a.ended_why, a.online, a.device_key IS NOT NULL AS has_key, a.forked_at, a.enrolment FROM activation a"
    " LEFT JOIN personal p ON p.shard = a.shard AND p.subject = a.activation_id AND p.field = 6"
    " WHERE a.shard = $1 AND a.activation_id IN (SELECT c.activation_id FROM activation c"
    " WHERE c.shard = $1 AND c.license_id = ANY ($2::bigint[]) AND c.ended_at IS NULL"
    " UNION SELECT l.last_activation_id FROM license l WHERE l.shard = $1 AND l.license_id = ANY ($2)"
    " UNION SELECT r.activation_id FROM reset r WHERE r.shard = $1 AND r.license_id = ANY ($2)"
    " UNION SELECT f.activation_id FROM offline_file f WHERE f.shard = $1 AND f.license_id = ANY ($2))"
    " ORDER BY a.activated_at, a.activation_id"
)
# $1 is the shard, $2 the licences.
_OF_LICENSES: Final[Mapping[str, str]] = {
    "devices": _DEVICES,
    "resets": "SELECT r.*, staff_id IS NOT NULL AS by_staff FROM reset r"
    " WHERE shard = $1 AND license_id = ANY ($2::bigint[]) ORDER BY reset_at, reset_id",
    "staff_resets": "SELECT * FROM override WHERE shard = $1 AND license_id = ANY ($2::bigint[])"
    " ORDER BY asked_at, reset_id",
    "offline_files": "SELECT license_id, activation_id, jti AS certificate_id, made_at, issued_at,"
    " expires_at, actor_id IS NOT NULL AS by_staff FROM offline_file"
    " WHERE shard = $1 AND license_id = ANY ($2::bigint[]) ORDER BY issued_at",
    "notes": "SELECT * FROM license_note WHERE shard = $1 AND license_id = ANY ($2::bigint[])"
    " ORDER BY note_id",
    "events": f"{EVENTS} WHERE e.shard = $1 AND e.about = ANY ($2::bigint[]) ORDER BY e.happened, e.event_id",
}
LICENSE_SECTIONS: Final = tuple(_OF_LICENSES)
"""The lists that each licence is told with."""


async def read_person_licenses(
    connection: Connection, account_id: int, after: int, limit: int
) -> list[dict[str, Any]]:
    """Return licences with ids above `after`, at most `limit`; each with a list under each section's name."""
    shard = shard_of(account_id)
    found = [dict(row) for row in await connection.fetch(_LICENSES, shard, account_id, after, limit)]
    ids = [one["license_id"] for one in found]
    for name, sql in _OF_LICENSES.items():
        of_license: dict[int, list[dict[str, Any]]] = defaultdict(list)
        for row in await connection.fetch(sql, shard, ids):
            told = dict(row)
            of_license[told.pop("about", None) or told["license_id"]].append(told)
        for one in found:
            one[name] = of_license[one["license_id"]]
    for one in found:
        for device in one["devices"]:
            _tell_parts(device)
    return found


def _tell_parts(device: dict[str, Any]) -> None:
    """Put the names of a device's parts in the place of their digests."""
    enrolled = unpack(device.pop("enrolment"))
    device["policy"] = enrolled.policy
    device["parts"] = list(enrolled.current)
    device["changes"] = [{"part": part, "at": at} for part, at in enrolled.drifts]
