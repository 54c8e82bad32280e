"""The command line, as people and programs use it: exit status 0 done, 1 refused, 2 usage, 3 later."""

import json
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from acceptance_api import Account, Api, granted
from acceptance_commands import run_cli, run_process
from acceptance_devices import device
from acceptance_making import MakeAccount, copy_keys
from acceptance_server import RealServer

pytestmark = pytest.mark.asyncio(loop_scope="session")

Done = subprocess.CompletedProcess[str]
SETTINGS = (
    "ACTIVATION_PORT",
    "ACTIVATION_DATA_DIR",
    "ACTIVATION_DATABASE_URL",
    "ACTIVATION_TLS_CERT",
    "ACTIVATION_TLS_KEY",
    "ACTIVATION_TRUSTED_PROXIES",
    "ACTIVATION_WORKERS",
)


@pytest.fixture
def softphone(server: RealServer, tmp_path: Path, roots: Path) -> Callable[..., Done]:
    """`activation client …`, with a folder of its own."""
    which = ["--server", server.url, "--product", "zoiper", "--roots", roots, "--folder", tmp_path / "kept"]

    def run(verb: str, *words: str | Path, stdin: str | None = None, **settings: str) -> Done:
        """In a process of its own where it is shown something on standard input."""
        run_it = run_cli if stdin is None else run_process
        return run_it(tmp_path, "client", verb, *which, *words, settings=settings, stdin=stdin or "")

    return run


@pytest.fixture
def spare(server: RealServer, tmp_path: Path) -> Path:
    """A data folder with a copy of the server's keys."""
    folder = tmp_path / "spare"
    folder.mkdir()
    copy_keys(server.folder, folder)
    return folder


def log_in(account: Account) -> tuple[str, ...]:
    return ("--login", account.login, "--version", "5.6.4", "--json")


async def test_a_softphones_whole_life(
    softphone: Callable[..., Done], new_account: MakeAccount, api: Api, tmp_path: Path
) -> None:
    account = await new_account()
    secret = {"ACTIVATION_PASSWORD": account.password}
    first = softphone("activate", *log_in(account), **secret)
    assert first.returncode == 0, first.stderr
    told = json.loads(first.stdout)
    assert (told["status"], told["license_id"]) == ("activated", account.licenses[0])
    assert (await api.licenses(account))[0]["device"] is not None
    kept = tmp_path / "kept" / "certificate.json"
    assert kept.stat().st_mode & 0o777 == 0o600

    again = softphone("activate", *log_in(account), **secret)
    assert json.loads(again.stdout) == {**told, "status": "already active here"}
    verified = softphone("verify", "--json")
    assert verified.returncode == 0, verified.stderr
    assert json.loads(verified.stdout)["status"] == "verified"
    renewed = softphone("renew", "--json")
    assert renewed.returncode == 0, renewed.stderr
    assert json.loads(renewed.stdout)["activation_id"] == told["activation_id"]

    released = softphone("release", "--json")
    assert released.returncode == 0, released.stderr
    assert json.loads(released.stdout)["license_id"] == account.licenses[0]
    assert (await api.licenses(account))[0]["device"] is None
    done = softphone("verify", "--json")
    assert (done.returncode, done.stdout) == (1, "")
    assert "activate first" in done.stderr


async def test_r8_a_superseded_softphone_deletes_its_certificate_and_waits(
    softphone: Callable[..., Done], new_account: MakeAccount, api: Api, tmp_path: Path
) -> None:
    account = await new_account()
    done = softphone("activate", *log_in(account), ACTIVATION_PASSWORD=account.password)
    assert done.returncode == 0, done.stderr
    assert (await api.reset(account, account.licenses[0])).status == 200
    done = softphone("renew")
    assert done.returncode == 1
    assert "superseded" in done.stderr
    assert not (tmp_path / "kept" / "certificate.json").exists()


async def test_a_refusal_ends_in_1_with_its_code_and_trace_id(
    softphone: Callable[..., Done], new_account: MakeAccount, api: Api
) -> None:
    account = await new_account()
    wrong = softphone("activate", *log_in(account), stdin="", ACTIVATION_PASSWORD="wrong-canary")
    assert (wrong.returncode, wrong.stdout) == (1, "")
    assert "credentials" in wrong.stderr
    assert "Trace id: " in wrong.stderr
    assert "wrong-canary" not in wrong.stderr
    granted(await api.activate(account, device()), 201)
    taken = softphone("activate", *log_in(account), ACTIVATION_PASSWORD=account.password)
    assert taken.returncode == 1
    assert "device_limit" in taken.stderr
    moved = softphone("activate", *log_in(account), "--move", ACTIVATION_PASSWORD=account.password)
    assert moved.returncode == 0, moved.stderr


