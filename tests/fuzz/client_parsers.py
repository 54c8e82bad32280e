"""Parsers of the softphone's side: what tools of the system answer, and files that it kept."""

import tempfile
from pathlib import Path

import msgspec
from parsing import Parser, chosen, seeds_for, text_of
from sample_certificates import ONLINE, ROOTS
from token_targets import REVOCATIONS

from activation.client.keeping import DamagedCertificateError, Kept, keep, load_kept
from activation.client.picturing import PictureError, save_pictures
from activation.client.reading.linux import read_linux
from activation.client.reading.macos import parse_platform, parse_ports, parse_processor
from activation.client.reading.macos_disk import parse_disks
from activation.client.reading.windows import parse_windows
from activation.client.revocations import load_known
from activation.client.scanning import read_carried
from activation.client.seen_mark import load_seen

SCRATCH = Path(tempfile.mkdtemp(prefix="fuzz-"))
TOOLS = (parse_windows, parse_platform, parse_ports, parse_processor, parse_disks)


def feed_tools(data: bytes) -> None:
    which, answer = chosen(data, len(TOOLS))
    TOOLS[which](text_of(answer))


def feed_linux(data: bytes) -> None:
    read_linux(Path("/nowhere"), lambda _path: data)


def feed_kept(data: bytes) -> None:
    (SCRATCH / "certificate.json").write_bytes(data)
    kept = load_kept(SCRATCH)
    assert kept is not None
    keep(SCRATCH, kept)
    assert load_kept(SCRATCH) == kept


def feed_pictures(data: bytes) -> None:
    path = SCRATCH / "carried"
    path.write_bytes(data)
    read_carried([path])


def _draw() -> bytes:
    [path] = save_pictures("-----BEGIN X-----\nQUJD\n-----END X-----\n", SCRATCH / "code.png")
    return path.read_bytes()


def feed_seen(data: bytes) -> None:
    (SCRATCH / "seen.json").write_bytes(data)
    assert load_seen(SCRATCH) == 0


def feed_revocations(data: bytes) -> None:
    (SCRATCH / "revocations.json").write_bytes(data)
    load_known(SCRATCH, ROOTS)


_WINDOWS = b'{"ComputerName":"PC","Disk":[{"Index":0,"SerialNumber":"S1"}],"Uuid":"4C4C4544-0051-3010"}'
_PLATFORM = b'"IOPlatformUUID" = "4C4C4544-0051-3010-8052-B4C04F4D3332"\n"IOPlatformSerialNumber" = "C02"'
_PORTS = b"Hardware Port: Wi-Fi\nDevice: en0\nEthernet Address: 00:15:5d:01:2a:3b\n"
_LIST = msgspec.json.encode({"revocations": REVOCATIONS, "delegation": ONLINE, "etag": "x"})
_KEPT = msgspec.json.encode(dict.fromkeys(Kept.__dataclass_fields__, "x"))
PARSERS = [
    Parser(
        "answers of the system's tools",
        feed_tools,
        seeds_for(_WINDOWS, _PLATFORM, _PORTS, b"Apple M1", b'{"SPNVMeDataType":[{"_items":[{}]}]}'),
    ),
    Parser("files of Linux", feed_linux, (b"E:ID_SERIAL_SHORT=S1\n", b"processor : 0\nmodel name : x\n\n")),
    Parser("pictures of QR codes", feed_pictures, (_draw(), b"GIF89a", b"BM"), (PictureError,)),
    Parser("the clock's mark", feed_seen, (b'{"seen":1760000000,"mac":"AAAA"}',)),
    Parser("a list of revocations that was kept", feed_revocations, (_LIST,)),
    Parser("what a softphone kept", feed_kept, (_KEPT,), (DamagedCertificateError,)),
]
