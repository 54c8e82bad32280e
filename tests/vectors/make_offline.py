"""offline_requests.json and offline_certificates.json: files as they come out of a mailbox.

The box is closed here by hand, with a fixed ephemeral key: crypto_box_seal takes a random one each time.
"""

import base64
import hashlib
import json
from collections.abc import Iterator
from typing import Any

from nacl.bindings import crypto_box, crypto_scalarmult_base
from sample_certificates import BEGIN, FOREVER, OFFLINE, PRODUCT, issue
from writing import Build, Case, subject

from crypto import base64url

SECRET, EPHEMERAL = b"\x11" * 32, b"\x22" * 32
PUBLIC = crypto_scalarmult_base(SECRET)
REQUEST = {
    "v": 1,
    "login": "anna@example.org",
    "password": "correct horse battery staple",
    "product": PRODUCT,
    "version": "5.6.4",
    "device": {"platform": "linux", "name": "Zoë's laptop", "components": {"hdd_serial": "WD-WCC4N7XXXXX1"}},
    "nonce": base64url.encode(bytes(range(16))),
    "made_at": BEGIN,
}
ANSWER = {"v": 1, "certificate": issue(FOREVER, "offline"), "delegation": OFFLINE}
REQUEST_LABEL, ANSWER_LABEL = "SOFTPHONE CERTIFICATE REQUEST", "SOFTPHONE CERTIFICATE"


def seal(message: bytes, public: bytes = PUBLIC) -> bytes:
    """Do what libsodium's crypto_box_seal does: ephemeral key, nonce from both keys, box."""
    mine = crypto_scalarmult_base(EPHEMERAL)
    nonce = hashlib.blake2b(mine + public, digest_size=24).digest()
    return mine + crypto_box(message, nonce, public, EPHEMERAL)


def armour(label: str, content: bytes) -> str:
    text = base64.b64encode(content).decode()
    lines = [text[at : at + 64] for at in range(0, len(text), 64)]
    return "\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""])


def write(value: object) -> bytes:
    return value if isinstance(value, bytes) else json.dumps(value, ensure_ascii=False).encode()


def mailed(file: str) -> Iterator[tuple[str, bytes]]:
    """What mail does to a file, and must not matter."""
    lines = file.splitlines()
    yield "as written", file.encode()
    yield "CRLF", file.replace("\n", "\r\n").encode()
    yield "CR", file.replace("\n", "\r").encode()
    yield "trailing blanks", "".join(f"{line}  \t\n" for line in lines).encode()
    yield "leading blanks", "".join(f"   {line}\n" for line in lines).encode()
    yield "byte order mark", b"\xef\xbb\xbf" + file.encode()
    yield "UTF-16, little end first", b"\xff\xfe" + file.encode("utf-16-le")
    yield "UTF-16, big end first", b"\xfe\xff" + file.encode("utf-16-be")
    yield "quoted", "".join(f"> {line}\n" for line in lines).encode()
    yield "blank lines between", "\n\n".join(lines).encode()
    yield "no newline at the end", file.rstrip().encode()
    yield "text above and below", f"Hello,\nhere it is:\n\n{file}\n--\nAnna\n".encode()
    whole = "".join(lines[1:-1])
    again = [whole[at : at + 40] for at in range(0, len(whole), 40)]
    yield "lines broken anew", "\n".join([lines[0], *again, lines[-1]]).encode()


def damaged(file: str) -> Iterator[tuple[str, bytes]]:
    lines = file.splitlines()
    yield "empty", b""
    yield "no BEGIN", "\n".join(lines[1:]).encode()
    yield "no END", "\n".join(lines[:-1]).encode()
    yield "END before BEGIN", "\n".join([lines[-1], *lines[1:-1], lines[0]]).encode()
    yield "nothing between", "\n".join([lines[0], lines[-1]]).encode()
    yield "two in one text", (file + file).encode()
    yield "another label", file.replace("SOFTPHONE", "TELEPHONE").encode()
    yield "four dashes", file.replace("-----", "----").encode()
    yield "foreign character", file.replace(lines[1][:4], "!!!!", 1).encode()
    yield "blank inside a line", file.replace(lines[1], lines[1][:9] + " " + lines[1][9:]).encode()
    yield "one character lost", file.replace(lines[1], lines[1][1:]).encode()


