"""G5: before a server serves, whoever the ledger names and the database does not know is erased again."""

import structlog

from activation.app import open_desk
from activation.config import Settings
from activation.service.privacy.reapplying import catch_up

_log = structlog.get_logger("activation.erasures")


async def catch_up_with_erasures(settings: Settings, dsn: str) -> None:
    """Bring the database up to the ledger's file, and the file up to the database; log if anybody came back.

    Raises LedgerError, LedgerNotAppliedError, DatabaseUnavailableError: then nothing may be served.
    """
    async with open_desk(settings, dsn) as desk:
        applied = await catch_up(desk)
    if applied.foreign:
        _log.error("the ledger holds erasures of another database", rule="G5", count=applied.foreign)
    if applied.erased or applied.unknown:
        _log.warning("erased again", rule="G5", count=applied.erased, unknown=applied.unknown)
