"""The client in C: every vector, and a life with the real server, beside the Python client."""

import json
import random
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from acceptance_api import PRODUCT, Account, Api, claims_of
from acceptance_commands import run_cli
from acceptance_making import MakeAccount
from acceptance_server import RealServer
from sample_c_client import FakeServer, build, fake_server, run

from activation.client.keeping import load_kept
from activation.client.revocations import load_known
from activation.client.seen_mark import load_seen, store_seen
from activation.licensing.devices.kinds import KINDS
from activation.licensing.devices.normalising import examine
from crypto import base64url, jws
from crypto.delegations import issue_delegation
from crypto.keyring import KeyRing
from crypto.revocations import issue_revocations
from crypto.signing import SigningKey

VECTORS = Path(__file__).parents[1] / "vectors"

pytestmark = pytest.mark.asyncio(loop_scope="session")

Done = subprocess.CompletedProcess[str]


@pytest.fixture(scope="session")
def c_client(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.getbasetemp() / "c")


@pytest.fixture
def softphone(c_client: Path, server: RealServer, tmp_path: Path, roots: Path) -> Callable[..., Done]:
    """The client in C with a folder of its own."""
    which = ["--server", server.url, "--product", PRODUCT, "--roots", roots, "--folder", tmp_path / "kept"]

    def do(verb: str, *words: str | Path, **settings: str) -> Done:
        return run(c_client, verb, *which, *words, **settings)

    return do


def log_in(account: Account) -> tuple[str, ...]:
    return ("--login", account.login, "--version", "5.6.4")


async def test_all_vectors_pass_in_c(c_client: Path) -> None:
    done = run(c_client, "vectors", VECTORS)
    assert done.returncode == 0, done.stdout
    counted = {line.split()[0]: int(line.split()[1]) for line in done.stdout.splitlines()}
    assert set(counted) == {path.name for path in VECTORS.glob("*.json")}
    assert sum(counted.values()) >= 500
    assert "FAILED" not in done.stdout


async def test_a_vector_that_is_wrong_is_noticed_in_c(c_client: Path, tmp_path: Path) -> None:
    for path in VECTORS.glob("*.json"):
        shutil.copy(path, tmp_path)
    matching = json.loads((tmp_path / "matching.json").read_text())
    matching["cases"][3]["same"] = not matching["cases"][3]["same"]
    (tmp_path / "matching.json").write_text(json.dumps(matching))
    done = run(c_client, "vectors", tmp_path)
    assert done.returncode == 1
    assert f"FAILED matching.json: {matching['cases'][3]['name']}" in done.stdout


async def test_any_value_is_normalised_alike_in_c(c_client: Path, tmp_path: Path) -> None:
    chance = random.Random(20261122)
    letters = "0123456789abcdefABCDEFxyzXYZ -:._{}\t\n\x1c\x01\x7féЖ"
    cases = []
    for number in range(3000):
        kind = chance.choice(KINDS)
        length = chance.choice([3, 8, 12, 17, 32, 36, 257])
        text = "".join(chance.choices(letters[: chance.choice([10, 22, len(letters)])], k=length))
        canonical, why = examine(kind, text)
        case = {"name": str(number), "kind": kind, "value": text, "text": canonical, "why": why or None}
        cases.append(case)
    for path in VECTORS.glob("*.json"):
        shutil.copy(path, tmp_path)
    (tmp_path / "normalisation.json").write_text(json.dumps({"about": "", "cases": cases}))
    done = run(c_client, "vectors", tmp_path)
    failed = [line.split(": ")[1] for line in done.stdout.splitlines() if "FAILED" in line]
    assert [cases[int(number)] for number in failed] == []


async def test_a_life_in_c(
    softphone: Callable[..., Done], new_account: MakeAccount, api: Api, tmp_path: Path
) -> None:
    account = await new_account()
    first = softphone("activate", *log_in(account), ACTIVATION_PASSWORD=account.password)
    assert first.returncode == 0, first.stderr
    told = json.loads(first.stdout)
    assert (told["status"], told["license_id"]) == ("activated", account.licenses[0])
    for path in (tmp_path / "kept").iterdir():
        assert path.stat().st_mode & 0o777 == 0o600, path

    again = softphone("activate", *log_in(account), ACTIVATION_PASSWORD=account.password)
    assert json.loads(again.stdout) == {**told, "status": "already active here"}
    verified = softphone("verify")
    assert json.loads(verified.stdout) == {**told, "status": "verified"}
    for number in (1, 2):
        renewed = softphone("renew", "--version", "5.6.5")
        assert renewed.returncode == 0, renewed.stderr
        assert json.loads(renewed.stdout)["activation_id"] == told["activation_id"]
        counted = json.loads((tmp_path / "kept" / "proof.json").read_text())
        assert counted == {"counter": number, "refused": False}

    assert (await api.reset(account, account.licenses[0])).status == 200
    done = softphone("renew")
    assert done.returncode == 1
    assert json.loads(done.stdout)["code"] == "superseded"
    assert not (tmp_path / "kept" / "certificate.json").exists()


