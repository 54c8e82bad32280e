import json
import shutil
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from sample_certificates import BEGIN, DAY, KEYS, TAG_KEY, TERMS

from crypto import base64url, ceremony, errors
from crypto.delegations import Delegation, issue_delegation
from crypto.issuing import Issuer
from crypto.key_folder import KeyFolderError, write_delegation, write_roots, write_signing_key
from crypto.keyring import KeyRing, NoSigningKey
from crypto.signing import SigningKey, load_signing_key, thumbprint
from crypto.verifying import verify_certificate


@pytest.fixture
def roots(tmp_path: Path) -> Path:
    ceremony.create_roots(tmp_path / "offline")
    return tmp_path / "offline"


@pytest.fixture
def folder(tmp_path: Path, roots: Path) -> Path:
    keys = [load_signing_key(roots / name) for name in ceremony.ROOT_FILES]
    ceremony.write_key_folder(tmp_path / "keys", [key.public_key for key in keys])
    return tmp_path / "keys"


def add(folder: Path, now: int = BEGIN, days: int = 365, offline: bool = False, root: int = 0) -> Delegation:
    root_key = load_signing_key(folder.parent / "offline" / ceremony.ROOT_FILES[root])
    return ceremony.add_signing_key(folder, root_key, now, days, 30 * DAY, offline)


def issue(ring: KeyRing, delegation: Delegation, tag_key: bytes = TAG_KEY) -> str:
    return Issuer(ring.signing_key(delegation.kid), TERMS.issuer, tag_key).issue(TERMS)


# The ceremony


def test_roots_are_made_once_and_private(tmp_path: Path) -> None:
    publics = ceremony.create_roots(tmp_path / "a" / "b")
    paths = [tmp_path / "a" / "b" / name for name in ("root-current.key", "root-next.key")]
    assert [load_signing_key(path).public_key for path in paths] == list(publics)
    assert len(set(publics)) == 2
    assert {stat.S_IMODE(path.stat().st_mode) for path in paths} == {0o600}
    with pytest.raises(FileExistsError):
        ceremony.create_roots(tmp_path / "a" / "b")
    assert [load_signing_key(path).public_key for path in paths] == list(publics)


def test_a_key_folder_holds_no_root_key(folder: Path, roots: Path) -> None:
    delegation = add(folder)
    files = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    kid = delegation.kid
    assert files == [f"delegations/{kid}.jws", "roots.json", f"signing/{kid}.key"]
    assert stat.S_IMODE((folder / "signing" / f"{kid}.key").stat().st_mode) == 0o600
    assert stat.S_IMODE((folder / "signing").stat().st_mode) == 0o700
    shutil.rmtree(roots)
    ring = KeyRing.load(folder, BEGIN)
    token = issue(ring, ring.active(BEGIN))
    verified = verify_certificate(token, delegation.token, ring.roots, product=TERMS.product, now=BEGIN)
    assert verified == TERMS


def test_a_delegation_begins_more_than_an_hour_early(folder: Path) -> None:
    delegation = add(folder, days=10)
    assert delegation.not_before < BEGIN - 3600
    assert (delegation.expires_at, delegation.max_ttl) == (BEGIN + 10 * DAY, 30 * DAY)


def test_a_foreign_root_adds_no_key(folder: Path) -> None:
    with pytest.raises(ValueError, match="does not name this root"):
        ceremony.add_signing_key(folder, KEYS["root_foreign"], BEGIN, 1, 1, False)
    assert not list(folder.glob("*/*"))


# The key ring


def test_an_empty_folder_loads_and_says_that_nothing_signs(folder: Path) -> None:
    ring = KeyRing.load(folder, BEGIN)
    assert (ring.signer, len(ring.roots)) == (None, 2)
    with pytest.raises(NoSigningKey, match=f"online.*none of the 0 key files.*valid at {BEGIN}"):
        ring.active(BEGIN)
    with pytest.raises(NoSigningKey, match="offline certificates"):
        ring.active(BEGIN, offline=True)
    with pytest.raises(NoSigningKey, match="abc"):
        ring.signing_key("abc")


def test_the_newest_valid_key_of_its_kind_signs(folder: Path) -> None:
    old, new = add(folder, BEGIN), add(folder, BEGIN + DAY, root=1)
    later, offline = add(folder, BEGIN + 90 * DAY), add(folder, BEGIN + 2 * DAY, offline=True)
    ring = KeyRing.load(folder, BEGIN + 3 * DAY)
    assert ring.signer is ring.signing_keys[new.kid]
    assert ring.active(BEGIN) == old
    assert ring.active(BEGIN + 3 * DAY) == new
    assert ring.active(BEGIN + 91 * DAY) == later
    assert ring.active(BEGIN + 3 * DAY, offline=True) == offline
    assert ring.active(new.not_before) == new
    assert ring.active(new.not_before - 1) == old
    assert ring.active(later.expires_at - 1) == later
    with pytest.raises(NoSigningKey):
        ring.active(later.expires_at)


