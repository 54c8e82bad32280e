"""How commands end when something expected goes wrong: one line of text and an exit status."""

from dataclasses import dataclass
from typing import Final

from activation.client.conversing import ServerAwayError, ServerRefusedError
from activation.client.keeping import DamagedCertificateError
from activation.client.picturing import PictureError
from activation.client.proving import DamagedKeyError
from activation.client.reading import InstallIdError
from activation.client.softphone import NothingKeptError
from activation.client.verifying import NotVerifiedError
from activation.config import BadSettingsError
from activation.demo.seeding import ForeignDatabaseError
from activation.equipping import NotEquippedError
from activation.messages.strict import MalformedError
from activation.service.auditing.checkpoints import BadCheckpointError
from activation.service.importing.lines import NotAListError
from activation.service.privacy.ledger import LedgerError
from activation.service.privacy.reapplying import LedgerNotAppliedError
from activation.storage.absence import DatabaseUnavailableError
from activation.storage.accounts import AccountExistsError, UnknownAccountError
from activation.storage.embedded import EmbeddedPostgresError
from activation.storage.identity.staff import StaffExistsError
from activation.storage.licenses.importing import ImportRacedError
from activation.storage.migrations.checking import NotMigratedError
from activation.storage.pool import NotDurableError
from activation.supervising.sockets import PortTakenError
from crypto.ceremony import CeremonyError
from crypto.errors import CertificateError
from crypto.key_folder import KeyFolderError
from crypto.locking import PassphraseError

REFUSED: Final = 1
USAGE: Final = 2
LATER: Final = 3


@dataclass(frozen=True, slots=True)
class Ending:
    """An exit status and what to say."""

    status: int
    text: str


_STATUS: Final[tuple[tuple[type[Exception], int], ...]] = (
    (ServerAwayError, LATER),
    (DatabaseUnavailableError, LATER),
    (ImportRacedError, LATER),
    (LedgerNotAppliedError, LATER),
    (LedgerError, REFUSED),
    (BadCheckpointError, REFUSED),
    (NotAListError, USAGE),
    (BadSettingsError, USAGE),
    (NotMigratedError, USAGE),
    (NotEquippedError, USAGE),
    (PortTakenError, USAGE),
    (NotDurableError, USAGE),
    (ForeignDatabaseError, USAGE),
    (EmbeddedPostgresError, REFUSED),
    (AccountExistsError, REFUSED),
    (UnknownAccountError, REFUSED),
    (StaffExistsError, REFUSED),
    (KeyFolderError, REFUSED),
    (CeremonyError, REFUSED),
    (CertificateError, REFUSED),
    (PassphraseError, REFUSED),
    (NothingKeptError, REFUSED),
    (NotVerifiedError, REFUSED),
    (DamagedCertificateError, REFUSED),
    (DamagedKeyError, REFUSED),
    (InstallIdError, REFUSED),
    (MalformedError, REFUSED),
    (PictureError, USAGE),
    (FileExistsError, REFUSED),
    (FileNotFoundError, USAGE),
    (PermissionError, USAGE),
)


def ending_of(error: Exception) -> Ending | None:
    """Return how a command ends that met `error`, or None for an error nobody expected."""
    if isinstance(error, ServerRefusedError):
        problem = error.problem
        return Ending(
            REFUSED, f"Refused ({error.code}): {error}\nTrace id: {problem.get('trace_id', 'none')}"
        )
    for kind, status in _STATUS:
        if isinstance(error, kind):
            return Ending(status, str(error) or kind.__name__)
    return None
