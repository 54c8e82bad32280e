"""Activating: the answer, the certificate in it, and who can verify that."""

import asyncio
import base64
import json
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg
import pytest
import pytest_asyncio
from acceptance_api import ANSWER, PRODUCT, Account, Answer, Api, claims_of, decode64, granted
from acceptance_devices import device, values_of, with_parts
from acceptance_making import MakeAccount
from acceptance_server import RealServer
from acceptance_times import DAY_S, HOUR_S, rfc3339, within_one_hour
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jws as other_jws
from joserfc.errors import BadSignatureError
from joserfc.jwk import KeySet

from crypto.digests import component_digest
from crypto.errors import CertificateError
from crypto.verifying import verify_certificate

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    # RFC 9864 prefers "Ed25519" to the older "EdDSA", which clients in the field know.
    pytest.mark.filterwarnings("ignore:EdDSA is deprecated:joserfc.errors.SecurityWarning"),
]

CLAIMS = {"iss", "sub", "act", "jti", "aud", "iat", "nbf", "exp", "rnw", "lic", "dev", "epc"}
SPKI_OF_ED25519 = bytes.fromhex("302a300506032b6570032100")  # RFC 8410, what stands before the key


@pytest_asyncio.fixture(loop_scope="session")
async def roots(api: Api) -> list[bytes]:
    answer = await api.call("GET", "/v1/keys")
    return [decode64(root["x"]) for root in answer.json["roots"]]


@pytest_asyncio.fixture(loop_scope="session")
async def signed(api: Api, new_account: MakeAccount) -> Answer:
    return granted(await api.activate(await new_account(), device()), 201)


async def activate_at(server: RealServer, account: Account, machine: dict[str, Any]) -> bytes:
    async with aiohttp.ClientSession() as session:
        return granted(await Api(server.url, session).activate(account, machine), 200).body


async def test_l2_the_same_device_again_is_200_with_the_very_same_bytes(
    api: Api, new_account: MakeAccount
) -> None:
    account, machine = await new_account(), device()
    await within_one_hour()
    first = granted(await api.activate(account, machine), 201)
    again = granted(await api.activate(account, machine), 200)
    assert again.body == first.body
    renewed = granted(await api.renew(first.certificate, machine), 200)
    assert renewed.certificate == first.certificate


async def test_the_answer_has_all_that_the_protocol_names(api: Api, new_account: MakeAccount) -> None:
    account, machine = await new_account(), device()
    answer = granted(await api.activate(account, machine), 201).json
    assert answer.keys() == ANSWER
    assert answer["status"] == "Success"
    assert answer["license_id"] == account.licenses[0]
    assert answer["activation_id"].startswith("act_")
    assert answer["license_ends_at"] is None
    assert answer["resets"] == {"available": True, "next_at": None}
    assert answer["notices"] == []


async def test_the_answers_times_are_the_certificates(signed: Answer) -> None:
    claims = signed.claims
    assert signed.json["renew_after"] == rfc3339(claims["rnw"])
    assert signed.json["expires_at"] == rfc3339(claims["exp"])


async def test_the_certificate_has_the_protocols_header_and_claims(
    api: Api, new_account: MakeAccount
) -> None:
    account, machine = await new_account(), device()
    await within_one_hour()
    answer = granted(await api.activate(account, machine), 201)
    header = json.loads(decode64(answer.certificate.split(".")[0]))
    assert header.keys() == {"alg", "typ", "kid"}
    assert (header["alg"], header["typ"]) == ("EdDSA", "license+jwt")
    claims = answer.claims
    assert claims.keys() - {"tag"} == CLAIMS
    hour = int(time.time()) // HOUR_S * HOUR_S
    assert claims["iat"] == hour
    assert claims["nbf"] == hour - DAY_S
    assert claims["exp"] == hour + 30 * DAY_S
    assert claims["rnw"] == hour + 7 * DAY_S
    assert (claims["sub"], claims["act"]) == (answer.json["license_id"], answer.json["activation_id"])
    assert claims["aud"] == PRODUCT
    assert claims["lic"] == {"kind": "perpetual", "major": 5}
    assert claims["epc"] == 0
    assert len(decode64(claims["jti"])) == 16


async def test_d5_the_certificate_holds_salted_digests_and_nothing_personal(
    api: Api, new_account: MakeAccount
) -> None:
    account, machine = await new_account(), device()
    answer = granted(await api.activate(account, machine), 201)
    payload = decode64(answer.certificate.split(".")[1]).decode()
    for secret in (*values_of(machine), machine["name"], account.login, account.password):
        assert secret.lower() not in payload.lower()
    claimed = answer.claims["dev"]
    assert claimed["policy"].startswith("standard")
    assert claimed["components"].keys() == machine["components"].keys()
    salt = decode64(claimed["salt"])
    disk = component_digest(salt, "hdd_serial", machine["components"]["hdd_serial"])
    assert claimed["components"]["hdd_serial"] == [base64.urlsafe_b64encode(disk).decode().rstrip("=")]


