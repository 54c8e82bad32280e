"""D5: passwords and tokens that were shown, and stand under an older pepper: re-keyed beside the requests.

Best effort: what waits when the worker is killed, or finds the queue full, is re-keyed the next time it is
shown. Only what is still stored as it was matched is replaced, and never by an older version.
"""

import asyncio
from typing import Final

import structlog

from activation.licensing.model import Account
from activation.service.credentials import Credential
from activation.storage.absence import DatabaseUnavailableError
from activation.storage.connection import Pool
from activation.storage.lending import RowRefusedError, lend
from activation.storage.rekeying import rekey_passwords, rekey_tokens
from crypto.passwords import version_named

FLUSH_S: Final = 1.0
MOST: Final = 2048
_log = structlog.get_logger("activation.pepper")


class Rekeying:
    """What one worker has not written yet."""

    def __init__(self) -> None:
        self._passwords: dict[int, tuple[bytes, bytes]] = {}
        self._tokens: dict[int, tuple[bytes, bytes]] = {}

    def note_password(self, right: Credential, new: bytes) -> None:
        """Note the hash that was right, and the one to keep instead."""
        _note(self._passwords, right.account_id, right.secret_hash, new)

    def note_shown(self, credential: Credential, account: Account) -> None:
        """Note a right password of an account that stands under another version than the one in use."""
        for older in list(credential.each())[1:]:
            if older.secret_hash in {account.owner_hash, account.activation_hash}:
                self.note_password(older, credential.secret_hash)

    def note_token(self, token_id: int, right: bytes, new: bytes) -> None:
        """Note a token's hash that was found, and the one to keep instead."""
        _note(self._tokens, token_id, right, new)

    async def run(self, pool: Pool) -> None:
        """Write what waits, every second, until cancelled."""
        while True:
            await asyncio.sleep(FLUSH_S)
            await self.flush(pool)

    async def flush(self, pool: Pool) -> None:
        """Write what waits; without a database it is forgotten, and noted anew when it is shown again."""
        passwords, self._passwords = self._passwords, {}
        tokens, self._tokens = self._tokens, {}
        if not passwords and not tokens:
            return
        try:
            async with lend(pool) as connection:
                await rekey_passwords(connection, [(one, *hashes) for one, hashes in passwords.items()])
                await rekey_tokens(connection, [(one, *hashes) for one, hashes in tokens.items()])
        except (DatabaseUnavailableError, RowRefusedError):
            _log.warning("hashes not re-keyed", waiting=len(passwords) + len(tokens))


def _note(waiting: dict[int, tuple[bytes, bytes]], whose: int, right: bytes, new: bytes) -> None:
    if version_named(right) < version_named(new) and len(waiting) < MOST:
        waiting[whose] = (right, new)