@pytest.mark.parametrize("way", ["file", "stdin", "prompt"])
async def test_the_password_comes_by_file_or_standard_input(
    softphone: Callable[..., Done], new_account: MakeAccount, tmp_path: Path, way: str
) -> None:
    account = await new_account()
    (tmp_path / "password").write_text(account.password + "\n")
    if way == "file":
        done = softphone("activate", *log_in(account), "--password-file", tmp_path / "password", stdin="")
    elif way == "stdin":
        done = softphone("activate", *log_in(account), "--password-file", "-", stdin=account.password)
    else:
        done = softphone("activate", *log_in(account), stdin=account.password + "\n")
    assert done.returncode == 0, done.stderr
    assert account.password not in done.stdout + done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("client", "activate", "--password", "x"),
        ("client", "activate"),
        ("nothing",),
        ("staff", "make", "--role", "king"),
        ("licenses", "grant", "--login", "x", "--product", "zoiper", "--major", "-1"),
        ("keys", "retire"),
    ],
    ids=" ".join,
)
async def test_wrong_usage_ends_in_2(tmp_path: Path, words: tuple[str, ...]) -> None:
    done = run_cli(tmp_path, *words)
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith("Usage: ")


async def test_a_process_ends_as_the_command_does(tmp_path: Path) -> None:
    """The other tests of commands run `main` in their own process."""
    for words in (("nothing",), ("client", "verify", "--product", "zoiper")):
        there, here = run_process(tmp_path, *words), run_cli(tmp_path, *words)
        assert (there.returncode, there.stdout, there.stderr) == (here.returncode, here.stdout, here.stderr)
        assert there.returncode


async def test_fingerprint_tells_which_parts_count_and_shows_values_only_when_asked(tmp_path: Path) -> None:
    folder = ("--folder", tmp_path / "kept", "--json")
    done = run_cli(tmp_path, "client", "fingerprint", *folder)
    assert done.returncode == 0, done.stderr
    rows: list[dict[str, Any]] = json.loads(done.stdout)
    assert rows
    told = {"part", "counts", "weight", "why", "if_changed", "read_from"}
    assert all(row.keys() == told for row in rows)
    assert {row["counts"] for row in rows} <= {"yes", "no", "unread"}
    assert any(row["counts"] == "yes" for row in rows)
    shown = json.loads(run_cli(tmp_path, "client", "fingerprint", "--values", *folder).stdout)
    values = [row["value"] for row in shown if row.get("value")]
    assert values
    assert not any(value in done.stdout for value in values if isinstance(value, str) and len(value) > 8)
    table = run_cli(tmp_path, "client", "fingerprint", "--folder", tmp_path / "kept")
    assert rows[0]["part"] in table.stdout
    assert "Policy standard/1: known " in table.stdout
    strict = run_cli(tmp_path, "client", "fingerprint", "--policy", "strict", "--folder", tmp_path / "kept")
    assert "Policy strict/1: " in strict.stdout


async def test_accounts_licences_and_staff_are_made_by_hand(server: RealServer, dsn: str, api: Api) -> None:
    def make(*words: str) -> dict[str, Any]:
        done = run_cli(server.folder, *words, "--json", settings={"ACTIVATION_DATABASE_URL": dsn})
        assert done.returncode == 0, done.stderr
        made: dict[str, Any] = json.loads(done.stdout)
        return made

    covering = ("--product", "zoiper", "--major", "5")
    shown = make("accounts", "create", "--name", "Eva Example", "--rolled-out")
    given = make("licenses", "grant", "--login", shown["login"], *covering, "--count", "2")
    licenses = tuple(given["licenses"])
    account = Account(shown["login"], shown["password"], licenses, shown["activation_password"])
    first = granted(await api.activate(account.activator, device()), 201)
    assert first.json["license_id"] in licenses
    made = make("staff", "make", "--role", "auditor")
    signed_in = await api.call(
        "POST", "/v1/self/sign-in", {"login": made["login"], "password": made["password"]}
    )
    assert (signed_in.status, signed_in.json["stage"]) == (201, "enrolment")


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("licenses", "grant", "--login", "nobody-here", "--product", "zoiper", "--major", "5"), 1),
        (("licenses", "grant", "--login", "nobody-here", "--product", "another", "--major", "5"), 2),
        (("accounts", "create", "--login", "{taken}"), 1),
        (("staff", "make", "--role", "admin", "--login", "{staff}"), 1),
        (("staff", "suspend", "{staff}"), 1),
    ],
    ids=["unknown account", "unknown product", "login taken", "staff login taken", "last admin"],
)
async def test_what_cannot_be_made_by_hand_is_said_in_a_line(
    server: RealServer, dsn: str, words: tuple[str, ...], status: int
) -> None:
    taken, staff = server.demo["end_user"]["login"], server.demo["staff"]["admin"]["login"]
    filled = [word.format(taken=taken, staff=staff) for word in words]
    done = run_cli(server.folder, *filled, settings={"ACTIVATION_DATABASE_URL": dsn})
    assert done.returncode == status, done.stderr
    assert done.stdout == ""
    assert 0 < len(done.stderr.strip().splitlines()) <= 4


