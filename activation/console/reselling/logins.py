"""Logins of a reseller's users, shown once; the same for its owner and for sales (P2)."""

from typing import Final, Literal

from msgspec import Struct

from activation.console.outcomes import Page
from activation.console.signing_in import picture_of
from activation.licensing.verdicts import Refused
from activation.service.identity.factors import uri_of
from activation.service.provisioning import MadeUser
from activation.service.working import Work

_TEMPLATE: Final = "reselling/login.html"


class UserForm(Struct, frozen=True, forbid_unknown_fields=True):
    """A user to add."""

    role: Literal["owner", "operator"]


class ButtonForm(Struct, frozen=True, forbid_unknown_fields=True):
    """A button."""


def show_login(work: Work, made: MadeUser | Refused, back: str) -> Page | Refused:
    """Show generated credentials, this once; `back` is where the page leads on to."""
    if isinstance(made, Refused):
        return made
    picture = picture_of(uri_of(made.totp_secret, made.login, work.desk.issuer))
    return Page(_TEMPLATE, "users.made", made=made, picture=picture, back=back)
