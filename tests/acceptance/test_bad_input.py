"""B5: whatever is sent, the answer is a clear 4xx, one line is logged, and nothing is written."""

import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any

import aiohttp
import asyncpg
import pytest
import pytest_asyncio
from acceptance_api import PRODUCT, VERSION, Answer, Api, granted, refused
from acceptance_badness import (
    FIELDS,
    MAX_BODY,
    Bad,
    dump,
    twice,
    wrong_bodies,
    wrong_members,
    wrong_values,
    zipped,
)
from acceptance_devices import device, values_of
from acceptance_making import MakeAccount
from acceptance_server import RealServer

from crypto import base64url
from crypto.proofs import make_proof
from crypto.signing import SigningKey

pytestmark = pytest.mark.asyncio(loop_scope="session")

KINDS = tuple(FIELDS)
COUNTS = (
    "SELECT (SELECT count(*) FROM activation), (SELECT count(*) FROM reset), (SELECT count(*) FROM event),"
    " (SELECT count(*) FROM personal), (SELECT sum(version) FROM holding)"
)
DEVICE = SigningKey.from_seed(
    base64url.decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A")
)  # RFC 8037, A.1
DEVICE_KEY = base64url.encode(DEVICE.public_key)


@dataclass(frozen=True)
class Target:
    """A call that would change something if only its body were right."""

    kind: str
    path: str
    message: dict[str, Any]
    headers: dict[str, str]
    secrets: tuple[str, ...]


Aim = Callable[[str], Awaitable[Target]]
Send = Callable[..., Awaitable[dict[str, Any]]]
every_field = pytest.mark.parametrize(
    ("kind", "path"),
    [pytest.param(kind, path, id=f"{kind}: {path}") for kind in KINDS for path in FIELDS[kind]],
)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def aim(new_account: MakeAccount, server: RealServer, tokens: dict[str, str]) -> AsyncIterator[Aim]:
    """Makes targets: an account with one licence in use and one free, and a call that would use it."""
    async with aiohttp.ClientSession() as session:
        api = Api(server.url, session)

        async def make(kind: str) -> Target:
            account = await new_account(2)
            machine = {**device(), "public_key": DEVICE_KEY}
            held = granted(await api.activate(account, machine, license_id=account.licenses[0]), 201)
            other = {**device(), "public_key": DEVICE_KEY}
            shown = {"certificate": held.certificate, "device": machine}
            owner = {"Authorization": account.header}
            support = {"Authorization": f"Bearer {tokens['support']}"}
            wish = {"product": PRODUCT, "version": VERSION, "device": other, "move": False}
            note = "Canary of a note, left in a taxi."
            proof = make_proof(DEVICE, held.certificate, 1, int(time.time()))
            path, message, headers = {
                "activation": ("/v1/activations", {**wish, "license_id": account.licenses[1]}, owner),
                "renewal": ("/v1/renewals", {**shown, "version": VERSION, "proof": proof}, {}),
                "release": ("/v1/releases", shown, {}),
                "reset": ("/v1/resets", {"license_id": account.licenses[0]}, owner),
                "staff reset": (
                    f"/v1/staff/licenses/{account.licenses[0]}/resets",
                    {"reason": "device_lost", "note": note},
                    support,
                ),
            }[kind]
            secrets = (account.login, account.password, tokens["support"], note, held.certificate, DEVICE_KEY)
            return Target(
                kind, path, message, headers, (*secrets, *distinctive(machine), *distinctive(other))
            )

        yield make


def distinctive(machine: dict[str, Any]) -> list[str]:
    return [value for value in values_of(machine) if not value.startswith("Genuine")] + [machine["name"]]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def targets(aim: Aim) -> dict[str, Target]:
    return {kind: await aim(kind) for kind in KINDS}


@pytest.fixture
def send(api: Api, server: RealServer, database: asyncpg.Connection) -> Send:
    """Send what must be refused; check answer, log and database; return the problem."""

    async def send_bad(
        target: Target, body: Any, code: str, headers: dict[str, str | None] | None = None
    ) -> dict[str, Any]:
        sent: dict[str, str | None] = {
            "Content-Type": "application/json",
            **target.headers,
            **(headers or {}),
        }
        before, since = tuple(await database.fetchrow(COUNTS) or ()), server.log_size()
        answer = await api.call("POST", target.path, body=body, headers=sent)
        problem = refused(answer, code)
        assert tuple(await database.fetchrow(COUNTS) or ()) == before, "something was written"
        assert_logged_once(server, since, answer, target.secrets)
        return problem

    return send_bad


