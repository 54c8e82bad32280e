import json
from pathlib import Path

import pytest
from sample_certificates import BEGIN, DAY, KEYS

from crypto import ceremony, jws
from crypto.delegations import issue_delegation
from crypto.errors import CertificateError, InvalidToken, SignatureError, UnknownRootError
from crypto.key_folder import read_delegations, read_roots, read_signing_keys
from crypto.keyring import KeyRing
from crypto.requesting import TYP, Span, grant_request, read_lines, read_request, write_request
from crypto.signing import public_jwk

ROOT = KEYS["root_current"]
SPAN = Span(BEGIN, BEGIN + 30 * DAY, offline=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    ceremony.write_key_folder(tmp_path / "keys", [ROOT.public_key, KEYS["root_next"].public_key])
    return tmp_path / "keys"


def sign_all(tokens: list[str], root: str = "root_current") -> list[str]:
    return [grant_request(read_request(token), KEYS[root], 31 * DAY).token for token in tokens]


def test_keys_are_delegated_without_leaving_their_folder(folder: Path) -> None:
    spans = [SPAN, Span(BEGIN + DAY, BEGIN + 40 * DAY, offline=True)]
    requests = ceremony.request_signing_keys(folder, spans)
    keys = read_signing_keys(folder)
    assert len(keys) == 2
    assert KeyRing.load(folder, BEGIN).signer is None, "asking alone delegates nothing"
    installed = ceremony.install_delegations(folder, sign_all(requests))
    assert [Span(one.not_before, one.expires_at, one.offline) for one in installed] == spans
    assert {one.kid for one in installed} == keys.keys()
    ring = KeyRing.load(folder, BEGIN)
    assert ring.active(BEGIN) == installed[0]
    assert ring.active(BEGIN + 2 * DAY, offline=True) == installed[1]


def test_installing_twice_changes_nothing(folder: Path) -> None:
    signed = sign_all(ceremony.request_signing_keys(folder, [SPAN]))
    first = ceremony.install_delegations(folder, signed)
    assert ceremony.install_delegations(folder, signed) == first
    assert len(read_delegations(folder, read_roots(folder))) == 1


def test_another_delegation_of_the_same_key_is_refused(folder: Path) -> None:
    requests = ceremony.request_signing_keys(folder, [SPAN])
    ceremony.install_delegations(folder, sign_all(requests))
    with pytest.raises(ceremony.CeremonyError, match="another delegation"):
        ceremony.install_delegations(folder, sign_all(requests, "root_next"))


@pytest.mark.parametrize("wrong", ["foreign root", "foreign key", "garbage"])
def test_one_wrong_delegation_and_none_is_installed(folder: Path, wrong: str) -> None:
    requests = ceremony.request_signing_keys(folder, [SPAN, SPAN])
    bad = {
        "foreign root": sign_all(requests[1:], "root_foreign")[0],
        "foreign key": issue_delegation(ROOT, KEYS["other"].public_key, 1, 2, 1, offline=False).token,
        "garbage": "garbage",
    }[wrong]
    expected = {"foreign root": UnknownRootError, "foreign key": ceremony.CeremonyError}
    with pytest.raises(expected.get(wrong, InvalidToken)):
        ceremony.install_delegations(folder, [*sign_all(requests[:1]), bad])
    assert read_delegations(folder, read_roots(folder)) == {}


def test_a_request_is_signed_by_the_key_that_it_asks_for() -> None:
    key = KEYS["online"]
    token = write_request(key, SPAN)
    request = read_request(token)
    assert (request.kid, request.public_key, request.span) == (key.kid, key.public_key, SPAN)
    claims = {"jwk": public_jwk(KEYS["other"].public_key), "nbf": 1, "exp": 2, "offline": False}
    payload = json.dumps(claims).encode()
    for kid in (key.kid, KEYS["other"].kid):
        with pytest.raises(SignatureError):
            read_request(jws.compact(jws.encode_header(TYP, kid), payload, key))


@pytest.mark.parametrize(
    "change",
    [
        {"nbf": "1"},
        {"nbf": True},
        {"exp": 1.5},
        {"offline": 1},
        {"exp": BEGIN},
        {"nbf": -1},
        {"jwk": {}},
        {"more": 1},
    ],
    ids=str,
)
def test_a_request_of_another_form_is_refused(change: dict[str, object]) -> None:
    key = KEYS["online"]
    claims = {"jwk": public_jwk(key.public_key), "nbf": BEGIN, "exp": BEGIN + DAY, "offline": False}
    payload = json.dumps(claims | change).encode()
    with pytest.raises(InvalidToken):
        read_request(jws.compact(jws.encode_header(TYP, key.kid), payload, key))


def test_a_delegation_or_a_certificate_is_no_request() -> None:
    token = issue_delegation(ROOT, KEYS["online"].public_key, 1, 2, 1, offline=False).token
    with pytest.raises(CertificateError):
        read_request(token)


def test_files_survive_the_mail() -> None:
    tokens = [write_request(KEYS[name], SPAN) for name in ("online", "offline")]
    text = "\ufeff" + "  \r\n".join(tokens) + "\r\n\r\n"
    assert read_lines(text) == tokens


def test_an_imported_key_asks_for_itself(folder: Path) -> None:
    ceremony.write_signing_key(folder, KEYS["online"])
    token = ceremony.request_for(folder, KEYS["online"].kid, SPAN)
    ceremony.install_delegations(folder, sign_all([token]))
    assert KeyRing.load(folder, BEGIN).active(BEGIN).kid == KEYS["online"].kid
    for kid in (KEYS["online"].kid, KEYS["other"].kid):
        with pytest.raises(ceremony.CeremonyError):
            ceremony.request_for(folder, kid, SPAN)
