"""What people send about themselves and their tokens, and admins about the licensor's staff."""

from typing import Annotated, Final, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from activation.licensing.roles import Act
from activation.messages.requests import Word
from activation.messages.reselling import Email
from activation.messages.strict import MalformedError

MOST_DAYS: Final = 400
TokenName = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^\S(.*\S)?\Z")]
Scopes = Annotated[list[Word], Meta(min_length=1, max_length=100)]
Days = Annotated[int, Meta(ge=1, le=MOST_DAYS)]
StaffLogin = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9._-]{0,62}[a-z0-9]\Z")]
StaffRole = Literal["admin", "sales", "support", "auditor"]
Link = Annotated[str, Meta(min_length=1, max_length=128)]
Chosen = Annotated[str, Meta(min_length=1, max_length=256)]


class NewToken(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /v1/self/tokens`; scopes are acts of one's role, `days` until it ends."""

    name: TokenName
    scopes: Scopes
    days: Days = 90


class NewPerson(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /v1/staff/people`; a random login unless given."""

    role: StaffRole
    login: StaffLogin | UnsetType = UNSET
    email: Email | UnsetType = UNSET


class NewRole(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /v1/staff/people/{staff_id}/role`."""

    role: StaffRole


class NewEmail(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /v1/staff/people/{staff_id}/email`."""

    email: Email


class LinkRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /v1/self/password-links`."""

    login_or_email: Annotated[str, Meta(min_length=1, max_length=256)]


class NewPassword(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /v1/self/passwords`: staff and resellers' users choose one, end users get a generated one."""

    link: Link
    password: Chosen | UnsetType = UNSET


_ACTS: Final = {str(act): act for act in Act}


def scopes_of(words: list[str]) -> frozenset[Act]:
    """Return the acts that scopes name. Raises MalformedError."""
    unknown = [word for word in words if word not in _ACTS]
    if unknown:
        raise MalformedError(
            "scopes", "Scopes are acts, such as licenses.see; GET /v1/self/tokens lists yours."
        )
    return frozenset(_ACTS[word] for word in words)


def optional(text: str | UnsetType) -> str | None:
    """Return a text, or None where there is none."""
    return None if text is UNSET else text