async def test_whatever_stands_in_a_vector_c_only_says_that_it_fails(c_client: Path, tmp_path: Path) -> None:
    chance = random.Random(7)
    for _ in range(8):
        for path in VECTORS.glob("*.json"):
            (tmp_path / path.name).write_text(json.dumps(_change(json.loads(path.read_text()), chance)))
        assert run(c_client, "vectors", tmp_path).returncode == 1


def _change(value: Any, chance: random.Random) -> Any:
    """Change every second text in one place: another character, cut, lengthened, beheaded."""
    if isinstance(value, dict):
        return {key: _change(member, chance) for key, member in value.items()}
    if isinstance(value, list):
        return [_change(member, chance) for member in value]
    if not isinstance(value, str) or not value or chance.random() < 0.5:
        return value
    at, character = chance.randrange(len(value)), chance.choice('AzZ09-_.={}[]":,\0é \n+/')
    return chance.choice(
        [
            value[:at] + character + value[at + 1 :],
            value[:at],
            value[at:],
            value[:at] + character * 300 + value[at:],
        ]
    )


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("certificate.json", '{"counter":'),
        ("device.key", '{"counter":'),
        ("proof.json", '{"counter":'),
        ("proof.json", '{"counter":1.5}'),
        ("proof.json", "{}"),
    ],
)
async def test_a_damaged_file_is_named_in_c_and_activating_again_mends_it(
    softphone: Callable[..., Done], new_account: MakeAccount, tmp_path: Path, name: str, text: str
) -> None:
    account = await new_account()
    secret = {"ACTIVATION_PASSWORD": account.password}
    assert softphone("activate", *log_in(account), **secret).returncode == 0
    assert softphone("renew").returncode == 0
    (tmp_path / "kept" / name).write_text(text)
    done = softphone("renew")
    assert done.returncode == 1
    assert "damaged" in done.stderr
    again = softphone("activate", *log_in(account), **secret)
    assert json.loads(again.stdout)["status"] == "already active here"
    assert softphone("renew").returncode == 0


async def test_a_clock_set_back_is_noticed_in_c(
    softphone: Callable[..., Done], new_account: MakeAccount, tmp_path: Path
) -> None:
    account = await new_account()
    assert softphone("activate", *log_in(account), ACTIVATION_PASSWORD=account.password).returncode == 0
    now = int(time.time())
    # The mark that C wrote is one that Python reads, and the other way round.
    assert now - 7200 <= load_seen(tmp_path / "kept") <= now
    store_seen(tmp_path / "kept", now + 86_300)
    assert softphone("verify").returncode == 0
    store_seen(tmp_path / "kept", now + 90_000)
    done = softphone("verify")
    assert (done.returncode, json.loads(done.stdout)["reason"]) == (1, "clock_back")
    # An answer of the server puts it right.
    assert softphone("renew").returncode == 0
    assert softphone("verify").returncode == 0
    seen = tmp_path / "kept" / "seen.json"
    seen.write_text(seen.read_text().replace('"seen":', '"seen":9'))
    assert softphone("verify").returncode == 0


