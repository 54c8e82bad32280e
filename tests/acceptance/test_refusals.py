"""Refusals that say who may not, what is not there, and what does not verify; and what is open to all."""

import asyncio
import base64
import json
import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest
from acceptance_api import PRODUCT, VERSION, Account, Answer, Api, basic, decode64, granted, refused
from acceptance_devices import device
from acceptance_making import MakeAccount
from acceptance_raw import head, wire
from acceptance_server import RealServer

pytestmark = pytest.mark.asyncio(loop_scope="session")

POSTS = (
    "/v1/activations",
    "/v1/renewals",
    "/v1/releases",
    "/v1/resets",
    "/v1/staff/licenses/lic_0000000000000/resets",
)
GETS = ("/v1/licenses", "/.well-known/jwks.json", "/v1/keys", "/healthz", "/readyz", "/metrics")
FAMILIES = {
    "activation_requests_total": "counter",
    "activation_verdicts_total": "counter",
    "activation_batch_size": "histogram",
    "activation_queue_length": "gauge",
    "activation_stage_seconds": "histogram",
    "activation_decided_again_total": "counter",
    "activation_database_errors_total": "counter",
    "activation_pool_connections": "gauge",
}


def lasting(answer: Answer) -> tuple[Any, ...]:
    """What of an answer does not change from call to call."""
    headers = {name: value for name, value in answer.headers.items() if name != "Date"}
    return answer.status, headers, {**answer.json, "trace_id": ""}


@pytest.mark.parametrize("call", ["activation", "licenses", "reset"])
async def test_i3_an_unknown_login_and_a_wrong_password_are_told_alike(
    api: Api, new_account: MakeAccount, call: str
) -> None:
    known = await new_account(rolled_out=True)
    told = []
    for account in (
        Account(known.login, "0000-0000-0000-0000-0000-0000"),
        Account(known.login, ""),
        Account("zzzzz-zzzzz", known.password),
        Account("nobody@example.com", "x"),
    ):
        if call == "activation":
            answer = await api.activate(account, device())
        elif call == "licenses":
            answer = await api.call("GET", "/v1/licenses", account=account)
        else:
            answer = await api.reset(account, known.licenses[0])
        refused(answer, "credentials")
        assert answer.headers["WWW-Authenticate"].startswith("Basic")
        told.append(lasting(answer))
    assert all(one == told[0] for one in told)


async def test_trace_ids_differ(api: Api) -> None:
    answers = [await api.call("GET", "/nowhere") for _ in range(50)]
    assert len({refused(answer, "not_found")["trace_id"] for answer in answers}) == 50


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Basic",
        "Basic ",
        "Basic !!!",
        "Basic YQ",
        basic("no colon"),
        basic(":password-without-login"),
        basic(b"\xff\xfe:x"),
        basic("x" * 300 + ":x"),
        basic("x:" + "y" * 300),
        basic("a\x00b:c\x00d"),
        "Bearer stf_something",
        "Digest username=x",
        "Basic \u00fc",
    ],
)
async def test_credentials_missing_or_malformed_are_401(
    api: Api, new_account: MakeAccount, header: str | None
) -> None:
    account = await new_account()
    message = {"product": PRODUCT, "version": VERSION, "device": device()}
    headers = {"Authorization": header}
    refused(await api.call("POST", "/v1/activations", message, headers=headers), "credentials")
    refused(await api.call("GET", "/v1/licenses", headers=headers), "credentials")
    reset = {"license_id": account.licenses[0]}
    refused(await api.call("POST", "/v1/resets", reset, headers=headers), "credentials")
    staff = {"reason": "other", "note": "x"}
    path = f"/v1/staff/licenses/{account.licenses[0]}/resets"
    refused(await api.call("POST", path, staff, headers=headers), "credentials")


async def test_a_login_may_be_spelt_in_any_case(api: Api, new_account: MakeAccount) -> None:
    account = await new_account()
    granted(await api.activate(Account(f" {account.login.upper()} ", account.password), device()), 201)