def test_of_two_equally_old_keys_the_higher_kid_signs(folder: Path) -> None:
    kids = [add(folder).kid for _ in range(4)]
    assert KeyRing.load(folder, BEGIN).active(BEGIN).kid == max(kids)


def test_a_key_whose_file_is_gone_signs_no_more_but_is_known(folder: Path) -> None:
    old, new = add(folder), add(folder, BEGIN + DAY)
    token = issue(KeyRing.load(folder, BEGIN), new)
    (folder / "signing" / f"{new.kid}.key").unlink()
    ring = KeyRing.load(folder, BEGIN + DAY)
    assert ring.active(BEGIN + DAY) == old
    assert ring.verify_own(token, TAG_KEY) == TERMS


def test_a_rotated_key_signs_no_more_but_is_believed(folder: Path) -> None:
    old, new = add(folder, BEGIN - DAY), add(folder, BEGIN)
    token = issue(KeyRing.load(folder, BEGIN), new)
    ceremony.retire_signing_key(folder, new.kid, "rotated")
    ring = KeyRing.load(folder, BEGIN + DAY)
    assert ring.retired == {new.kid: "rotated"}
    assert ring.active(BEGIN + DAY) == old
    assert ring.known_kids == {old.kid, new.kid}
    assert ring.verify_own(token, TAG_KEY) == ring.verify_own(token, bytes(32)) == TERMS


def test_a_leaked_key_is_believed_no_more(folder: Path) -> None:
    old, new = add(folder), add(folder, BEGIN + DAY)
    token = issue(KeyRing.load(folder, BEGIN), new)
    ceremony.retire_signing_key(folder, new.kid, "rotated")
    ceremony.retire_signing_key(folder, new.kid, "leaked")
    ring = KeyRing.load(folder, BEGIN + DAY)
    assert ring.known_kids == {old.kid}
    for tag_key in (TAG_KEY, bytes(32)):
        with pytest.raises(errors.RetiredKeyError) as caught:
            ring.verify_own(token, tag_key)
        assert caught.value.reason == "retired"
    assert [jwk["kid"] for jwk in ring.jwks()["keys"]] == [old.kid]
    assert ring.keys_document()["delegations"] == [old.token]
    with pytest.raises(ValueError, match="final"):
        ceremony.retire_signing_key(folder, new.kid, "rotated")


def test_retiring_asks_for_a_known_key_and_reason(folder: Path) -> None:
    kid = add(folder).kid
    with pytest.raises(ValueError, match="reason"):
        ceremony.retire_signing_key(folder, kid, "lost")
    with pytest.raises(ValueError, match="no delegation"):
        ceremony.retire_signing_key(folder, kid[:-1], "leaked")
    assert KeyRing.load(folder, BEGIN).retired == {}


def test_own_certificates_without_the_tag_are_verified_by_signature(folder: Path) -> None:
    delegation = add(folder)
    ring = KeyRing.load(folder, BEGIN)
    token = issue(ring, delegation)
    head, _, signature = token.rpartition(".")
    assert ring.verify_own(token, bytes(32)) == TERMS
    with pytest.raises(errors.SignatureError):
        ring.verify_own(f"{head}.{'AQ'}{signature[2:]}", bytes(32))
    with pytest.raises(errors.NotDelegatedError, match="not ours"):
        ring.verify_own(Issuer(KEYS["other"], TERMS.issuer, TAG_KEY).issue(TERMS), TAG_KEY)
    with pytest.raises(errors.InvalidToken):
        ring.verify_own("garbage", TAG_KEY)
    long = replace(TERMS, expires_at=BEGIN + 31 * DAY)
    with pytest.raises(errors.TermTooLongError):
        ring.verify_own(
            Issuer(ring.signing_key(delegation.kid), TERMS.issuer, b"o" * 32).issue(long), TAG_KEY
        )


def test_the_published_keys(folder: Path) -> None:
    old, new = add(folder), add(folder, BEGIN + DAY)
    ring = KeyRing.load(folder, BEGIN)
    members = {"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig"}
    expected = [members | {"kid": d.kid, "x": base64url.encode(d.public_key)} for d in (new, old)]
    assert ring.jwks() == {"keys": expected}
    document = ring.keys_document()
    assert document["keys"] == expected
    assert document["delegations"] == [new.token, old.token]
    assert document["roots"] == [
        {"kty": "OKP", "crv": "Ed25519", "x": base64url.encode(root), "kid": thumbprint(root), "use": use}
        for root, use in zip(ring.roots, ("current", "next"), strict=True)
    ]
    seeds = [json.loads(path.read_text())["d"] for path in folder.glob("signing/*")]
    assert len(seeds) == 2
    assert not any(seed in json.dumps(document) + repr(ring) for seed in seeds)