async def test_the_list_of_revocations_is_kept_and_asked_in_c(
    softphone: Callable[..., Done], server: RealServer, new_account: MakeAccount, tmp_path: Path
) -> None:
    account = await new_account()
    assert softphone("activate", *log_in(account), ACTIVATION_PASSWORD=account.password).returncode == 0
    roots = [base64url.decode(line) for line in (tmp_path / "roots").read_text().split()]
    known = load_known(tmp_path / "kept", roots)
    assert known.etag
    assert known.listed.issued_at > 0
    before = (tmp_path / "kept" / "revocations.json").stat().st_mtime_ns
    assert softphone("renew").returncode == 0  # 304: nothing new
    assert (tmp_path / "kept" / "revocations.json").stat().st_mtime_ns == before

    # A list that names the certificate, under the server's own key.
    kept = load_kept(tmp_path / "kept")
    assert kept is not None
    ring = KeyRing.load(server.folder / "keys", int(time.time()))
    active = ring.active(int(time.time()))
    jti = claims_of(kept.certificate)["jti"]
    token = issue_revocations(ring.signing_key(active.kid), "http://x", int(time.time()), {}, [jti])
    listed = {"revocations": token, "delegation": active.token, "etag": ""}
    (tmp_path / "kept" / "revocations.json").write_text(json.dumps(listed))
    done = softphone("verify")
    assert (done.returncode, json.loads(done.stdout)["reason"]) == (1, "revoked")
    # A large one too.
    names = {base64url.encode(random.Random(number).randbytes(16)) for number in range(65_000)} | {jti}
    token = issue_revocations(ring.signing_key(active.kid), "http://x", int(time.time()), {}, names)
    (tmp_path / "kept" / "revocations.json").write_text(json.dumps({**listed, "revocations": token}))
    assert (tmp_path / "kept" / "revocations.json").stat().st_size > 2**21
    assert json.loads(softphone("verify").stdout)["reason"] == "revoked"
    # One that does not hold is told of, not used, and fetched anew.
    for damaged in ({**listed, "revocations": token[:-2]}, {}, {**listed, "etag": "x" * 13 * 2**20}):
        (tmp_path / "kept" / "revocations.json").write_text(json.dumps(damaged))
        done = softphone("verify")
        assert (done.returncode, "does not hold" in done.stderr) == (0, True)
        assert softphone("renew").returncode == 0
        assert load_known(tmp_path / "kept", roots) == known


HOUR, DAY = 3600, 86400
ROOT, ONE, OTHER = (SigningKey.from_seed(bytes([number]) * 32) for number in (1, 2, 3))
LIFE_S = 400 * DAY


@pytest.fixture
def fake() -> Iterator[FakeServer]:
    with fake_server() as server:
        yield server


@pytest.fixture
def lonely(c_client: Path, fake: FakeServer, tmp_path: Path) -> Callable[..., Done]:
    """The client in C with something kept as its certificate, and a server that tells what a test says."""
    (tmp_path / "root").write_text(base64url.encode(ROOT.public_key))
    (tmp_path / "kept").mkdir(mode=0o700)
    (tmp_path / "kept" / "certificate.json").write_text('{"certificate": "a.b.c", "delegation": "a.b.c"}')
    which = ["--server", fake.url, "--product", PRODUCT, "--roots", tmp_path / "root", "--patience", "1"]

    def do(verb: str, *words: str) -> Done:
        return run(c_client, verb, *which, "--folder", tmp_path / "kept", *words, ACTIVATION_PASSWORD="x")

    return do


def answer_list(key: SigningKey, issued_at: int, keys: dict[str, str]) -> tuple[int, dict[str, str]]:
    now = int(time.time())
    delegation = issue_delegation(ROOT, key.public_key, now - LIFE_S, now + LIFE_S, LIFE_S, offline=False)
    token = issue_revocations(key, "http://x", issued_at, keys, [])
    return 200, {"revocations": token, "delegation": delegation.token}


async def test_a_list_from_far_ahead_is_not_believed_in_c(
    lonely: Callable[..., Done], fake: FakeServer, tmp_path: Path
) -> None:
    now = int(time.time())
    fake.listed = answer_list(ONE, now + 40 * DAY, {})
    for seen in (0, now + 40 * DAY):
        store_seen(tmp_path / "kept", seen)
        assert "(not_yet_valid)" in lonely("renew").stderr
        assert load_seen(tmp_path / "kept") == seen
    fake.listed = answer_list(ONE, now, {})
    assert "revocations" not in lonely("renew").stderr
    assert now - HOUR <= load_seen(tmp_path / "kept") <= now + HOUR
    assert load_known(tmp_path / "kept", [ROOT.public_key]).listed.issued_at <= now


async def test_a_leaked_key_cannot_hide_its_own_retirement_in_c(
    lonely: Callable[..., Done], fake: FakeServer, tmp_path: Path
) -> None:
    now = int(time.time())
    for ahead in (HOUR, 10 * HOUR, 23 * HOUR):
        fake.listed = answer_list(ONE, now + ahead, {})
        lonely("renew")
    assert load_seen(tmp_path / "kept") > now + 20 * HOUR
    fake.listed = answer_list(OTHER, now, {})
    lonely("renew")
    assert load_known(tmp_path / "kept", [ROOT.public_key]).listed.issued_at > now  # older ones are not taken
    fake.listed = answer_list(OTHER, now, {ONE.kid: "leaked"})
    lonely("renew")
    assert load_known(tmp_path / "kept", [ROOT.public_key]).listed.leaked == {ONE.kid}
    assert load_seen(tmp_path / "kept") <= now
    fake.listed = answer_list(ONE, now + HOUR, {OTHER.kid: "leaked"})
    assert "(retired)" in lonely("renew").stderr
    assert load_known(tmp_path / "kept", [ROOT.public_key]).listed.leaked == {ONE.kid}