async def test_after_10_wrong_passwords_429_and_the_right_one_still_works_at_once(
    server: RealServer, api: Api, new_account: MakeAccount
) -> None:
    account = await new_account()
    wrong = Account(account.login, "0000-0000-0000-0000-0000-0000")
    before = server.requests_by_worker()
    for _ in range(10):
        refused(await api.activate(wrong, device()), "credentials")
    answers = await asyncio.gather(*(api.activate(wrong, device()) for _ in range(32)))
    for answer in answers:
        refused(answer, "rate_limited")
        assert 1 <= int(answer.headers["Retry-After"]) <= 61
    after = server.requests_by_worker()
    assert all(after[pid] > before.get(pid, 0) for pid in server.workers()), "counted in one place"
    granted(await api.activate(account, device()), 201)
    refused(await api.call("GET", "/v1/licenses", account=wrong), "rate_limited")
    assert len(await api.licenses(account)) == 1
    other = await new_account()
    refused(await api.activate(Account(other.login, "wrong"), device()), "credentials")


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_another_method_than_post_is_405_and_says_which(api: Api, method: str, path: str) -> None:
    answer = await api.call(method, path)
    refused(answer, "method_not_allowed")
    assert answer.headers["Allow"] == "POST"


@pytest.mark.parametrize("path", GETS)
async def test_another_method_than_get_is_405_and_says_which(api: Api, path: str) -> None:
    answer = await api.call("POST", path, {})
    refused(answer, "method_not_allowed")
    assert set(answer.headers["Allow"].split(",")) == {"GET", "HEAD"}


@pytest.mark.parametrize(
    "path",
    ["/", "/v1", "/v1/activations/", "/v1/nothing", "/V1/activations", "/%00", "/%ff", "/../etc/passwd"],
)
async def test_an_unknown_address_is_404(api: Api, path: str) -> None:
    for method in ("GET", "POST"):
        refused(await api.call(method, path), "not_found")


@pytest.mark.parametrize("product", ["another", "ZOIPER", "zoiper ", "é", "\U0001f4de"])
async def test_an_account_without_a_licence_for_the_product_is_told(
    api: Api, new_account: MakeAccount, product: str
) -> None:
    account = await new_account()
    message = {"product": product, "version": VERSION, "device": device()}
    refused(await api.call("POST", "/v1/activations", message, account=account), "no_license")
    wrong = Account(account.login, "wrong")
    refused(await api.call("POST", "/v1/activations", message, account=wrong), "credentials")


async def test_an_account_without_any_licence_is_told(api: Api, new_account: MakeAccount) -> None:
    refused(await api.activate(await new_account(0), device()), "no_license")


@pytest.mark.parametrize("version", ["4.9", "6", "50.1", "9999.0", "0"])
async def test_l6_another_major_version_is_not_covered(
    api: Api, new_account: MakeAccount, version: str
) -> None:
    account, machine = await new_account(), device()
    problem = refused(await api.activate(account, machine, version=version), "version_not_covered")
    assert problem["majors"] == [5]
    kept = granted(await api.activate(account, machine), 201).certificate
    refused(await api.renew(kept, machine, version=version), "version_not_covered")
    granted(await api.renew(kept, machine, version="5.99.0-beta+1"), 200)


async def test_l6_every_minor_version_is_covered(api: Api, new_account: MakeAccount) -> None:
    account, machine = await new_account(), device()
    granted(await api.activate(account, machine, version="5"), 201)
    granted(await api.activate(account, machine, version="5.99.1"), 200)


def tampered(certificate: str) -> dict[str, str]:
    """Certificates that look almost like this one."""
    header, payload, signature = certificate.split(".")
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

    def flip(text: str, at: int) -> str:
        place = at % len(text)
        other = alphabet[alphabet.index(text[place]) ^ 1]
        return text[:place] + other + text[place + 1 :]

    def claim(name: str, value: Any) -> str:
        claims = {**json.loads(decode64(payload)), name: value}
        written = json.dumps(claims, separators=(",", ":")).encode()
        return f"{header}.{base64.urlsafe_b64encode(written).decode().rstrip('=')}.{signature}"

    return {
        "header, first": f"{flip(header, 0)}.{payload}.{signature}",
        "header, middle": f"{flip(header, len(header) // 2)}.{payload}.{signature}",
        "header, last": f"{flip(header, -1)}.{payload}.{signature}",
        "payload, first": f"{header}.{flip(payload, 0)}.{signature}",
        "payload, middle": f"{header}.{flip(payload, len(payload) // 2)}.{signature}",
        "payload, last": f"{header}.{flip(payload, -1)}.{signature}",
        "signature, first": f"{header}.{payload}.{flip(signature, 0)}",
        "signature, middle": f"{header}.{payload}.{flip(signature, 40)}",
        "signature, last": f"{header}.{payload}.{flip(signature, -1)}",
        "signature gone": f"{header}.{payload}.",
        "signature of zeros": f"{header}.{payload}.{'A' * 86}",
        "signature shorter": certificate[:-2],
        "signature longer": certificate + "AA",
        "padded": certificate + "==",
        "a blank after it": certificate + " ",
        "a line break after it": certificate + "\n",
        "one part": payload,
        "four parts": certificate + ".AA",
        "another licence": claim("sub", "lic_0000000000000"),
        "later": claim("exp", 4102444800),
        "without a signature's algorithm": "eyJhbGciOiJub25lIn0." + payload + ".",
        "words": "hello",
    }


