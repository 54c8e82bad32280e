"""D5: what can be re-keyed without anybody coming by: sealed boxes, and digests of what is known here anyway.

Second factors' and webhooks' secrets, and what waits in mails, are opened and sealed anew; e-mails that an
account is found by (C1) and occasions of test licences (T3) are digested anew from the account's number and
e-mail. What is left: occasions of people who were erased, whose e-mail nobody knows, and whatever its owner
has to show.
"""

from typing import Final

from activation.service.desk import Desk
from activation.service.mailing.sealing import seal, unseal, version_of_sealed
from activation.service.peppering.counting import count_by_version
from activation.service.purchasing.buyers import digest_email
from activation.service.reselling.granting import occasion_digests
from activation.storage.connection import Connection
from activation.storage.lending import lend
from activation.storage.rekeying import (
    list_boxes,
    list_emails,
    list_sealed_mails,
    list_tested,
    rekey_digests,
    replace_box,
    reseal_mail,
)
from crypto.boxes import open_box, seal_box, version_of_box
from crypto.pepper import each_of, version_of

AT_ONCE: Final = 500


async def rekey_stored(desk: Desk) -> int:
    """Re-key what can be, while there is an older version; return how many things were."""
    if len(desk.peppers.known) < 2:
        return 0
    async with lend(desk.pool) as connection:
        done = await _reseal(connection, desk)
        done += await _reseal_mails(connection, desk)
        done += await _rekey_emails(connection, desk)
        done += await _rekey_occasions(connection, desk)
        await count_by_version(connection, desk.secrets, await desk.clock.now(connection))
    return done


async def _reseal(connection: Connection, desk: Desk) -> int:
    done = 0
    for box in await list_boxes(connection):
        table, _, sealed = box
        key = desk.secrets.hooks if table == "hook" else desk.secrets.totp
        version = version_of_box(key, sealed)
        if version is not None and version < version_of(key):
            await replace_box(connection, box, seal_box(key, open_box(key, sealed)))
            done += 1
    return done


async def _reseal_mails(connection: Connection, desk: Desk) -> int:
    done, key = 0, desk.secrets.mail
    for mail_id, sealed in await list_sealed_mails(connection):
        version = version_of_sealed(key, sealed)
        if version is not None and version < version_of(key):
            await reseal_mail(connection, mail_id, sealed, seal(key, unseal(key, sealed)))
            done += 1
    return done


async def _rekey_emails(connection: Connection, desk: Desk) -> int:
    done = after = 0
    newest, *older = each_of(desk.secrets.passwords)
    while page := await list_emails(connection, after, AT_ONCE):
        moved = [
            (digest, digest_email(newest, email))
            for _, digest, email in page
            if email and digest in [digest_email(key, email) for key in older]
        ]
        done += await rekey_digests(connection, "account_by_email", moved)
        after = page[-1][0]
    return done


async def _rekey_occasions(connection: Connection, desk: Desk) -> int:
    done = after = 0
    newest, *older = each_of(desk.secrets.occasions)
    while page := await list_tested(connection, after, AT_ONCE):
        moved = [
            pair
            for account_id, email in page
            for key in older
            for pair in zip(
                occasion_digests(key, account_id, email),
                occasion_digests(newest, account_id, email),
                strict=True,
            )
        ]
        done += await rekey_digests(connection, "occasion", moved)
        after = page[-1][0]
    return done