def _case(name: str, file: bytes, reason: str | None, **more: Any) -> Case:
    return {"name": name, "file": base64url.encode(file), "reason": reason, **more}


def request_cases() -> Iterator[Case]:
    good = armour(REQUEST_LABEL, seal(write(REQUEST)))
    for name, file in mailed(good):
        yield _case(name, file, None, request=REQUEST)
    for name, file in damaged(good):
        yield _case(name, file, "armour")
    box = seal(write(REQUEST))
    yield _case("an answer in a request's place", armour(ANSWER_LABEL, box).encode(), "armour")
    for name, bad in [
        ("a bit flipped", box[:60] + bytes([box[60] ^ 1]) + box[61:]),
        ("a bit of the ephemeral key flipped", bytes([box[0] ^ 1]) + box[1:]),
        ("cut short", box[:-1]),
        ("47 bytes", box[:47]),
        ("one byte more", box + b"\0"),
        ("sealed to another key", seal(write(REQUEST), crypto_scalarmult_base(b"\x33" * 32))),
        ("not sealed", write(REQUEST)),
    ]:
        yield _case(name, armour(REQUEST_LABEL, bad).encode(), "seal")
    for name, wrong in [
        ("another version of the format", REQUEST | {"v": 2}),
        ("version a string", REQUEST | {"v": "1"}),
        ("no nonce", {key: value for key, value in REQUEST.items() if key != "nonce"}),
        ("nonce of 15 bytes", REQUEST | {"nonce": "A" * 20}),
        ("nonce with padding", REQUEST | {"nonce": "A" * 22 + "=="}),
        ("made before 1970", REQUEST | {"made_at": -1}),
        ("one member more", REQUEST | {"move": True}),
        ("login empty", REQUEST | {"login": ""}),
        ("no device", REQUEST | {"device": None}),
        ("password twice", write(REQUEST)[:-1] + b',"password":"x"}'),
        ("NUL in the password", REQUEST | {"password": "a\0b"}),
        ("not JSON", b"login=anna"),
        ("nothing", b""),
    ]:
        yield _case(name, armour(REQUEST_LABEL, seal(write(wrong))).encode(), "contents")


def certificate_cases() -> Iterator[Case]:
    good = armour(ANSWER_LABEL, write(ANSWER))
    for name, file in mailed(good):
        yield _case(name, file, None, certificate=ANSWER["certificate"], delegation=ANSWER["delegation"])
    for name, file in damaged(good):
        yield _case(name, file, "armour")
    yield _case("a request in an answer's place", armour(REQUEST_LABEL, write(ANSWER)).encode(), "armour")
    for name, wrong in [
        ("another version of the format", ANSWER | {"v": 2}),
        ("version true", ANSWER | {"v": True}),
        ("no delegation", {key: value for key, value in ANSWER.items() if key != "delegation"}),
        ("certificate null", ANSWER | {"certificate": None}),
        ("certificate empty", ANSWER | {"certificate": ""}),
        ("one member more", ANSWER | {"note": "x"}),
        ("certificate twice", write(ANSWER)[:-1] + b',"certificate":"x"}'),
        ("not JSON", b"certificate"),
        ("not UTF-8", write(ANSWER)[:-1] + b',"x":"\xff"}'),
    ]:
        yield _case(name, armour(ANSWER_LABEL, write(wrong)).encode(), "contents")


FILES: dict[str, Build] = {
    "offline_requests.json": lambda: subject(
        "Request files, their bytes in base64url, sealed to the X25519 key sealing_public (sealing_secret "
        "opens them). reason null: the box holds request; else what is wrong: armour, seal, contents.",
        request_cases(),
        sealing_public=base64url.encode(PUBLIC),
        sealing_secret=base64url.encode(SECRET),
    ),
    "offline_certificates.json": lambda: subject(
        "Answer files, their bytes in base64url. reason null: it holds certificate and delegation; else what "
        "is wrong: armour, contents.",
        certificate_cases(),
    ),
}
