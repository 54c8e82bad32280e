"""A page to print for whoever sits at a machine without network: the request, and what to do with it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from html import escape
from importlib.resources import files
from string import Template
from typing import Final

import segno

from activation.client.picturing import svg_of
from activation.messages.offline_files import CERTIFICATE_ENDING, REQUEST_ENDING, file_name

VALID_DAYS: Final = 30
_DAY_S: Final = 86_400
_PAGE: Final = Template(files("activation.client").joinpath("request_page.html").read_text(encoding="utf-8"))


def write_page(
    computer: str, product: str, version: str, server: str, made_at: int, codes: Sequence[segno.QRCode]
) -> str:
    """Return the page as HTML, nothing of it outside of it. `made_at` is in seconds since 1970."""
    scan = "scan the code" if len(codes) == 1 else f"scan the {len(codes)} codes, in their order,"
    told = {
        "name": computer,
        "product": product,
        "version": version,
        "made": _day(made_at),
        "until": _day(made_at + VALID_DAYS * _DAY_S),
        "request": file_name(computer, REQUEST_ENDING),
        "answer": file_name(computer, CERTIFICATE_ENDING),
        "server": server,
        "scan": scan,
    }
    figures = "".join(_figure(code, n, len(codes)) for n, code in enumerate(codes, start=1))
    return _PAGE.substitute({name: escape(text) for name, text in told.items()}, figures=figures)


def _figure(code: segno.QRCode, number: int, count: int) -> str:
    caption = "The request" if count == 1 else f"The request, part {number} of {count}"
    return f"<figure>{svg_of(code)}<figcaption>{caption}</figcaption></figure>"


def _day(seconds: int) -> str:
    day = datetime.fromtimestamp(seconds, UTC)
    return f"{day.day} {day:%B %Y}"
