"""A mail's text: a template from `templates/`, its first line the subject, filled from the mail's parameters.

A template may use what the row's parameters name, and of the recipient `greeting` and `login`. A parameter
whose name ends in `_at` or `_until` is a time, in seconds since 1970 or as RFC 3339, and is written out; any
other text is taken as it is.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from string import Template
from typing import Any, Final

from activation.licensing.values import value
from activation.storage.outgoing.mails import Recipient

_SUBJECT: Final = "Subject: "
_LONGEST_SUBJECT: Final = 200


class UnwritableError(Exception):
    """A mail that cannot be written; the text says why, and nothing personal."""


@value
class Letter:
    """A mail as it is read."""

    subject: str
    body: str


def write_letter(template: str, params: Mapping[str, Any], recipient: Recipient) -> Letter:
    """Fill a template. Raises UnwritableError for a template that is not there or lacks a parameter."""
    text = _template(template)
    greeting = f"Hello {recipient.name}," if recipient.name else "Hello,"
    places = {"login": recipient.login, **{name: _say(name, one) for name, one in params.items()}}
    try:
        filled = Template(text).substitute({**places, "greeting": greeting})
    except KeyError as missing:
        raise UnwritableError(f"the parameter {missing.args[0]} is missing") from None
    subject, _, body = filled.partition("\n")
    return Letter(" ".join(subject.removeprefix(_SUBJECT).split())[:_LONGEST_SUBJECT], body.strip() + "\n")


def template_names() -> list[str]:
    """Return the names of all templates."""
    return sorted(
        file.name.removesuffix(".txt") for file in _folder().iterdir() if file.name.endswith(".txt")
    )


def places_of(template: str) -> set[str]:
    """Return what a template needs besides what is known of the recipient."""
    return set(Template(_template(template)).get_identifiers()) - {"greeting", "login"}


def _folder() -> Any:
    return files("activation.service.mailing") / "templates"


@cache
def _template(name: str) -> str:
    file = _folder() / f"{name}.txt"
    if not name.isidentifier() or not file.is_file():
        raise UnwritableError(f"there is no template {name[:64]!r}")
    text: str = file.read_text(encoding="utf-8")
    return text


def _say(name: str, told: Any) -> str:
    if name.endswith(("_at", "_until")) and told is not None:
        return _say_time(told)
    if isinstance(told, list):
        return "\n".join(map(str, told))
    return "" if told is None else str(told)


def _say_time(told: Any) -> str:
    """Write a time out: `24 November 2026, 10:00 UTC`."""
    try:
        moment = (
            datetime.fromtimestamp(told, UTC) if isinstance(told, int) else datetime.fromisoformat(str(told))
        ).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return str(told)
    return f"{moment.day} {moment:%B %Y, %H:%M} UTC"
