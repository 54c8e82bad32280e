"""D5: how much still hangs on which version of the pepper, for people who want to retire an old one."""

from collections.abc import Mapping
from typing import Final, Protocol

from activation.service import measures
from activation.service.mailing.sealing import version_of_sealed
from activation.service.working import Work
from activation.storage.connection import Connection
from activation.storage.rekeying import count_versions, list_boxes, list_sealed_mails
from crypto.boxes import version_of_box

KINDS: Final = (
    "devices",
    "ended",
    "passwords",
    "staff_passwords",
    "tokens",
    "sessions",
    "recovery_codes",
    "boxes",
    "mails",
    "emails",
    "occasions",
    "files",
)
PASSING: Final = frozenset({"ended", "sessions"})
"""What holds no version back: sessions run out within days, ended licences' devices ask for nothing."""
COSTS: Final[Mapping[str, str]] = {
    "devices": "are taken for new ones: each gets a second licence where its account has a spare one, else it"
    " is refused (device_limit) until its own is reset",
    "passwords": "no longer work: staff have to issue new ones",
    "staff_passwords": "no longer work: a mailed link, or staff, gives new ones",
    "tokens": "no longer work: their owners make new ones",
    "recovery_codes": "no longer work: their owners make new ones",
    "boxes": "no longer open: second factors and webhooks are set up anew",
    "mails": "that wait or are dead can never be sent: the passwords and links in them are lost",
    "emails": "no longer lead a second purchase to its account",
    "occasions": "are forgotten: their owners may get test licences again",
    "files": "cannot be given out a second time",
}
Counts = dict[int, dict[str, int]]
"""By version: how many of each of `KINDS`."""


class BoxKeys(Protocol):
    """The keys that boxes are sealed under."""

    @property
    def totp(self) -> bytes:
        """Second factors'."""

    @property
    def hooks(self) -> bytes:
        """Webhooks'."""

    @property
    def mail(self) -> bytes:
        """Mails', for what nobody may read in the database."""


async def count_by_version(connection: Connection, keys: BoxKeys, now: int) -> Counts:
    """Count what hangs on each version at `now` (seconds since 1970), and tell the metrics."""
    counts: Counts = {}
    for what, version, many in await count_versions(connection, now):
        counts.setdefault(version, dict.fromkeys(KINDS, 0))[what] = many
    for table, _, box in await list_boxes(connection):
        opened_by = version_of_box(keys.hooks if table == "hook" else keys.totp, box)
        if opened_by is not None:
            counts.setdefault(opened_by, dict.fromkeys(KINDS, 0))["boxes"] += 1
    for _, sealed in await list_sealed_mails(connection):
        opened_by = version_of_sealed(keys.mail, sealed)
        if opened_by is not None:
            counts.setdefault(opened_by, dict.fromkeys(KINDS, 0))["mails"] += 1
    for version in range(1, max(counts, default=0) + 1):  # those that are gone too: nothing is left of them
        for what in KINDS:
            measures.PEPPERED.labels(str(version), what).set(counts.get(version, {}).get(what, 0))
    return counts


def what_hangs(counts: Counts, version: int) -> dict[str, int]:
    """Return what would be lost with a version: how many of each kind, none that passes by itself."""
    by_kind = counts.get(version, {})
    return {what: many for what, many in by_kind.items() if many and what not in PASSING}


async def see_pepper(work: Work) -> tuple[int, Counts]:
    """Return the version in use, and what hangs on every version that is known or stored."""
    counts = await count_by_version(work.connection, work.desk.secrets, work.now)
    for version in work.desk.peppers.known:
        counts.setdefault(version, dict.fromkeys(KINDS, 0))
    return work.desk.peppers.version, counts
