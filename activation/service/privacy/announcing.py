"""G8: changed terms announced by mail, to every account with an e-mail, once each, in batches."""

from typing import Final

from activation.service.working import Work
from activation.storage.outgoing.outbox import write_mails
from activation.storage.privacy.announcing import accounts_to_tell, lock_announcement, note_announced

BATCH: Final = 500


async def announce_terms(work: Work) -> int:
    """Tell the next accounts of changed terms; return how many, 0 when everybody was told."""
    news = await lock_announcement(work.connection, work.now)
    if news is None:
        return 0
    accounts = await accounts_to_tell(work.connection, news.told_to, BATCH)
    told = {"version": news.version, "effective_at": news.effective_at}
    mails = [(work.new_id(), one, f"terms:{news.version}:{one}") for one in accounts]
    await write_mails(work.connection, mails, "terms_announced", work.now, told)
    done_at = work.now if len(accounts) < BATCH else None
    await note_announced(work.connection, news.version, accounts[-1] if accounts else None, done_at)
    return len(accounts)
