"""What addresses and commands about people and their tokens answer."""

from typing import Any

from activation.licensing.identifiers import STAFF, TOKEN, to_text
from activation.messages.times import optional_rfc3339, to_rfc3339
from activation.service.identity.staffing import MadeMember, Member
from activation.service.identity.tokens import MadeToken, Token

Json = dict[str, Any]


def tell_member(member: Member) -> Json:
    """Tell a person of staff: never the e-mail, only whether mails reach them."""
    return {
        "staff_id": to_text(STAFF, member.staff_id),
        "login": member.login,
        "role": member.role,
        "state": member.state.name.lower(),
        "created_at": to_rfc3339(member.created_at),
        "suspended_at": optional_rfc3339(member.suspended_at),
        "second_factor": member.factor_at is not None,
        "has_email": member.has_email,
    }


def tell_made(made: MadeMember) -> Json:
    """Tell somebody new, with the password, this once."""
    return {
        "staff_id": to_text(STAFF, made.staff_id),
        "login": made.login,
        "role": made.role,
        "password": made.password,
    }


def tell_token(token: Token, now: int) -> Json:
    """Tell a token; `scopes` null: all that its owner's role may."""
    holds = "active" if token.holds(now) else "revoked" if token.revoked_at is not None else "expired"
    return {
        "token_id": to_text(TOKEN, token.token_id),
        "name": token.name,
        "scopes": None if token.scopes is None else list(token.scopes),
        "state": holds,
        "created_at": to_rfc3339(token.created_at),
        "expires_at": optional_rfc3339(token.expires_at),
        "last_used_at": optional_rfc3339(token.last_used_at),
        "revoked_at": optional_rfc3339(token.revoked_at),
    }


def tell_made_token(made: MadeToken, now: int) -> Json:
    """Tell a new token, this once."""
    return {"token": made.token, **tell_token(made.stored, now)}