async def test_d5_salts_differ_between_accounts(api: Api, new_account: MakeAccount) -> None:
    machine = device()
    one, other = [granted(await api.activate(await new_account(), machine), 201).claims for _ in range(2)]
    assert one["dev"]["salt"] != other["dev"]["salt"]
    assert one["dev"]["components"]["mac"] != other["dev"]["components"]["mac"]


async def test_d6_a_devices_own_key_is_named_in_the_certificate(api: Api, new_account: MakeAccount) -> None:
    public = Ed25519PrivateKey.generate().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    key = base64.urlsafe_b64encode(public).decode().rstrip("=")
    answer = granted(await api.activate(await new_account(), {**device(), "public_key": key}), 201)
    assert answer.claims["cnf"] == {"jwk": {"kty": "OKP", "crv": "Ed25519", "x": key}}


async def test_the_certificate_verifies_offline_under_the_published_roots(
    signed: Answer, roots: list[bytes]
) -> None:
    delegation = signed.json["delegation"]
    terms = verify_certificate(signed.certificate, delegation, roots, product=PRODUCT, now=int(time.time()))
    assert terms.license_id == signed.json["license_id"]
    stranger = [bytes(32)]
    with pytest.raises(CertificateError):
        verify_certificate(signed.certificate, delegation, stranger, product=PRODUCT, now=int(time.time()))


async def test_joserfc_verifies_it_with_the_published_keys(api: Api, signed: Answer) -> None:
    jwks = (await api.call("GET", "/.well-known/jwks.json")).json
    keys = KeySet.import_key_set(jwks)
    parsed = other_jws.deserialize_compact(signed.certificate, keys, algorithms=["EdDSA"])
    assert json.loads(parsed.payload) == signed.claims
    head, _, signature = signed.certificate.rpartition(".")
    flipped = signature[:10] + ("A" if signature[10] != "A" else "B") + signature[11:]
    with pytest.raises(BadSignatureError):
        other_jws.deserialize_compact(f"{head}.{flipped}", keys, algorithms=["EdDSA"])


@pytest.mark.skipif(shutil.which("openssl") is None, reason="NOT TESTED: no openssl command here")
async def test_the_openssl_command_verifies_it_with_the_published_key(
    api: Api, signed: Answer, tmp_path: Path
) -> None:
    signing_input, _, signature = signed.certificate.rpartition(".")
    kid = json.loads(decode64(signing_input.partition(".")[0]))["kid"]
    keys = (await api.call("GET", "/.well-known/jwks.json")).json["keys"]
    public = next(decode64(key["x"]) for key in keys if key["kid"] == kid)
    pem = base64.encodebytes(SPKI_OF_ED25519 + public).decode()
    (tmp_path / "key.pem").write_text(f"-----BEGIN PUBLIC KEY-----\n{pem}-----END PUBLIC KEY-----\n")
    (tmp_path / "signature").write_bytes(decode64(signature))
    for text, good in ((signing_input, True), (signing_input[:-1] + "!", False)):
        (tmp_path / "message").write_text(text)
        command = "openssl pkeyutl -verify -pubin -rawin -inkey key.pem -sigfile signature -in message"
        done = subprocess.run(command.split(), cwd=tmp_path, capture_output=True, check=False)
        assert (done.returncode == 0) is good, done.stderr


async def test_either_worker_gives_the_very_same_bytes(
    server: RealServer, api: Api, new_account: MakeAccount
) -> None:
    account, machine = await new_account(), device()
    await within_one_hour()
    first = granted(await api.activate(account, machine), 201)
    before = server.requests_by_worker()
    answers = await asyncio.gather(*(api.activate(account, machine) for _ in range(64)))
    after = server.requests_by_worker()
    assert {pid for pid in after if after[pid] > before.get(pid, 0)} == set(server.workers())
    assert {(answer.status, answer.body) for answer in answers} == {(200, first.body)}


async def test_the_very_same_bytes_after_a_restart(
    api: Api, new_account: MakeAccount, second_server: Callable[..., RealServer]
) -> None:
    account, machine = await new_account(), device()
    await within_one_hour(40)
    first = granted(await api.activate(account, machine), 201)
    other = second_server(ACTIVATION_WORKERS="1")
    bodies = [await activate_at(other, account, machine)]
    other.stop()
    other.start()
    bodies.append(await activate_at(other, account, machine))
    assert bodies == [first.body] * 2


