"""The known are what real ones are: accounts with licences in use and an e-mail, and staff."""

from collections.abc import Sequence

import asyncpg
from asking import Line, write_request
from telling_apart import basic

from activation.licensing.identifiers import account_of_login, shard_of
from activation.service.identity.hashing import NOBODYS
from loadtest.devices import make_device
from loadtest.seeded import Seeded

_EMAIL = 3
STAFF = "staff-{:07d}"


def use_licenses(line: Line, seeded: Seeded) -> None:
    """Activate all licences of all accounts."""
    for n in range(seeded.accounts):
        for which in range(seeded.seats_each):
            device = make_device(n, which)
            message = {"product": seeded.product, "version": seeded.version, "device": device}
            headers = basic(seeded.login(n), seeded.password(n))
            assert line.ask(write_request("/v1/activations", headers, message)).status == 201


async def give_emails(dsn: str, logins: Sequence[str]) -> None:
    """Give every account an e-mail, so that it is mailed to."""
    ids = [account_of_login(login) for login in logins]
    connection = await asyncpg.connect(dsn)
    await connection.executemany(
        "INSERT INTO personal (subject, shard, field, value) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        [(each, shard_of(each), _EMAIL, f"{each}@example.org") for each in ids],
    )
    await connection.close()


async def make_staff(dsn: str, count: int) -> list[str]:
    """Make people of staff with slow hashes; return their logins."""
    logins = [STAFF.format(n) for n in range(count)]
    connection = await asyncpg.connect(dsn)
    await connection.executemany(
        "INSERT INTO staff (staff_id, login, role, password_hash, password_phc, totp_box, created_at)"
        " VALUES ($1, $2, 'support', '', $3, '', 0)",
        [(n + 1, login, NOBODYS) for n, login in enumerate(logins)],
    )
    await connection.close()
    return logins
