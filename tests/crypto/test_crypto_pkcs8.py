import base64
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from sample_certificates import KEYS

from crypto.pkcs8 import read_private_pem, write_private_pem, write_public_pem
from crypto.signing import SigningKey, seed_of, verify_signature

KEY = KEYS["online"]
PLAIN = NoEncryption()
# RFC 8410 section 10.3: the same key in both forms, the second with attributes as well.
RFC_8410 = """-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
-----END PRIVATE KEY-----
"""
RFC_8410_ATTRIBUTES = """-----BEGIN PRIVATE KEY-----
MHICAQEwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
oB8wHQYKKoZIhvcNAQkJFDEPDA1DdXJkbGUgQ2hhaXJzgSEAGb9ECWmEzf6FQbrB
Z9w7lshQhqowtrbLDFw4rXAxZuE=
-----END PRIVATE KEY-----
"""
OPENSSL = shutil.which("openssl")
with_openssl = pytest.mark.skipif(OPENSSL is None, reason="NOT TESTED: there is no openssl")


def openssl(*words: str | Path, stdin: bytes = b"") -> bytes:
    return subprocess.run([str(OPENSSL), *words], input=stdin, capture_output=True, check=True).stdout


def with_public_half(seed: bytes, public_key: bytes) -> str:
    der = bytes.fromhex("3051020101300506032b657004220420") + seed + bytes.fromhex("812100") + public_key
    return f"-----BEGIN PRIVATE KEY-----\n{base64.b64encode(der).decode()}\n-----END PRIVATE KEY-----\n"


def test_the_rfcs_own_example_is_read_and_written() -> None:
    key = read_private_pem(RFC_8410)
    assert key.public_key.hex() == "19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1"
    assert write_private_pem(key) == RFC_8410


def test_the_form_with_a_public_half_is_read_too() -> None:
    text = with_public_half(seed_of(KEY), KEY.public_key)
    assert read_private_pem(text).public_key == KEY.public_key
    assert read_private_pem(text.replace("\n", "\r\n")).public_key == KEY.public_key
    with pytest.raises(ValueError, match="different keys"):
        read_private_pem(with_public_half(seed_of(KEY), KEYS["other"].public_key))


def test_another_library_reads_and_writes_the_same() -> None:
    theirs = load_pem_private_key(write_private_pem(KEY).encode(), None)
    assert isinstance(theirs, Ed25519PrivateKey)
    assert theirs.private_bytes(Encoding.Raw, PrivateFormat.Raw, PLAIN) == seed_of(KEY)
    again = theirs.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, PLAIN).decode()
    assert read_private_pem(again).kid == KEY.kid
    spki = theirs.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    assert write_public_pem(KEY.public_key) == spki.decode()


@with_openssl
def test_openssl_reads_what_we_write_and_signs_with_it(tmp_path: Path) -> None:
    pem, message = tmp_path / "key.pem", tmp_path / "message"
    pem.write_text(write_private_pem(KEY))
    message.write_bytes(b"what is signed")
    assert openssl("pkey", "-in", pem, "-pubout").decode() == write_public_pem(KEY.public_key)
    assert openssl("pkey", "-in", pem).decode() == write_private_pem(KEY)
    signature = openssl("pkeyutl", "-sign", "-inkey", pem, "-rawin", "-in", message)
    assert signature == KEY.sign(b"what is signed")


@with_openssl
def test_what_openssl_makes_is_read(tmp_path: Path) -> None:
    made = openssl("genpkey", "-algorithm", "ed25519").decode()
    key = read_private_pem(made)
    assert write_private_pem(key) == made
    public = openssl("pkey", "-pubout", stdin=made.encode()).decode()
    assert public == write_public_pem(key.public_key)
    assert verify_signature(key.public_key, b"m", key.sign(b"m"))


@with_openssl
def test_an_encrypted_key_is_refused_with_what_to_do(tmp_path: Path) -> None:
    plain = write_private_pem(KEY).encode()
    locked = openssl("pkcs8", "-topk8", "-passout", "pass:something", stdin=plain).decode()
    assert "ENCRYPTED" in locked
    with pytest.raises(ValueError, match="openssl pkey"):
        read_private_pem(locked)
    opened = openssl("pkey", "-passin", "pass:something", stdin=locked.encode()).decode()
    assert read_private_pem(opened).kid == KEY.kid


def pem(der: bytes) -> str:
    return f"-----BEGIN PRIVATE KEY-----\n{base64.b64encode(der).decode()}\n-----END PRIVATE KEY-----\n"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nothing",
        write_public_pem(KEY.public_key),
        RFC_8410_ATTRIBUTES,
        RFC_8410 + RFC_8410,
        RFC_8410.replace("MC4C", "MC4*"),
        RFC_8410.replace("VhC\n", "VhC\nAAAA\n"),
        RFC_8410.replace("VhC\n", "V\n"),
        pem(bytes.fromhex("302e020100300506032b656e04220420") + bytes(32)),  # X25519
        pem(b""),
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_private_pem(text)


def test_a_public_key_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="32"):
        write_public_pem(b"short")


def test_every_key_comes_back() -> None:
    for _ in range(20):
        key = SigningKey.generate()
        assert seed_of(read_private_pem(write_private_pem(key))) == seed_of(key)