@pytest.mark.parametrize("how", list(tampered("AAAA.e30.AAAA")))
async def test_b4_a_tampered_certificate_is_refused(api: Api, new_account: MakeAccount, how: str) -> None:
    account, machine = await new_account(), device()
    kept = granted(await api.activate(account, machine), 201).certificate
    bad = tampered(kept)[how]
    assert bad != kept
    refused(await api.renew(bad, machine), "certificate_invalid")
    refused(await api.release(bad, machine), "certificate_invalid")
    granted(await api.renew(kept, machine), 200)


async def test_b4_a_delegation_is_no_certificate(api: Api, new_account: MakeAccount) -> None:
    account, machine = await new_account(), device()
    delegation = granted(await api.activate(account, machine), 201).json["delegation"]
    refused(await api.renew(delegation, machine), "certificate_invalid")


async def test_b4_another_servers_certificate_is_refused(
    api: Api, new_account: MakeAccount, second_server: Callable[..., RealServer]
) -> None:
    account, machine = await new_account(), device()
    own = granted(await api.activate(account, machine), 201).certificate
    foreign = second_server(
        "keys", "init", "--no-passphrase", "--roots", "new-roots", keys="none", ACTIVATION_WORKERS="1"
    )
    async with aiohttp.ClientSession() as session:
        refused(await Api(foreign.url, session).renew(own, machine), "certificate_invalid")


async def test_health_and_readiness(api: Api) -> None:
    assert (await api.call("GET", "/healthz")).json == {"status": "alive"}
    assert (await api.call("GET", "/readyz")).json == {"status": "ready"}
    assert (await api.call("HEAD", "/healthz")).status == 200


async def test_the_published_keys_have_the_protocols_shape(api: Api, server: RealServer) -> None:
    jwks = (await api.call("GET", "/.well-known/jwks.json")).json
    assert jwks.keys() == {"keys"}
    for key in jwks["keys"]:
        assert key.keys() == {"kty", "crv", "x", "kid", "alg", "use"}
        assert (key["kty"], key["crv"], key["alg"], key["use"]) == ("OKP", "Ed25519", "EdDSA", "sig")
        assert len(decode64(key["x"])) == 32
    document = (await api.call("GET", "/v1/keys")).json
    assert document["keys"] == jwks["keys"]
    assert [root["use"] for root in document["roots"]] == ["current", "next"]
    assert document["roots"][0]["x"] == server.demo["public_key"]
    kids = [json.loads(decode64(one.split(".")[1]))["kid"] for one in document["delegations"]]
    assert kids == [key["kid"] for key in jwks["keys"]]
    assert "d" not in {name for key in [*jwks["keys"], *document["roots"]] for name in key}


def parse_metrics(text: str) -> tuple[dict[str, str], Counter[str]]:
    """Return each family's type, and each series' value."""
    types = dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.MULTILINE))
    values: Counter[str] = Counter()
    for name, labels, value in re.findall(r"^(\w+)(\{.*\})? ([0-9.e+-]+)$", text, re.MULTILINE):
        values[name + labels] += float(value)  # type: ignore[assignment]
    return types, values


async def test_metrics_name_their_families_and_sum_over_the_workers(server: RealServer, api: Api) -> None:
    series = 'activation_requests_total{route="GET /healthz",status="200"}'
    before, counted = server.requests_by_worker(), await metrics(api)
    await asyncio.gather(*(api.call("GET", "/healthz") for _ in range(200)))
    after, now = server.requests_by_worker(), await metrics(api)
    assert all(after[pid] > before.get(pid, 0) for pid in server.workers())
    assert now[1][series] - counted[1][series] == 200
    assert now[0].items() >= FAMILIES.items()
    assert now[1]['activation_pool_connections{state="open"}'] >= 2


async def metrics(api: Api) -> tuple[dict[str, str], Counter[str]]:
    answer = await api.call("GET", "/metrics")
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("text/plain")
    return parse_metrics(answer.body.decode())


