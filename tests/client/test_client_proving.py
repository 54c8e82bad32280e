"""D6 on the softphone's side: one key, one counter, one proof on its way, whatever crashes when."""

import json

import pytest

from activation.client.proving import DamagedKeyError, DeviceKey
from crypto.base64url import decode
from crypto.proofs import Proof, verify_proof
from crypto.signing import load_signing_key

CERTIFICATE, NEXT = "eyJ0.eyJz.c2ln", "eyJ0.eyJ0.c2ln"
NOW = 1_800_000_000


@pytest.fixture
def key(tmp_path):
    made = DeviceKey(tmp_path / "kept")
    made.enrol()
    return made


@pytest.fixture
def kept(tmp_path):
    return tmp_path / "kept"


def said(proof, kept, certificate=CERTIFICATE):
    return verify_proof(proof, load_signing_key(kept / "device.key").public_key, certificate)


def test_the_key_is_made_once_and_open_to_its_owner_alone(key, kept):
    public_key = load_signing_key(kept / "device.key").public_key
    assert [key.enrol(), key.enrol()] == [public_key] * 2
    assert (kept / "device.key").stat().st_mode & 0o777 == 0o600


def test_a_folder_without_a_key_proves_nothing_and_is_left_alone(tmp_path):
    key = DeviceKey(tmp_path)
    assert key.prove(CERTIFICATE, NOW) is None
    key.note_answer()
    key.note_answer(refused=True)
    assert list(tmp_path.iterdir()) == []


def test_the_same_proof_until_it_was_answered_then_the_next(key, kept):
    first = key.prove(CERTIFICATE, NOW)
    assert said(first, kept) == Proof(NOW, 1)
    assert DeviceKey(kept).prove(CERTIFICATE, NOW + 60) == first
    key.note_answer()
    second = key.prove(CERTIFICATE, NOW + 60)
    assert said(second, kept) == Proof(NOW + 60, 2)


def test_the_proof_is_kept_before_it_can_be_sent(key, kept):
    proof = key.prove(CERTIFICATE, NOW)
    assert json.loads((kept / "proof.json").read_text()) == {"counter": 1, "proof": proof}
    assert (kept / "proof.json").stat().st_mode & 0o777 == 0o600
    key.note_answer()
    assert json.loads((kept / "proof.json").read_text()) == {"counter": 1}


def test_a_crash_after_the_new_certificate_was_kept_does_not_show_the_old_ones_proof(key, kept):
    key.prove(CERTIFICATE, NOW)
    assert said(key.prove(NEXT, NOW), kept, NEXT) == Proof(NOW, 2)


def test_a_key_that_the_server_refused_is_replaced_by_the_next_activation(key, kept):
    before = key.enrol()
    key.prove(CERTIFICATE, NOW)
    key.note_answer(refused=True)
    assert said(key.prove(CERTIFICATE, NOW), kept) == Proof(NOW, 2)  # until then it is all there is
    key.note_answer(refused=True)
    fresh = key.enrol()
    assert fresh != before
    assert said(key.prove(CERTIFICATE, NOW), kept) == Proof(NOW, 1)


def test_a_refusal_is_forgotten_when_the_key_is_believed_again(key):
    before = key.enrol()
    key.note_answer(refused=True)
    key.note_answer()
    assert key.enrol() == before


@pytest.mark.parametrize("file", ["device.key", "proof.json"])
@pytest.mark.parametrize(
    "content", [b"", b"{}", b"\xff\xfe", b"[1]", b'{"counter": "x", "kty": "OKP"}', b'{"counter": -1}']
)
def test_what_is_damaged_is_told_and_mended_by_activating(key, kept, file, content):
    key.prove(CERTIFICATE, NOW)
    (kept / file).write_bytes(content)
    with pytest.raises(DamagedKeyError, match=f"{file} is damaged: activate again"):
        key.prove(CERTIFICATE, NOW)
    assert len(key.enrol()) == 32
    assert said(key.prove(CERTIFICATE, NOW), kept) == Proof(NOW, 1)


def test_a_key_that_others_may_read_is_not_used(key, kept):
    (kept / "device.key").chmod(0o644)
    with pytest.raises(PermissionError, match="chmod 600"):
        key.prove(CERTIFICATE, NOW)


def test_the_public_key_of_a_request_is_the_one_on_disk(key, kept):
    jwk = json.loads((kept / "device.key").read_text())
    assert decode(jwk["x"]) == key.enrol()
