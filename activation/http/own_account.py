"""End users on their own account: its activation password, and closing it."""

from typing import Final

from activation.http.acting import ActRoute
from activation.http.calls import Call
from activation.http.staff.erasures import product_codes
from activation.http.staff.telling_erasures import tell_erased, tell_preview
from activation.licensing.roles import Act
from activation.licensing.verdicts import Refused
from activation.messages.answers import Told
from activation.messages.erasures import ErasureRequest, parse_erasure
from activation.service.identity.activation_passwords import (
    end_activation_password,
    has_activation_password,
    make_activation_password,
)
from activation.service.privacy.closing import close_mine, see_closing
from activation.service.working import Work


async def get_activation_password(work: Work, _call: Call, _body: bytes) -> Told | Refused:
    """Tell whether the account has an activation password; itself it is shown once, when it is made."""
    return {"is_set": await has_activation_password(work)}


async def post_activation_password(work: Work, _call: Call, _body: bytes) -> Told | Refused:
    """Generate an activation password, in the place of the one before; it is shown this once."""
    made = await make_activation_password(work)
    return {"activation_password": made.password, "replaced": made.replaced}


async def post_activation_password_end(work: Work, _call: Call, _body: bytes) -> Told | Refused:
    """End the activation password."""
    return await end_activation_password(work) or {"is_set": False}


async def get_closing(work: Work, _call: Call, _body: bytes) -> Told | Refused:
    """Tell what closing one's account ends, and what is kept, why and until when (G3)."""
    preview = await see_closing(work)
    return preview if isinstance(preview, Refused) else tell_preview(preview, product_codes(work))


async def post_closing(work: Work, _call: Call, body: bytes) -> Told | Refused:
    """Close one's account as it was shown; `shown` says what that was (G3)."""
    done = await close_mine(work, parse_erasure(body))
    return done if isinstance(done, Refused) else tell_erased(done)


_PASSWORD: Final = "/v1/me/activation-password"  # noqa: S105  (an address)
_CLOSING: Final = "/v1/me/closing"
ROUTES: Final = (
    ActRoute("GET", _PASSWORD, Act.MINE_SEE, get_activation_password),
    ActRoute("POST", _PASSWORD, Act.MINE_ACCOUNT, post_activation_password, 201, bodiless=True),
    ActRoute("POST", f"{_PASSWORD}/end", Act.MINE_ACCOUNT, post_activation_password_end, bodiless=True),
    ActRoute("GET", _CLOSING, Act.MINE_PRIVACY, get_closing),
    ActRoute("POST", _CLOSING, Act.MINE_ACCOUNT, post_closing, takes=ErasureRequest),
)
