"""Mails against a real SMTP server: sent once, tried again, dead in the end; no address anywhere else."""

import asyncio
import json

import pytest
from smtp_server import SmtpServer, free_port
from structlog.testing import capture_logs

from activation.licensing.trying import MOST_TRIES, PAUSES_S
from activation.service.mailing.post import read_post
from activation.service.mailing.sealing import seal
from activation.service.mailing.sending import LEASE_S, PostAwayError, send_mails
from activation.service.scheduled import Job, JobRoom, run_job
from activation.service.working import act_as_system

ANN = "ann@example.org"


@pytest.fixture
def smtp():
    with SmtpServer() as server:
        yield server


@pytest.fixture
def post(smtp):
    return read_post(smtp.url, "Licences <licences@example.com>")


@pytest.fixture
async def ann(office):
    """An account with a name and an address."""
    account = await office.account(0)
    for field, told in ((2, "Ann Example"), (3, ANN)):
        await office.fetch(
            "INSERT INTO personal (subject, shard, field, value) VALUES ($1, ($1::bigint >> 55), $2, $3)",
            account.account_id,
            field,
            told,
        )
    return account


async def write(office, subject, template="account_made", params=None, once_key=None):
    async def run(work):
        await work.mail(subject, template, params or {}, once_key)
        return True

    assert await act_as_system(office.desk, run)


async def send(office, post):
    return await send_mails(office.desk, post, asyncio.Event())


async def only_row(office):
    [row] = await office.fetch("SELECT * FROM mail")
    return row


async def test_a_mail_is_sent_once_with_name_login_and_a_steady_id(office, smtp, post, ann):
    await write(office, ann.account_id)
    assert await send(office, post) == 1
    assert await send(office, post) == 0
    [(sender, recipients, mail)] = smtp.postbox.mails
    assert (sender, recipients) == ("licences@example.com", [ANN])
    assert mail["Subject"] == "Your licence account is ready"
    assert mail["Message-ID"].startswith("<mai_")
    assert mail["Auto-Submitted"] == "auto-generated"
    text = mail.get_content()
    assert text.startswith("Hello Ann Example,")
    assert ann.login in text
    assert (await only_row(office))["sent_at"] is not None


async def test_the_address_is_looked_up_when_it_is_sent(office, smtp, post, ann):
    await write(office, ann.account_id)
    await office.fetch("UPDATE personal SET value = 'new@example.org' WHERE field = 3")
    assert await send(office, post) == 1
    assert smtp.postbox.mails[0][1] == ["new@example.org"]


async def test_what_is_written_under_one_key_is_sent_once(office, smtp, post, ann):
    for _ in range(3):
        await write(office, ann.account_id, once_key="fee:1:2")
    assert await send(office, post) == 1
    assert len(smtp.postbox.mails) == 1


async def test_two_senders_at_once_send_every_mail_once(office, smtp, post, ann):
    for _ in range(30):
        await write(office, ann.account_id)
    sent = await asyncio.gather(*(send(office, post) for _ in range(3)))
    assert sum(sent) == 30
    ids = [mail["Message-ID"] for _, _, mail in smtp.postbox.mails]
    assert len(ids) == len(set(ids)) == 30


async def test_a_temporary_refusal_is_tried_again_after_a_minute(office, smtp, post, ann):
    smtp.postbox.answers.append("451 try again")
    await write(office, ann.account_id)
    assert await send(office, post) == 0
    row = await only_row(office)
    assert (row["tries"], row["last_error"]) == (1, "SMTPDataError (451)")
    office.desk.clock.shift_s += PAUSES_S[0] - 5
    assert await send(office, post) == 0
    assert smtp.postbox.mails == []
    office.desk.clock.shift_s += 6
    assert await send(office, post) == 1
    row = await only_row(office)
    assert (row["tries"], row["last_error"], row["dead_at"]) == (2, None, None)


async def test_after_the_last_try_a_mail_is_dead_and_stays_so(office, smtp, post, ann):
    smtp.postbox.answers.extend(["451 try again"] * 20)
    await write(office, ann.account_id)
    for pause_s in (*PAUSES_S, 0):
        assert await send(office, post) == 0
        office.desk.clock.shift_s += pause_s + 2
    row = await only_row(office)
    assert (row["tries"], row["dead_at"] is not None) == (MOST_TRIES, True)
    office.desk.clock.shift_s += 10 * 86400
    assert await send(office, post) == 0
    assert len(smtp.postbox.answers) == 20 - MOST_TRIES


