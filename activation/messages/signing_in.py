"""What people send to sign in, and what they are told of their session."""

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

Login = Annotated[str, Meta(min_length=1, max_length=256)]
Password = Annotated[str, Meta(min_length=1, max_length=256)]
Code = Annotated[str, Meta(pattern=r"^[0-9]{6}\Z")]
RecoveryCode = Annotated[str, Meta(min_length=16, max_length=64)]
Pending = Annotated[str, Meta(min_length=1, max_length=512)]


class SignIn(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /v1/self/sign-in`."""

    login: Login
    password: Password


class SecondFactor(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /v1/self/second-factor`: a code, or else a recovery code."""

    code: Code | UnsetType = UNSET
    recovery_code: RecoveryCode | UnsetType = UNSET


class StepUp(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /v1/self/step-up`: a code; an end user's password."""

    code: Code | UnsetType = UNSET
    password: Password | UnsetType = UNSET


class FactorConfirmation(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /v1/self/enrolment/confirm`: what the enrolment told, and a code of the new factor."""

    pending: Pending
    code: Code


class PasswordChange(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /v1/self/password`."""

    old: Password
    new: Password


class EnrolmentAnswer(Struct, frozen=True):
    """A second factor to set up; `pending` goes back with a code of it."""

    secret: str
    uri: str
    pending: str


class SessionAnswer(Struct, omit_defaults=True):
    """A session as its owner sees it; `csrf` goes back as the header X-CSRF-Token with every POST."""

    session_id: str
    stage: str
    csrf: str
    expires_at: str
    idle_s: int
    login: str
    role: str
    recovery_codes: list[str] | UnsetType = UNSET
    recovery_codes_left: int | UnsetType = UNSET
    stepped_up_until: str | UnsetType = UNSET