async def test_a_rotated_key_signs_anew_and_old_certificates_stay_good(
    api: Api, new_account: MakeAccount, second_server: Callable[..., RealServer], roots: list[bytes]
) -> None:
    account, machine = await new_account(), device()
    old = granted(await api.activate(account, machine), 201)
    other = second_server("keys", "rotate", ACTIVATION_WORKERS="1")
    async with aiohttp.ClientSession() as session:
        renewed = granted(await Api(other.url, session).renew(old.certificate, machine), 200)
    assert renewed.certificate.split(".")[0] != old.certificate.split(".")[0], "another key signs now"
    now = int(time.time())
    for answer in (old, renewed):
        delegation = answer.json["delegation"]
        verify_certificate(answer.certificate, delegation, roots, product=PRODUCT, now=now)


async def test_l4_a_free_licence_is_taken_for_each_new_device(api: Api, new_account: MakeAccount) -> None:
    account = await new_account(3)
    machines = [device() for _ in range(3)]
    answers = [granted(await api.activate(account, machine), 201) for machine in machines]
    assert {answer.json["license_id"] for answer in answers} == set(account.licenses)
    listed = {entry["license_id"]: entry for entry in await api.licenses(account)}
    for machine, answer in zip(machines, answers, strict=True):
        entry = listed[answer.json["license_id"]]
        assert entry.keys() == {"license_id", "product", "kind", "state", "device", "resets"}
        assert (entry["product"], entry["kind"], entry["state"]) == (PRODUCT, "perpetual", "active")
        assert entry["device"].keys() == {"name", "since", "online"}
        assert (entry["device"]["name"], entry["device"]["online"]) == (machine["name"], True)


async def test_l4_a_licence_named_is_the_one_taken(api: Api, new_account: MakeAccount) -> None:
    account = await new_account(3)
    answer = granted(await api.activate(account, device(), license_id=account.licenses[1]), 201)
    assert answer.json["license_id"] == account.licenses[1]


async def test_a_device_without_a_name_activates(api: Api, new_account: MakeAccount) -> None:
    machine = device()
    del machine["name"]
    account = await new_account()
    granted(await api.activate(account, machine), 201)
    assert (await api.licenses(account))[0]["device"]["name"] == ""


async def test_a_serial_spelt_another_way_is_the_same_device(api: Api, new_account: MakeAccount) -> None:
    account, machine = await new_account(), device()
    parts = machine["components"]
    await within_one_hour()
    first = granted(await api.activate(account, machine), 201)
    spelt = with_parts(
        machine,
        hdd_serial=f"  {parts['hdd_serial'].lower()} ",
        system_uuid=f"{{{parts['system_uuid'].upper()}}}",
        mac=[parts["mac"][0].replace(":", "-").upper()],
    )
    assert granted(await api.activate(account, spelt), 200).certificate == first.certificate


async def test_g1_a_devices_name_and_serials_reach_the_database_only_where_they_belong(
    api: Api, new_account: MakeAccount, database: asyncpg.Connection
) -> None:
    account, machine = await new_account(), device()
    machine["name"] = "canary-name"
    granted(await api.activate(account, machine), 201)
    tables = await database.fetch(
        "SELECT format('%I', relname) AS name FROM pg_class WHERE relkind = 'r'"
        " AND relnamespace = 'public'::regnamespace"
    )
    found: dict[str, list[str]] = {}
    for value in (*values_of(machine), machine["name"], account.password, account.login):
        for table in tables:
            query = f"SELECT count(*) FROM {table['name']} t WHERE t::text ILIKE '%' || $1 || '%'"
            if await database.fetchval(query, value):
                found.setdefault(value, []).append(table["name"])
    assert found == {machine["name"]: ["personal"], account.login: ["personal"]}


async def test_the_answer_is_the_certificates_only_source(signed: Answer) -> None:
    assert claims_of(signed.certificate)["act"] == signed.json["activation_id"]
    assert signed.json["delegation"].count(".") == 2


async def test_the_demo_run_tells_programs_all_they_need(
    server: RealServer, as_account: Callable[[str], Account], roots: list[bytes]
) -> None:
    path = server.folder / "demo.json"
    assert path.stat().st_mode & 0o777 == 0o600
    demo: dict[str, Any] = server.demo
    assert demo.keys() == {
        "base_url",
        "product",
        "this_machine",
        "end_user",
        "company",
        "reseller",
        "staff",
        "public_key",
    }
    assert len(as_account("end_user").licenses) == 1
    assert len(as_account("company").licenses) == 50
    assert as_account("company").activation_password
    assert demo["reseller"].keys() == {"login", "password", "totp_secret", "token"}
    assert demo["staff"].keys() == {"support", "sales", "admin", "auditor"}
    for user in demo["staff"].values():
        assert user.keys() == {"login", "password", "totp_secret", "token"}
    assert decode64(demo["public_key"]) == roots[0]


async def test_the_demo_run_activated_this_machine(
    api: Api, as_account: Callable[[str], Account], server: RealServer
) -> None:
    listed = await api.licenses(as_account("this_machine"))
    assert [entry["device"] is not None for entry in listed] == [True]
    assert "verified offline" in server.output.read_text()
