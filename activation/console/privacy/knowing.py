"""What is known of a person on a form, and what was typed there (G3)."""

from collections.abc import Iterable, Mapping
from typing import Final

from markupsafe import Markup
from msgspec import Struct

from activation.console.rendering import say_of
from activation.licensing.verdicts import Refusal, Refused
from activation.messages.privacy import Phone
from activation.messages.purchases import Address, Email, Name

FIELDS: Final = ("login", "name", "email", "new_email", "address", "phone")
_KEEPS_EMAIL: Final = "An e-mail is replaced by another, never left empty: mails on the licences go there."


class KnownForm(Struct, frozen=True, forbid_unknown_fields=True):
    """What is known of a person, as it is to be; what is left empty is deleted."""

    name: Name | None = None
    email: Email | None = None
    address: Address | None = None
    phone: Phone | None = None


def fields_of(form: KnownForm, known: Mapping[str, str]) -> dict[str, str] | Refused:
    """Return what a form corrects, by the fields' names; "" is for what it deletes."""
    if form.email is None and known["email"]:
        return Refused(Refusal.MALFORMED, "G3", _KEEPS_EMAIL, facts={"field": "email"})
    email = {} if form.email is None else {"email": form.email}
    return {"name": form.name or "", "address": form.address or "", "phone": form.phone or "", **email}


def options(group: str, names: Iterable[str]) -> list[tuple[str, Markup]]:
    """Return what a form lets choose: names, each with its text in a group."""
    return [(name, say_of(group, name)) for name in names]
