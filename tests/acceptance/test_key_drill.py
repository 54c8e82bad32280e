"""The drill: keys rotate, retire and leak under load, by the real commands; nobody restarts anything.

10,000 verifications: none fails that should pass, none passes that should fail. The roots' folder is not
where the server could find it.
"""

import asyncio
import json
import random
import shutil
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from acceptance_api import PRODUCT, Account, Answer, Api, decode64, granted, refused
from acceptance_commands import run_process
from acceptance_devices import device
from acceptance_making import MakeAccount
from acceptance_server import RealServer

from crypto.delegations import verify_delegation
from crypto.errors import CertificateError
from crypto.issuing import Issuer
from crypto.key_folder import read_roots
from crypto.keyring import KeyRing
from crypto.signing import load_signing_key
from crypto.terms import Terms
from crypto.verifying import verify_certificate

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(360)]

DEVICES, CALLERS, VERIFICATIONS = 30, 3, 10_000
SOON_S = 40.0  # a second for the look, the rest for a busy machine


def kid_of(certificate: str) -> str:
    return str(json.loads(decode64(certificate.partition(".")[0]))["kid"])


@dataclass
class Phone:
    """A softphone that renews and, told that its certificate's key leaked, activates again."""

    account: Account
    machine: dict[str, Any]
    answer: Answer


@dataclass
class Drill:
    """What is done to the keys, and all that was seen meanwhile."""

    api: Api
    folder: Path
    roots_folder: Path
    roots: tuple[bytes, ...]
    phones: list[Phone] = field(default_factory=list)
    seen: dict[str, str] = field(default_factory=dict)
    verified: Counter[str] = field(default_factory=Counter)
    leaked: set[str] = field(default_factory=set)

    async def keys(self, *words: str | Path) -> str:
        done = await asyncio.to_thread(run_process, self.folder, "keys", *words)
        assert done.returncode == 0, done.stderr
        return done.stdout

    async def states(self) -> dict[str, str]:
        """The online keys by kid, with their states, as the command lists them."""
        rows = json.loads(await self.keys("list", "--json"))
        return {row["kid"]: row["state"] for row in rows if not row["offline"]}

    def signing(self) -> str:
        now = int(time.time())
        return KeyRing.load(self.folder / "keys", now).active(now).kid

    def check(self, answer: Answer) -> Terms:
        """Verify what the server gave, as a client does."""
        certificate, delegation = answer.certificate, answer.json["delegation"]
        self.seen[certificate] = delegation
        self.verified["good"] += 1
        return verify_certificate(certificate, delegation, self.roots, product=PRODUCT, now=int(time.time()))

    async def renew(self, phone: Phone) -> None:
        """Renew; only a leaked key's certificate may be refused, and then the password helps."""
        certificate = phone.answer.certificate
        answer = await self.api.renew(certificate, phone.machine)
        if answer.status == 400:
            assert kid_of(certificate) in self.leaked
            refused(answer, "certificate_invalid")
            answer = await self.api.activate(phone.account, phone.machine)
        phone.answer = granted(answer, 200)
        self.check(phone.answer)

    async def until_all_renew_under(self, kid: str) -> None:
        deadline = time.monotonic() + SOON_S
        while {kid_of(phone.answer.certificate) for phone in self.phones} != {kid}:
            assert time.monotonic() < deadline, "workers still sign under another key"
            await asyncio.sleep(0.1)

    @asynccontextmanager
    async def load(self) -> AsyncIterator[None]:
        """Softphones that renew as fast as they are answered."""
        over = asyncio.Event()

        async def call(phones: list[Phone]) -> None:
            while not over.is_set():
                for phone in phones:
                    await self.renew(phone)

        calling = [asyncio.create_task(call(self.phones[one::CALLERS])) for one in range(CALLERS)]
        try:
            yield
        finally:
            over.set()
            await asyncio.gather(*calling)


@pytest.fixture
def rootless(server: RealServer, dsn: str, tmp_path: Path) -> Iterator[tuple[RealServer, Path]]:
    """A server whose roots are elsewhere, and where that is."""
    folder, roots = tmp_path / "drill", tmp_path / "elsewhere"
    shutil.copytree(server.folder / "keys", folder / "keys")
    shutil.copy2(server.folder / "pepper.json", folder)
    shutil.copytree(server.folder / "offline-roots", roots)
    running = RealServer(folder, "serve", ACTIVATION_DATABASE_URL=dsn)
    try:
        running.start()
        yield running, roots
    finally:
        running.stop()


def forge(drill: Drill, certificate: str, delegation_token: str) -> Iterator[tuple[str, str]]:
    """What somebody could make who holds the signing keys' files: each with the reason it is refused for."""
    delegation = verify_delegation(delegation_token, drill.roots)
    terms = verify_certificate(certificate, delegation_token, drill.roots, product=PRODUCT, now=None)
    for kid, changes, reason in (
        (delegation.kid, {"issued_at": delegation.not_before - 3600}, "not_delegated"),
        (delegation.kid, {"expires_at": terms.issued_at + delegation.max_ttl + 1}, "ttl"),
        (delegation.kid, {"expires_at": None}, "ttl"),
        (offline_kid(drill), {"expires_at": None}, "not_delegated"),
    ):
        key = load_signing_key(drill.folder / "keys" / "signing" / f"{kid}.key")
        backdated = {"expires_at": delegation.not_before} if "issued_at" in changes else {}
        changed = replace(terms, **backdated, **changes)
        changed = replace(changed, renew_after=changed.issued_at)
        yield Issuer(key, terms.issuer, bytes(32)).issue(changed), reason


