"""People who are signed in: one of each role, two resellers with all that may stand under their names."""

from base64 import b64encode
from dataclasses import dataclass
from itertools import count

from activation.http.cookies import COOKIE, CSRF_HEADER
from activation.licensing.identifiers import make_id, to_text
from activation.licensing.identity.sessions import Stage, kind_of
from activation.licensing.roles import Role
from activation.service.credentials import hash_token
from activation.service.identity.hashing import NOBODYS
from activation.service.identity.session_tokens import csrf_of, hash_session_token, new_session_token
from activation.service.provisioning import make_reseller
from activation.storage.identity.sessions import NewSession, add_session
from activation.storage.identity.tokens import NewToken, Owners
from activation.storage.identity.tokens import add_token as store_token
from crypto.passwords import new_token

STAFF = [Role.ADMIN, Role.SALES, Role.SUPPORT, Role.AUDITOR]
TEXTS = ["/v1/staff/offline-activations"]
MADE_UP = make_id(0, 12345)
numbers = count(1)

# $1 the reseller, $2 its customer, $3 the id of an order and of a penalty alike.
_BELONGINGS = (
    "INSERT INTO purchase (purchase_id, reseller_id, product_id, major, quantity, unit, total, paid, method,"
    " state, placed_at, due_at, paid_at)"
    " SELECT $3::bigint, $1::bigint, 1, 5, 10, 9.5, 95, 95, 1, 1, 1, 2, 2 WHERE $2::bigint > 0",
    "INSERT INTO charge (charge_id, reseller_id, kind, amount, opened_at, due_at)"
    " SELECT $3::bigint, $1::bigint, 1, 20, 1, 2 WHERE $2::bigint > 0",
    "INSERT INTO pool_entry (reseller_id, product_id, major, seq, delta, balance, why, purchase_id,"
    " entered_at) SELECT $1::bigint, 1, 5, 1, 10, 10, 1, $3::bigint, 2 WHERE $2::bigint > 0",
    "UPDATE account SET reseller_id = $1 WHERE account_id = $2 AND $3::bigint > 0",
    "UPDATE license SET reseller_id = $1, purchase_id = $3 WHERE account_id = $2",
)


@dataclass
class Reseller:
    """A reseller and its users' tokens."""

    reseller_id: int
    account_id: int
    thing_id: int
    license_id: int
    tokens: dict[Role, str]
    users: dict[Role, int]

    @property
    def ids(self) -> list[int]:
        return [self.reseller_id, self.account_id, self.thing_id, self.license_id]

    @property
    def marks(self) -> list[str]:
        """What of it would show in an answer to somebody else."""
        return [*(to_text("", number) for number in self.ids), f"Secret name {self.reseller_id}"]


class People:
    """A token and a session for each role; `other` is the reseller that is nobody's here."""

    def __init__(self, client, tokens, sessions, other, ids):
        self.client, self.tokens, self.sessions = client, tokens, sessions
        self.other, self.ids = other, ids

    def bearer(self, role):
        """Return what somebody in this role shows; end users have no token, but a password."""
        if role is Role.END_USER:
            return f"Basic {self.tokens[role]}"
        return f"Bearer {self.tokens[role]}"

    def cookie(self, role):
        """Return the headers that a browser sends in which somebody in this role is signed in."""
        return {
            "Cookie": f"{COOKIE}={self.sessions[role]}",
            "Origin": f"http://{self.client.host}:{self.client.port}",
            CSRF_HEADER: csrf_of(self.sessions[role]),
        }

    def shown(self, role, way):
        """Return what somebody in this role shows: a token, or a session's cookie."""
        return self.cookie(role) if way == "session" else self.bearer(role)

    async def ask(self, method, path, shown, key=None):
        """Call an address with a body that says nothing; return status and answer."""
        headers = dict(shown) if isinstance(shown, dict) else {"Authorization": shown} if shown else {}
        if key is not None:
            headers["Idempotency-Key"] = key
        if method == "GET":
            reply = await self.client.get(path, headers=headers)
        elif path in TEXTS:
            reply = await self.client.post(path, headers=headers, data="nothing")
        else:
            reply = await self.client.post(path, headers=headers, json={})
        return reply.status, await reply.text()


async def no_password(_keyed):
    """Return a hash that no password has: for who shows tokens and sessions alone. It costs nothing."""
    return NOBODYS


async def gather_people(office, client) -> People:
    staff = {role: await office.staff(role, no_password) for role in STAFF}
    own, other = await add_reseller(office), await add_reseller(office)
    account = await office.account()
    basic = b64encode(f"{account.login}:{account.password}".encode()).decode()
    tokens = {role: made.token for role, made in staff.items()} | own.tokens | {Role.END_USER: basic}
    ids = {role: made.user_id for role, made in staff.items()} | own.users
    ids[Role.END_USER] = account.account_id
    sessions = {role: await open_session(office, role, person_id) for role, person_id in ids.items()}
    return People(client, tokens, sessions, other, ids)


async def open_session(office, role, person_id) -> str:
    """Sign somebody in, with a second factor shown just now; return the session's token."""
    token = new_session_token()
    token_hash = hash_session_token(office.desk.secrets.passwords, token)
    async with office.desk.pool.acquire() as connection:
        now = await office.desk.clock.now(connection)
        await add_session(
            connection,
            NewSession(
                office.ids.new(0),
                token_hash,
                kind_of(role),
                person_id,
                Stage.SIGNED_IN,
                now,
                now + 3600,
                now,
                "192.0.2.1",
                "",
            ),
        )
    return token


async def add_reseller(office) -> Reseller:
    """Make a reseller with an owner, an operator, an order, a pool, a penalty, an account and its licence."""
    account = await office.account(1)
    [[license_id]] = await office.fetch(
        "SELECT license_id FROM license WHERE account_id = $1", account.account_id
    )
    async with office.desk.pool.acquire() as connection, connection.transaction():
        owner = await make_reseller(
            connection, office.keys, office.ids, f"unnamed {next(numbers)}", no_password
        )
        reseller_id = await connection.fetchval(
            "UPDATE reseller SET name = 'Secret name ' || reseller_id WHERE reseller_id ="
            " (SELECT reseller_id FROM reseller_user WHERE user_id = $1) RETURNING reseller_id",
            owner.user_id,
        )
        users = {Role.OWNER: owner.user_id, Role.OPERATOR: office.ids.new(0)}
        await connection.execute(
            "INSERT INTO reseller_user (user_id, reseller_id, login, role, password_hash, totp_box,"
            " created_at)"
            " SELECT $2, reseller_id, 'operator ' || login, 'operator', password_hash, totp_box, created_at"
            " FROM reseller_user WHERE user_id = $1",
            owner.user_id,
            users[Role.OPERATOR],
        )
        made = Reseller(
            reseller_id,
            account.account_id,
            office.ids.new(0),
            license_id,
            {role: await add_token(office, connection, user_id) for role, user_id in users.items()},
            users,
        )
        for sql in _BELONGINGS:
            await connection.execute(sql, made.reseller_id, made.account_id, made.thing_id)
    return made


async def add_token(office, connection, user_id, scopes=None, owners=Owners.USERS) -> str:
    token = new_token("rsl")
    new = NewToken(hash_token(office.desk.secrets.passwords, token), "test", 0, None, scopes)
    await store_token(connection, owners, user_id, new)
    return token
