"""Reading a file that was carried here: as text, or as pictures of its QR codes."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from activation.client.picturing import PictureError

MAX_TEXT: Final = 64 * 1024
_MAX_PICTURE: Final = 32 * 1024 * 1024
_BEGINNINGS: Final = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"RIFF", b"II*\0", b"MM\0*")
_NO_READER: Final = "reading pictures needs zxing-cpp and pillow: pip install softphone-activation[pictures]"


def read_carried(paths: Sequence[Path]) -> bytes:
    """Return the text that the files hold: one text, or the pictures of one in their order.

    `.txt` after a name, as mail programs put it there, is found too. Raises FileNotFoundError, and
    PictureError for what is too large or shows no QR code.
    """
    contents = [_read(_found(path)) for path in paths]
    if not all(map(_is_picture, contents)):
        if len(contents) > 1:
            raise PictureError("one text at a time, or the pictures of one")
        return contents[0]
    return "".join(_in_order([text for content in contents for text in _scan(content)])).encode()


def _found(path: Path) -> Path:
    renamed = path.with_name(f"{path.name}.txt")
    return renamed if not path.exists() and renamed.exists() else path


def _read(path: Path) -> bytes:
    size = path.stat().st_size
    if size > _MAX_PICTURE:
        raise PictureError(f"{path} is too large")
    content = path.read_bytes()
    if size > MAX_TEXT and not _is_picture(content):
        raise PictureError(f"{path} is too large")
    return content


def _is_picture(content: bytes) -> bool:
    return content.startswith(_BEGINNINGS)


def _scan(content: bytes) -> list[str]:
    """Return the texts of a picture's QR codes, row by row."""
    reader, images = _readers()
    try:
        with images.open(BytesIO(content)) as image:
            codes = reader.read_barcodes(image.convert("L"), formats=reader.BarcodeFormat.QRCode)
    except Exception:
        # Pillow lists nowhere what its readers raise for damaged files: SyntaxError and struct.error too.
        raise PictureError("this picture cannot be read") from None
    if not codes:
        raise PictureError("there is no QR code in the picture that can be read: take it closer and sharper")
    codes = sorted(codes, key=lambda code: (code.position.top_left.y // 100, code.position.top_left.x))
    return [code.text for code in codes]


def _readers() -> tuple[Any, Any]:
    try:
        import zxingcpp  # noqa: PLC0415  (an extra, which most do not need)
        from PIL import Image  # noqa: PLC0415
    except ImportError:
        raise PictureError(_NO_READER) from None
    return zxingcpp, Image


def _in_order(pieces: list[str]) -> list[str]:
    """Put first the piece that begins a file and last the one that ends it; the others stay as they came."""
    ends = [piece.rstrip().endswith("-----") for piece in pieces]
    rank = [
        0 if piece.startswith("-----BEGIN") else 2 if end else 1
        for piece, end in zip(pieces, ends, strict=True)
    ]
    return [piece for _, piece in sorted(zip(rank, pieces, strict=True), key=lambda pair: pair[0])]