def offline_kid(drill: Drill) -> str:
    for path in (drill.folder / "keys" / "delegations").glob("*.jws"):
        if verify_delegation(path.read_text().strip(), drill.roots).offline:
            return path.stem
    raise AssertionError("there is no offline key")


def refuse_all(drill: Drill, bad: list[tuple[str, str, str]], number: int) -> None:
    for certificate, delegation, reason in random.Random(4).choices(bad, k=number):
        with pytest.raises(CertificateError) as caught:
            verify_certificate(certificate, delegation, drill.roots, product=PRODUCT, now=None)
        assert caught.value.reason == reason
        drill.verified["bad"] += 1


def accept_all(drill: Drill, number: int) -> None:
    """Whatever was rotated or leaked since: what the server gave verifies offline."""
    now = int(time.time())
    for certificate, delegation in random.Random(5).choices(sorted(drill.seen.items()), k=max(number, 0)):
        verify_certificate(certificate, delegation, drill.roots, product=PRODUCT, now=now)
        drill.verified["good"] += 1


async def test_rotation_and_retirement_under_load(
    rootless: tuple[RealServer, Path], new_account: MakeAccount, tmp_path: Path
) -> None:
    running, roots_folder = rootless
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60)) as session:
        drill = Drill(
            Api(running.url, session), running.folder, roots_folder, read_roots(running.folder / "keys")
        )
        account = await new_account(DEVICES)
        machines = [device() for _ in range(DEVICES)]
        answers = await asyncio.gather(*(drill.api.activate(account, machine) for machine in machines))
        for machine, answer in zip(machines, answers, strict=True):
            drill.phones.append(Phone(account, machine, granted(answer, 201)))
            drill.check(answer)
        first = drill.signing()
        workers = running.workers()
        before = drill.phones[0].answer.certificate
        async with drill.load():
            second = await rotate_by_hand(drill, first)
            third = await rotate_by_request(drill, tmp_path, second)
            await leak(drill, third)
        assert running.workers() == workers, "nobody was restarted"
        await drill.renew(drill.phones[0])
        granted(await drill.api.renew(before, drill.phones[0].machine), 200)  # rotated, and good for ever

        bad = [
            (forged, delegation, reason)
            for certificate, delegation in random.Random(4).sample(sorted(drill.seen.items()), 30)
            for forged, reason in forge(drill, certificate, delegation)
        ]
        offline = offline_kid(drill)  # under its own delegation, what that key signs is good
        for forged in [forged for forged, _, _ in bad if kid_of(forged) != offline][:40]:
            refused(await drill.api.renew(forged, drill.phones[0].machine), "certificate_invalid")
    refuse_all(drill, bad, VERIFICATIONS // 2)
    accept_all(drill, VERIFICATIONS // 2 - drill.verified["good"])
    assert drill.verified.total() >= VERIFICATIONS
    assert {kid_of(certificate) for certificate in drill.seen} >= {first, second, third}


async def rotate_by_hand(drill: Drill, first: str) -> str:
    await drill.keys("rotate", "--roots", drill.roots_folder, "--count", "2", "--every", "30", "--days", "60")
    second = drill.signing()
    assert second != first
    assert sorted((await drill.states()).values()) == ["next", "ready", "signs"]
    await drill.until_all_renew_under(second)
    await drill.keys("retire", first)
    return second


async def rotate_by_request(drill: Drill, tmp_path: Path, second: str) -> str:
    asked, signed = tmp_path / "asked", tmp_path / "signed"
    await drill.keys("request", asked)
    await drill.keys("sign", asked, signed, "--roots", drill.roots_folder, "--root", "next", "--yes")
    assert drill.signing() == second, "asking changes nothing yet"
    await drill.keys("install", signed)
    third = drill.signing()
    assert third != second
    await drill.until_all_renew_under(third)
    return third


async def leak(drill: Drill, kid: str) -> None:
    """Retire the key that signs as leaked; see that what it signed renews nothing any more."""
    stolen = [(phone.machine, phone.answer.certificate) for phone in drill.phones]
    assert {kid_of(certificate) for _, certificate in stolen} == {kid}
    drill.leaked.add(kid)
    await drill.keys("retire", kid, "--leaked")
    await drill.until_all_renew_under(drill.signing())
    await asyncio.sleep(2.0)  # a second for the worker that nobody happened to ask
    answers = await asyncio.gather(
        *(drill.api.renew(certificate, machine) for machine, certificate in stolen)
    )
    for answer in answers:
        refused(answer, "certificate_invalid")
    drill.verified["bad"] += len(answers)


async def test_a_server_never_needs_the_roots(
    rootless: tuple[RealServer, Path], new_account: MakeAccount
) -> None:
    running, roots = rootless
    shutil.rmtree(roots)
    assert not list(running.folder.rglob("root-*.key"))
    running.stop()
    running.start()
    account, machine = await new_account(), device()
    async with aiohttp.ClientSession() as session:
        api = Api(running.url, session)
        first = granted(await api.activate(account, machine), 201)
        granted(await api.renew(first.certificate, machine), 200)
        assert (await api.call("GET", "/readyz")).json == {"status": "ready"}
        assert len((await api.call("GET", "/v1/keys")).json["roots"]) == 2