def assert_logged_once(server: RealServer, since: int, answer: Answer, secrets: tuple[str, ...]) -> None:
    logged = server.log(since)
    lines = [line for line in logged if "job" not in line]  # what is scheduled may log at any time
    assert [line["event"] for line in lines] == ["refused"], lines
    problem = answer.json
    assert lines[0]["trace_id"] == problem["trace_id"]
    assert (lines[0]["code"], lines[0]["status"]) == (problem["code"], answer.status)
    told = json.dumps(logged).lower() + answer.body.decode().lower()
    assert [secret for secret in secrets if secret.lower() in told] == []


async def refuse_all(target: Target, cases: Iterable[Bad], send: Send) -> None:
    """Send every one of them; tell of all that are not refused as they should be."""
    wrong: list[str] = []
    for bad in cases:
        try:
            problem = await send(target, bad.body, "malformed")
        except AssertionError as found:
            wrong.append(f"{bad.name}: {str(found)[:400]}")
        else:
            if not bad.is_named_by(problem["field"]):
                wrong.append(f"{bad.name}: field is {problem['field']!r}, not {bad.field!r}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("kind", KINDS)
async def test_control_the_messages_are_granted_when_nothing_is_wrong(api: Api, aim: Aim, kind: str) -> None:
    target = await aim(kind)
    padded = dump(target.message).ljust(MAX_BODY)
    answer = await api.call("POST", target.path, body=padded, headers=target.headers)
    assert answer.status == (201 if kind == "activation" else 200), answer.body


@every_field
async def test_b5_a_wrong_value_is_refused_naming_its_field(
    targets: dict[str, Target], send: Send, kind: str, path: str
) -> None:
    target = targets[kind]
    await refuse_all(target, wrong_values(target.message, path, FIELDS[kind][path]), send)


@every_field
async def test_b5_a_member_that_stands_twice_is_refused_naming_it(
    targets: dict[str, Target], send: Send, kind: str, path: str
) -> None:
    await refuse_all(targets[kind], twice(targets[kind].message, path), send)


@pytest.mark.parametrize("kind", KINDS)
async def test_b5_a_member_unknown_or_missing_is_refused_naming_it(
    targets: dict[str, Target], send: Send, kind: str
) -> None:
    await refuse_all(targets[kind], wrong_members(kind, targets[kind].message), send)


@pytest.mark.parametrize("kind", KINDS)
async def test_b5_a_body_that_is_no_message_is_refused(
    targets: dict[str, Target], send: Send, kind: str
) -> None:
    await refuse_all(targets[kind], wrong_bodies(targets[kind].message), send)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("size", [MAX_BODY + 1, 4 * MAX_BODY, 64 * MAX_BODY])
async def test_b5_a_body_over_16_kib_is_refused(
    targets: dict[str, Target],
    send: Send,
    kind: str,
    chunked: bool,
    size: int,
) -> None:
    body = dump(targets[kind].message).ljust(size)

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 4096):
            yield body[start : start + 4096]

    await send(targets[kind], pieces() if chunked else body, "too_large")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("encoding", list(zipped()))
async def test_b5_any_content_encoding_is_refused(
    targets: dict[str, Target],
    send: Send,
    kind: str,
    encoding: str,
) -> None:
    await send(targets[kind], zipped()[encoding], "media_type", {"Content-Encoding": encoding})


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "media_type",
    [
        None,
        "",
        "text/plain",
        "text/json",
        "application/jsonp",
        "application/problem+json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json, text/plain",
        "json",
        "*/*",
    ],
)
async def test_b5_another_content_type_is_refused(
    targets: dict[str, Target],
    send: Send,
    kind: str,
    media_type: str | None,
) -> None:
    headers = {"Content-Type": media_type}
    await send(targets[kind], dump(targets[kind].message), "media_type", headers)
