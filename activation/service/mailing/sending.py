"""Mails that are due, out by SMTP: once each, tried again with ever longer pauses, then dead.

A mail is claimed before it is sent, so that two servers never send the same one; what its server did not
answer is tried again when the claim has run out. The address is looked up at the last moment. A server that
cannot be reached costs no mail a try: nothing is claimed before the connection stands.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from typing import Any, Final

import aiosmtplib
import structlog

from activation.licensing.identifiers import MAIL, to_text
from activation.licensing.trying import MOST_TRIES, next_try
from activation.service import measures
from activation.service.desk import Desk
from activation.service.mailing.post import Post
from activation.service.mailing.sealing import SealBrokenError, unseal
from activation.service.mailing.texts import Letter, UnwritableError, write_letter
from activation.service.peppering.keeping_up import now_knowing_pepper
from activation.storage.lending import lend
from activation.storage.outgoing.mails import (
    ClaimedMail,
    Recipient,
    bury_mail,
    claim_mail,
    is_mail_due,
    mark_mail_sent,
    put_mail_off,
    read_recipient,
)

LEASE_S: Final = 180
"""How long a claim lasts, in seconds: longer than one mail may take."""
COMMAND_S: Final = 20.0
MAIL_S: Final = 90.0
_log = structlog.get_logger("activation.mail")


class PostAwayError(Exception):
    """The SMTP server cannot be reached, or does not take our login."""


async def send_mails(desk: Desk, post: Post | None, stop: asyncio.Event) -> int:
    """Send what is due until nothing is, or `stop`; return how many mails went out.

    Without a post mails are kept. Raises PostAwayError.
    """
    if post is None or not await _is_due(desk):
        return 0
    sent = 0
    async with _connect(post) as smtp:
        while not stop.is_set() and smtp.is_connected and (mail := await _claim(desk)) is not None:
            sent += await _send(desk, post, smtp, mail)
    return sent


@asynccontextmanager
async def _connect(post: Post) -> AsyncIterator[aiosmtplib.SMTP]:
    smtp = aiosmtplib.SMTP(
        hostname=post.host,
        port=post.port,
        username=post.user,
        password=post.password,
        use_tls=post.tls,
        start_tls=post.start_tls,
        timeout=COMMAND_S,
    )
    try:
        await smtp.connect()
    except (aiosmtplib.SMTPException, OSError) as away:
        raise PostAwayError(type(away).__name__) from away
    try:
        yield smtp
    finally:
        smtp.close()


async def _is_due(desk: Desk) -> bool:
    async with lend(desk.pool) as connection:
        return await is_mail_due(connection, await desk.clock.now(connection))


async def _claim(desk: Desk) -> ClaimedMail | None:
    async with lend(desk.pool) as connection:
        # Before any is claimed: what is sealed under a pepper not read here must not be given up.
        return await claim_mail(connection, await now_knowing_pepper(desk, connection), LEASE_S)


async def _send(desk: Desk, post: Post, smtp: aiosmtplib.SMTP, mail: ClaimedMail) -> bool:
    """Send one mail and note how it went; tell whether it went out."""
    if mail.tries > MOST_TRIES:
        return await _bury(desk, mail, "nobody knows how the last try ended")
    async with lend(desk.pool) as connection:
        recipient = await read_recipient(connection, mail.subject)
    try:
        params = _open(desk, mail)
        # Some go where the recipient was until now: to an address that was changed.
        recipient = replace(recipient, address=params.pop("to", recipient.address))
        message = _write(post, mail, params, recipient)
    except UnwritableError as unwritable:
        return await _bury(desk, mail, str(unwritable))
    try:
        async with asyncio.timeout(MAIL_S):
            await smtp.send_message(message, sender=parseaddr(post.sender)[1], recipients=[recipient.address])
    except (aiosmtplib.SMTPException, OSError, TimeoutError, ValueError) as failed:
        if not isinstance(failed, aiosmtplib.SMTPResponseException | aiosmtplib.SMTPRecipientsRefused):
            smtp.close()  # nobody knows where in the conversation it stands
        if _is_final(failed):
            return await _bury(desk, mail, _name(failed))
        return await _put_off(desk, mail, _name(failed))
    async with lend(desk.pool) as connection:
        await mark_mail_sent(connection, mail.mail_id, await desk.clock.now(connection))
    measures.MAILS.labels("sent").inc()
    return True


def _open(desk: Desk, mail: ClaimedMail) -> dict[str, Any]:
    """Return a mail's parameters, those that were sealed too."""
    params = dict(mail.params)
    sealed = params.pop("sealed", None)
    try:
        return params | (unseal(desk.secrets.mail, str(sealed)) if sealed is not None else {})
    except SealBrokenError as broken:
        raise UnwritableError(str(broken)) from None


def _write(post: Post, mail: ClaimedMail, params: Mapping[str, Any], recipient: Recipient) -> EmailMessage:
    if not recipient.address:
        raise UnwritableError("no address is known")
    return _compose(post, mail, write_letter(mail.template, params, recipient), recipient.address)


def _compose(post: Post, mail: ClaimedMail, letter: Letter, address: str) -> EmailMessage:
    message = EmailMessage()
    try:
        message["From"] = post.sender
        message["To"] = Address(addr_spec=address)
        message["Subject"] = letter.subject
    except (ValueError, IndexError, MessageError):
        raise UnwritableError("the address is none") from None
    message["Date"] = format_datetime(datetime.fromtimestamp(mail.written_at, UTC))
    # The same for every try: a mail that arrives twice after all shows as one.
    message["Message-ID"] = f"<{to_text(MAIL, mail.mail_id)}@{post.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.body)
    return message


def _is_final(failed: Exception) -> bool:
    """Tell whether the server refuses this recipient for good (5xx)."""
    if isinstance(failed, aiosmtplib.SMTPRecipientsRefused):
        return all(one.code >= 500 for one in failed.recipients)
    return isinstance(failed, ValueError)  # a text that cannot be sent: no server was asked


def _name(failed: Exception) -> str:
    """Name what went wrong by its kind and code: a server's own words often quote the address."""
    if isinstance(failed, aiosmtplib.SMTPRecipientsRefused):
        return f"the recipient was refused ({failed.recipients[0].code})"
    if isinstance(failed, aiosmtplib.SMTPResponseException):
        return f"{type(failed).__name__} ({failed.code})"
    return type(failed).__name__


async def _put_off(desk: Desk, mail: ClaimedMail, error: str) -> bool:
    async with lend(desk.pool) as connection:
        now = await desk.clock.now(connection)
        again_at = next_try(mail.tries, now)
        if again_at is not None:
            await put_mail_off(connection, mail.mail_id, again_at, error)
            measures.MAILS.labels("put_off").inc()
            return False
    return await _bury(desk, mail, error)


async def _bury(desk: Desk, mail: ClaimedMail, error: str) -> bool:
    async with lend(desk.pool) as connection:
        await bury_mail(connection, mail.mail_id, await desk.clock.now(connection), error)
    measures.MAILS.labels("dead").inc()
    _log.warning("mail dead", mail_id=to_text(MAIL, mail.mail_id), template=mail.template, reason=error)
    return False
