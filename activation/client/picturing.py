"""A request or certificate file as QR pictures, for machines that have no way out but a camera.

A picture's text is the file's own, so that any phone can read it. What is too long for one picture that a
phone still reads from paper is cut at line ends: the pieces pasted one after the other are the file again.
"""

from pathlib import Path
from typing import Final

import segno

from activation.messages.armour import LINE

LARGEST_VERSION: Final = 27
"""125 x 125 modules: on paper of 8 cm one module has 0.6 mm, which phones of today read."""
MOST_BYTES: Final = 1465
"""What a code of that version holds at the lowest level of error correction (ISO/IEC 18004, table 7)."""
KINDS: Final = (".png", ".svg")
_BORDER: Final = 4
_SCALE: Final = 6


class PictureError(ValueError):
    """A picture that cannot be drawn or read; the text says why."""


def draw(text: str) -> list[segno.QRCode]:
    """Return the codes of a file's text, one or more, in their order."""
    return [segno.make(piece, error="l", mode="byte", micro=False) for piece in _pieces(text)]


def save_pictures(text: str, path: Path) -> list[Path]:
    """Write a file's text as `.png` or `.svg`, with -1, -2, … before the ending where one is not enough.

    Raises PictureError for another ending.
    """
    if path.suffix.lower() not in KINDS:
        raise PictureError(f"{path.name} must end in {' or '.join(KINDS)}")
    codes = draw(text)
    names = [path.stem] if len(codes) == 1 else [f"{path.stem}-{n}" for n in range(1, len(codes) + 1)]
    paths = [path.with_name(name + path.suffix) for name in names]
    for code, drawn in zip(codes, paths, strict=True):
        code.save(str(drawn), kind=path.suffix[1:].lower(), scale=_SCALE, border=_BORDER)
    return paths


def svg_of(code: segno.QRCode) -> str:
    """Return a code as SVG to stand in a page, as large as the page lets it be."""
    return code.svg_inline(border=_BORDER, omitsize=True)


def _pieces(text: str) -> list[str]:
    """Cut a text into as few pieces as may be, all of about the same length."""
    lines = text.splitlines(keepends=True)
    count = -(-len(text) // (MOST_BYTES - LINE - 1))
    if len(text) <= MOST_BYTES:
        count = 1
    each = -(-len(lines) // count)
    return ["".join(lines[at : at + each]) for at in range(0, len(lines), each)]