@pytest.mark.parametrize("page", ["<html>Welcome to our hotel</html>", "", {}, {"certificate": "a.b.c"}])
@pytest.mark.parametrize("status", [200, 302])
async def test_a_page_that_is_no_answer_is_an_outage_in_c(
    lonely: Callable[..., Done], fake: FakeServer, tmp_path: Path, page: Any, status: int
) -> None:
    fake.posted = status, page
    activating = lonely("activate", "--login", "l", "--version", "5.1")
    assert (activating.returncode, activating.stdout) == (3, "")
    done = lonely("renew")
    assert (done.returncode, done.stdout) == (3, "")
    assert "Try again later" in done.stderr
    # Nobody has answered the proof.
    assert json.loads((tmp_path / "kept" / "proof.json").read_text())["proof"]


async def test_an_answer_from_far_ahead_leaves_no_mark_in_c(
    softphone: Callable[..., Done],
    lonely: Callable[..., Done],
    server: RealServer,
    fake: FakeServer,
    new_account: MakeAccount,
    tmp_path: Path,
) -> None:
    account = await new_account()
    assert softphone("activate", *log_in(account), ACTIVATION_PASSWORD=account.password).returncode == 0
    assert softphone("renew").returncode == 0
    seen = load_seen(tmp_path / "kept")
    kept = json.loads((tmp_path / "kept" / "certificate.json").read_text())
    ring = KeyRing.load(server.folder / "keys", int(time.time()))
    active = ring.active(int(time.time()))
    claims = claims_of(kept["certificate"])
    ahead = {name: claims[name] + 2 * DAY for name in ("iat", "nbf", "rnw", "exp")}
    header, payload = kept["certificate"].split(".")[0], json.dumps({**claims, **ahead}).encode()
    token = jws.compact(header, payload, ring.signing_key(active.kid))
    fake.posted = 200, {**kept, "certificate": token}
    done = softphone("renew", "--server", fake.url)
    assert (done.returncode, json.loads(done.stdout)["reason"]) == (1, "clock_back")
    assert load_seen(tmp_path / "kept") == seen
    assert softphone("renew").returncode == 0
    assert softphone("verify").returncode == 0


async def test_refusals_and_outages_are_told_apart_in_c(
    softphone: Callable[..., Done], new_account: MakeAccount
) -> None:
    account = await new_account()
    wrong = softphone("activate", *log_in(account), ACTIVATION_PASSWORD="wrong-canary")
    assert (wrong.returncode, json.loads(wrong.stdout)["code"]) == (1, "credentials")
    assert "wrong-canary" not in wrong.stderr + wrong.stdout
    away = ("--server", "http://localhost:1", "--patience", "1")
    done = softphone("activate", *log_in(account), *away, ACTIVATION_PASSWORD=account.password)
    assert (done.returncode, done.stdout) == (3, "")
    assert "Try again later" in done.stderr
    assert softphone("renew").returncode == 1
    assert softphone("activate", "--login", account.login).returncode == 2


async def test_one_machine_is_one_device_for_both_clients(
    softphone: Callable[..., Done], server: RealServer, new_account: MakeAccount, tmp_path: Path, roots: Path
) -> None:
    account = await new_account()
    secret = {"ACTIVATION_PASSWORD": account.password}
    which = ["--server", server.url, "--product", PRODUCT, "--roots", roots, "--folder", tmp_path / "python"]

    def python(verb: str, *words: str) -> Done:
        return run_cli(tmp_path, "client", verb, *which, "--json", *words, settings=secret)

    first = python("activate", *log_in(account))
    assert first.returncode == 0, first.stderr
    (tmp_path / "kept").mkdir(mode=0o700)
    for name in ("install_id", "device.key"):
        if (tmp_path / "python" / name).exists():
            shutil.copy(tmp_path / "python" / name, tmp_path / "kept")
    second = softphone("activate", *log_in(account), **secret)
    assert second.returncode == 0, second.stderr
    assert json.loads(second.stdout)["status"] == "already active here"
    certificates = [load_kept(tmp_path / folder) for folder in ("python", "kept")]
    assert None not in certificates
    one, other = (claims_of(kept.certificate)["dev"] for kept in certificates if kept)
    assert one == other

    # Each reads the other's files.
    shutil.copy(tmp_path / "kept" / "certificate.json", tmp_path / "python")
    assert python("verify").returncode == 0
    shutil.rmtree(tmp_path / "kept")
    shutil.copytree(tmp_path / "python", tmp_path / "kept")
    assert softphone("verify").returncode == 0
    assert softphone("renew").returncode == 0
    assert python("verify").returncode == 0