async def test_a_recipient_that_is_refused_for_good_is_dead_at_once_and_named_nowhere(
    office, smtp, post, ann
):
    smtp.postbox.for_recipients[ANN] = f"550 no such user {ANN}"
    await write(office, ann.account_id)
    with capture_logs() as logs:
        assert await send(office, post) == 0
    row = await only_row(office)
    assert row["dead_at"] is not None
    assert row["last_error"] == "the recipient was refused (550)"
    assert ANN not in json.dumps(logs)
    assert [entry["event"] for entry in logs] == ["mail dead"]


@pytest.mark.parametrize("address", ["", "nobody", "a@b.c, d@e.f", "a@b.c\r\nBcc: d@e.f", "<a@b.c>"])
async def test_without_an_address_that_is_one_a_mail_is_dead(office, smtp, post, address):
    account = await office.account(0)
    if address:
        await office.fetch(
            "INSERT INTO personal (subject, shard, field, value) VALUES ($1, ($1::bigint >> 55), 3, $2)",
            account.account_id,
            address,
        )
    await write(office, account.account_id)
    assert await send(office, post) == 0
    row = await only_row(office)
    assert row["dead_at"] is not None
    assert row["last_error"] == ("the address is none" if address else "no address is known")
    assert smtp.postbox.mails == []


async def test_one_bad_mail_does_not_hold_up_the_others(office, smtp, post, ann):
    nobody = await office.account(0)
    smtp.postbox.answers.append("451 try again")
    for subject in (nobody.account_id, ann.account_id, ann.account_id, ann.account_id):
        await write(office, subject)
    assert await send(office, post) == 2


async def test_a_server_that_is_away_costs_no_mail_a_try(office, ann):
    await write(office, ann.account_id)
    with pytest.raises(PostAwayError):
        await send(office, read_post(f"smtp://127.0.0.1:{free_port()}", "a@b.c"))
    assert (await only_row(office))["tries"] == 0


async def test_a_server_that_is_away_is_a_job_put_off_not_a_failure(office, ann):
    await write(office, ann.account_id)
    away = read_post(f"smtp://127.0.0.1:{free_port()}", "a@b.c")
    room = JobRoom(office.desk, away, None, asyncio.Event())

    async def run(given):
        return await send_mails(given.desk, given.post, given.stop)

    with capture_logs() as logs:
        await run_job(room, Job("send_mails", "* * * * *", run))
    assert [(entry["event"], entry["log_level"]) for entry in logs] == [("job put off", "warning")]


async def test_without_a_server_mails_are_kept(office, ann):
    await write(office, ann.account_id)
    assert await send(office, None) == 0
    row = await only_row(office)
    assert (row["tries"], row["sent_at"], row["dead_at"]) == (0, None, None)


async def test_a_sender_that_dies_in_the_middle_leaves_the_mail_to_another(office, smtp, post, ann):
    """The claim runs out; a claim that nobody answered for the last time is a dead letter, not a lost one."""
    await write(office, ann.account_id)
    await office.fetch(
        "UPDATE mail SET tries = 1, next_at = $1", (await only_row(office))["written_at"] + LEASE_S
    )
    assert await send(office, post) == 0
    office.desk.clock.shift_s += LEASE_S + 1
    assert await send(office, post) == 1
    await office.fetch("UPDATE mail SET sent_at = NULL, tries = $1, next_at = 0", MOST_TRIES)
    assert await send(office, post) == 0
    assert (await only_row(office))["last_error"] == "nobody knows how the last try ended"
    assert len(smtp.postbox.mails) == 1


async def test_what_is_sealed_is_read_by_its_owner_alone_and_forgotten_when_sent(office, smtp, post, ann):
    sealed = seal(office.desk.secrets.mail, {"password": "correct-horse"})
    await write(office, ann.account_id, "welcome", {"sealed": sealed})
    assert "correct-horse" not in str((await only_row(office))["params"])
    assert await send(office, post) == 1
    assert "correct-horse" in smtp.postbox.mails[0][2].get_content()
    assert json.loads((await only_row(office))["params"]) == {}


async def test_what_does_not_open_is_dead(office, post, ann):
    await write(office, ann.account_id, "welcome", {"sealed": seal(bytes(32), {"password": "x"})})
    assert await send(office, post) == 0
    assert (await only_row(office))["last_error"] == "the sealed part does not open"
