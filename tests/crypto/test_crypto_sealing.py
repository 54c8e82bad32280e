"""Sealed boxes, and the key file that opens them."""

import json
import pickle

import pytest
from nacl.public import PrivateKey, SealedBox
from nacl.public import PublicKey as NaclPublicKey

from crypto.sealing import (
    SEALING_FILE,
    SealError,
    SealingKey,
    create_sealing_key,
    load_sealing_key,
    seal,
    sealing_jwk,
)


@pytest.fixture
def key():
    return SealingKey(bytes(range(32)))


def test_a_box_opens_for_its_key_alone_and_is_another_each_time(key):
    boxes = {seal(key.public_key, b"login and password") for _ in range(2)}
    assert len(boxes) == 2
    for box in boxes:
        assert key.open(box) == b"login and password"
        with pytest.raises(SealError):
            SealingKey.generate().open(box)


def test_pynacl_s_own_boxes_are_the_same(key):
    assert key.open(SealedBox(NaclPublicKey(key.public_key)).encrypt(b"x")) == b"x"
    assert SealedBox(PrivateKey(bytes(range(32)))).decrypt(seal(key.public_key, b"y")) == b"y"


def test_no_part_of_a_box_can_be_changed_or_left_out(key):
    box = seal(key.public_key, b"twelve bytes")
    for at in range(len(box)):
        with pytest.raises(SealError):
            key.open(box[:at])
        with pytest.raises(SealError):
            key.open(box[:at] + bytes([box[at] ^ 1]) + box[at + 1 :])
    with pytest.raises(SealError):
        key.open(box + b"\0")


@pytest.mark.parametrize("public_key", [bytes(32), bytes([1]) + bytes(31), b"short", bytes(33)])
def test_nothing_is_sealed_to_what_is_no_key(public_key):
    with pytest.raises(ValueError, match="X25519"):
        seal(public_key, b"secret")


def test_the_file_is_private_and_made_once(tmp_path):
    key = create_sealing_key(tmp_path)
    assert (tmp_path / SEALING_FILE).stat().st_mode & 0o777 == 0o600
    assert load_sealing_key(tmp_path).open(seal(key.public_key, b"x")) == b"x"
    with pytest.raises(FileExistsError):
        create_sealing_key(tmp_path)
    (tmp_path / SEALING_FILE).chmod(0o644)
    with pytest.raises(PermissionError):
        load_sealing_key(tmp_path)


def test_where_there_is_none_there_is_none(tmp_path):
    assert load_sealing_key(tmp_path) is None


@pytest.mark.parametrize(
    "change",
    [{"crv": "Ed25519"}, {"kty": "EC"}, {"x": "A" * 43}, {"d": "AAAA"}, {"d": 7}, {"x": None}],
)
def test_a_file_that_is_no_sealing_key_is_refused(tmp_path, change):
    create_sealing_key(tmp_path)
    path = tmp_path / SEALING_FILE
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(ValueError, match="no sealing key"):
        load_sealing_key(tmp_path)


def test_a_key_does_not_show_itself(key):
    assert repr(key) == f"<SealingKey {key.kid}>"
    with pytest.raises(TypeError):
        pickle.dumps(key)
    with pytest.raises(ValueError, match="32 bytes"):
        SealingKey(b"short")


def test_the_public_half_is_a_jwk(key):
    jwk = sealing_jwk(key.public_key)
    assert (jwk["crv"], jwk["use"], jwk["kid"]) == ("X25519", "enc", key.kid)