def test_a_ring_is_immutable(folder: Path) -> None:
    add(folder)
    ring = KeyRing.load(folder, BEGIN)
    with pytest.raises(AttributeError):
        ring.roots = ()  # type: ignore[misc]
    with pytest.raises(AttributeError):
        ring.delegations.clear()  # type: ignore[attr-defined]
    with pytest.raises(AttributeError):
        ring.retired.update(a="leaked")  # type: ignore[attr-defined]


# Damaged folders


def test_only_the_current_root_is_needed(folder: Path) -> None:
    write_roots(folder, [KEYS["root_next"].public_key])
    assert KeyRing.load(folder, BEGIN).roots == (KEYS["root_next"].public_key,)


ROOT = {"x": base64url.encode(KEYS["root_current"].public_key), "use": "current"}


@pytest.mark.parametrize(
    "members",
    [
        [],
        {},
        {"roots": {}},
        {"roots": []},
        {"roots": [ROOT | {"use": "next"}]},
        {"roots": [ROOT, ROOT]},
        {"roots": [ROOT, ROOT | {"use": "third"}]},
        {"roots": [ROOT | {"x": "AAAA"}]},
        {"roots": [ROOT | {"x": 1}]},
        {"roots": [ROOT | {"use": ["current"]}]},
        {"roots": ["x"]},
    ],
    ids=str,
)
def test_damaged_roots_are_named(folder: Path, members: object) -> None:
    (folder / "roots.json").write_text(json.dumps(members))
    with pytest.raises(KeyFolderError, match=r"roots\.json"):
        KeyRing.load(folder, BEGIN)


@pytest.mark.parametrize("text", ["", "[]", '{"a": "lost"}', '{"a": null}', '{"a": ["leaked"]}'])
def test_a_damaged_list_of_retired_keys_is_named(folder: Path, text: str) -> None:
    (folder / "retired.json").write_text(text)
    with pytest.raises(KeyFolderError, match=r"retired\.json"):
        KeyRing.load(folder, BEGIN)


def test_a_delegation_by_another_root_is_named(folder: Path) -> None:
    foreign = issue_delegation(KEYS["root_foreign"], KEYS["online"].public_key, 0, 1, 1, False)
    write_delegation(folder, foreign)
    with pytest.raises(KeyFolderError, match=f"{foreign.kid}.jws: .*root"):
        KeyRing.load(folder, BEGIN)


def test_a_delegation_that_is_not_text_is_named(folder: Path) -> None:
    (folder / "delegations" / "a.jws").write_bytes(b"\xff")
    with pytest.raises(KeyFolderError, match=r"a\.jws"):
        KeyRing.load(folder, BEGIN)


def test_files_under_another_name_are_named(folder: Path) -> None:
    kid = add(folder).kid
    for kept in (folder / "delegations" / f"{kid}.jws", folder / "signing" / f"{kid}.key"):
        moved = kept.rename(kept.with_stem("other"))
        with pytest.raises(KeyFolderError, match=kid):
            KeyRing.load(folder, BEGIN)
        moved.rename(kept)
    assert KeyRing.load(folder, BEGIN).signer


def test_a_damaged_or_open_key_file_is_named(folder: Path) -> None:
    path = folder / "signing" / f"{add(folder).kid}.key"
    path.chmod(0o644)
    with pytest.raises(PermissionError, match=path.name):
        KeyRing.load(folder, BEGIN)
    path.chmod(0o600)
    path.write_text("{}")
    with pytest.raises(KeyFolderError, match=path.name):
        KeyRing.load(folder, BEGIN)


def test_a_key_that_is_not_delegated_yet_does_no_harm(folder: Path) -> None:
    known = add(folder)
    key = SigningKey.generate()
    write_signing_key(folder, key)
    ring = KeyRing.load(folder, BEGIN)
    assert ring.active(BEGIN) == known
    assert key.kid not in ring.known_kids


@pytest.mark.parametrize("with_key", [True, False])
def test_a_recognised_certificate_with_another_signature_is_refused(folder: Path, with_key: bool) -> None:
    delegation = add(folder)
    token = issue(KeyRing.load(folder, BEGIN), delegation)
    if not with_key:
        (folder / "signing" / f"{delegation.kid}.key").unlink()
    ring = KeyRing.load(folder, BEGIN)
    message, _, signature = token.rpartition(".")
    flipped = bytearray(base64url.decode(signature))
    flipped[40] ^= 1
    assert ring.verify_own(token, TAG_KEY) == TERMS
    with pytest.raises(errors.SignatureError):
        ring.verify_own(f"{message}.{base64url.encode(bytes(flipped))}", TAG_KEY)