async def test_config_lists_all_settings(tmp_path: Path) -> None:
    done = run_cli(tmp_path, "config", "--json", settings={"ACTIVATION_WORKERS": "3"})
    assert done.returncode == 0, done.stderr
    rows = {row["variable"]: row for row in json.loads(done.stdout)}
    assert rows.keys() >= set(SETTINGS)
    assert rows["ACTIVATION_WORKERS"]["value"] == "3"
    assert rows["ACTIVATION_DATA_DIR"]["value"] == str(tmp_path)
    assert all(row["meaning"] for row in rows.values())


@pytest.mark.parametrize(
    "settings",
    [
        {"ACTIVATION_PORT": "99999"},
        {"ACTIVATION_PORT": "http", "ACTIVATION_RESET_ZONE": "Europe/Atlantis", "ACTIVATION_ISSUER": 'a"b'},
        {"ACTIVATION_WORKERS": "0", "ACTIVATION_RESET_WEEK": "lunar", "ACTIVATION_QUEUE_LIMIT": ""},
        {"ACTIVATION_TRUSTED_PROXIES": "10.0.0.0/8,nonsense", "ACTIVATION_IDLE_S": "nan"},
        {"ACTIVATION_LOG_LEVEL": "loud", "ACTIVATION_BODY_S": "-1"},
    ],
    ids=",".join,
)
async def test_each_bad_setting_is_named_with_its_reason(tmp_path: Path, settings: dict[str, str]) -> None:
    done = run_cli(tmp_path, "config", settings=settings)
    assert (done.returncode, done.stdout) == (2, "")
    lines = done.stderr.strip().splitlines()
    assert [line.partition(":")[0] for line in sorted(lines)] == sorted(settings)
    assert all(len(line.partition(": ")[2]) > 10 for line in lines)


async def test_keys_are_listed_and_exported_as_the_server_publishes_them(
    server: RealServer, api: Api, roots: Path
) -> None:
    published = (await api.call("GET", "/v1/keys")).json
    assert roots.read_text().split() == [root["x"] for root in published["roots"]]
    done = run_cli(server.folder, "keys", "list", "--json")
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)
    assert {row["kid"] for row in rows} == {key["kid"] for key in published["keys"]}
    assert [(row["state"], row["offline"]) for row in rows] == [("signs", False), ("signs", True)]


async def test_keys_rotate_makes_a_new_one_that_signs(spare: Path) -> None:
    assert run_cli(spare, "keys", "rotate", "--days", "30").returncode == 0
    rows = json.loads(run_cli(spare, "keys", "list", "--json").stdout)
    assert sorted(row["state"] for row in rows) == ["ready", "signs", "signs"]
    paths = list((spare / "keys" / "signing").iterdir())
    assert sorted(path.stem for path in paths) == sorted(row["kid"] for row in rows)
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in paths)


@pytest.mark.parametrize("words", [("rotate", "--roots", "nowhere"), ("retire", "no-such-key"), ("init",)])
async def test_what_cannot_be_done_to_keys_is_said_in_a_line(spare: Path, words: tuple[str, ...]) -> None:
    before = sorted(path.name for path in (spare / "keys").rglob("*"))
    done = run_cli(spare, "keys", *words)
    assert done.returncode in (1, 2), done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert sorted(path.name for path in (spare / "keys").rglob("*")) == before


async def test_serve_is_refused_without_keys(tmp_path: Path, dsn: str) -> None:
    done = run_cli(tmp_path, "serve", settings={"ACTIVATION_DATABASE_URL": dsn, "ACTIVATION_PORT": "0"})
    assert done.returncode == 2
    assert "activation keys init" in done.stderr


async def test_serve_is_refused_on_a_taken_port(spare: Path, dsn: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = run_cli(spare, "serve", settings={"ACTIVATION_DATABASE_URL": dsn, "ACTIVATION_PORT": port})
    assert done.returncode == 2, done.stderr
    assert port in done.stderr
    assert "ACTIVATION_PORT" in done.stderr


async def test_serve_is_refused_on_the_port_of_another_copy(
    server: RealServer, spare: Path, dsn: str
) -> None:
    port = server.url.rpartition(":")[2]
    done = run_cli(spare, "serve", settings={"ACTIVATION_DATABASE_URL": dsn, "ACTIVATION_PORT": port})
    assert done.returncode == 2, done.stderr
    assert port in done.stderr


@pytest.mark.parametrize("host", ["0.0.0.0", "example.com"])
async def test_serve_is_refused_beyond_loopback_without_tls(spare: Path, dsn: str, host: str) -> None:
    settings = {"ACTIVATION_DATABASE_URL": dsn, "ACTIVATION_PORT": "0", "ACTIVATION_HOST": host}
    done = run_cli(spare, "serve", settings=settings)
    assert done.returncode == 2, done.stderr
    assert "TLS" in done.stderr