async def test_metrics_hold_nobodys_ids(api: Api, new_account: MakeAccount, tokens: dict[str, str]) -> None:
    account = await new_account()
    granted(await api.activate(account, device()), 201)
    assert (await api.staff_reset(tokens["support"], account.licenses[0])).status == 200
    await api.call("GET", f"/v1/{account.login}")
    text = (await api.call("GET", "/metrics")).body.decode()
    assert account.licenses[0] not in text
    assert account.login not in text


async def test_metrics_are_for_named_addresses_only(second_server: Callable[..., RealServer]) -> None:
    other = second_server(
        ACTIVATION_WORKERS="1",
        ACTIVATION_TRUSTED_PROXIES="127.0.0.0/8,::1",
        ACTIVATION_METRICS_READERS="203.0.113.0/24",
    )
    async with aiohttp.ClientSession() as session:
        api = Api(other.url, session)

        async def read_as(*forwarded: str) -> Answer:
            return await api.call("GET", "/metrics", headers={"X-Forwarded-For": ", ".join(forwarded)})

        refused(await read_as("198.51.100.7"), "forbidden")
        refused(await read_as("203.0.113.9", "198.51.100.7"), "forbidden")
        refused(await read_as("2001:db8::1"), "forbidden")
        assert (await read_as("198.51.100.7", "203.0.113.9")).status == 200
        assert (await read_as("nonsense")).status == 200, "what cannot be read is not believed"


async def test_an_untrusted_proxys_word_counts_for_nothing(api: Api) -> None:
    answer = await api.call("GET", "/metrics", headers={"X-Forwarded-For": "198.51.100.7"})
    assert answer.status == 200


GOOD = json.dumps({"license_id": "lic_0"}).encode()
RAW = {
    "no HTTP at all": b"hello\r\n\r\n",
    "TLS on a plain port": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 40 + b"\r\n\r\n",
    "another protocol version": b"POST /v1/resets HTTP/9.9\r\nHost: localhost\r\n\r\n",
    "a header without a colon": head("/v1/resets", "nonsense"),
    "a blank before the colon": head("/v1/resets", "Content-Type : application/json"),
    "a header too long": head("/v1/resets", f"Authorization: Basic {'x' * 9000}"),
    "an address too long": head("/v1/" + "x" * 9000),
    "a length that is none": head("/v1/resets", "Content-Type: application/json", "Content-Length: x"),
    "a length below nothing": head("/v1/resets", "Content-Type: application/json", "Content-Length: -1"),
    "two lengths": head("/v1/resets", "Content-Length: 3", "Content-Length: 4") + b"{}  ",
    "length and chunks": head("/v1/resets", "Content-Length: 3", "Transfer-Encoding: chunked") + b"0\r\n\r\n",
    "another transfer coding": head("/v1/resets", "Transfer-Encoding: gzip") + b"x",
    "a control character": head("/v1/resets", "X-Name: a\x00b"),
    "an expectation": head("/v1/resets", "Expect: miracles", "Content-Length: 0"),
    "a chunk's length that is none": head(
        "/v1/resets", "Content-Type: application/json", "Transfer-Encoding: chunked"
    )
    + b"zz\r\n{}\r\n0\r\n\r\n",
    "a chunk longer than it says": head(
        "/v1/resets", "Content-Type: application/json", "Transfer-Encoding: chunked"
    )
    + b"1\r\n{}{}{}\r\n0\r\n\r\n",
}


@pytest.mark.parametrize("how", list(RAW))
async def test_what_is_no_proper_http_is_refused_like_all_else(
    server: RealServer, api: Api, how: str
) -> None:
    since = server.log_size()
    async with wire(server.url) as connection:
        await connection.send(RAW[how])
        answer = await connection.read_answer()
    assert 400 <= answer.status < 500, answer
    assert answer.headers["Content-Type"] == "application/problem+json", answer
    assert answer.json["status"] == answer.status
    assert answer.json["retryable"] is False
    assert [line["event"] for line in server.log(since)] == ["refused"]
    assert (await api.call("GET", "/healthz")).status == 200


async def test_a_client_that_hangs_up_in_the_middle_leaves_no_fault_in_the_log(
    server: RealServer, api: Api
) -> None:
    since = server.log_size()
    lines = ("Content-Type: application/json", "Content-Length: 500")
    for sent in (b"", b"POST /v1/re", head("/v1/resets", *lines), head("/v1/resets", *lines) + b'{"lic'):
        async with wire(server.url) as connection:
            await connection.send(sent)
    await asyncio.sleep(0.3)
    assert [line for line in server.log(since) if line["event"] != "refused"] == []
    assert (await api.call("GET", "/healthz")).status == 200
