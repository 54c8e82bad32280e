"""The protocol as a client sees it, written down anew: calls, answers, refusals."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import aiohttp

PRODUCT = "zoiper"
VERSION = "5.6.4"
JSON_TYPE = "application/json"
PROBLEM_TYPE = "application/problem+json"

# protocol.md: code, HTTP status, the SDK's word.
REFUSALS = {
    "malformed": (400, "Unparsable"),
    "certificate_invalid": (400, "FailedSignCheck"),
    "credentials": (401, "Failed"),
    "suspended": (403, "Failed"),
    "revoked": (403, "Failed"),
    "account_closed": (403, "Failed"),
    "forbidden": (403, "Failed"),
    "expired": (403, "Expired"),
    "not_found": (404, "Failed"),
    "method_not_allowed": (405, "Failed"),
    "no_license": (404, "Failed"),
    "license_ambiguous": (409, "Failed"),
    "device_limit": (409, "FailedId"),
    "device_mismatch": (409, "FailedId"),
    "superseded": (409, "FailedId"),
    "reset_limit": (409, "Failed"),
    "reset_offline": (409, "Failed"),
    "reset_unused": (409, "Failed"),
    "version_not_covered": (409, "Failed"),
    "too_large": (413, "Unparsable"),
    "media_type": (415, "Unparsable"),
    "device_unidentifiable": (422, "FailedId"),
    "rate_limited": (429, "FailedHttp"),
    "unavailable": (503, "FailedHttp"),
    "overloaded": (503, "FailedHttp"),
}
MEMBERS = {"type", "title", "status", "detail", "code", "zdk_status", "retryable", "trace_id"}
ANSWER = {
    "status",
    "license_id",
    "activation_id",
    "certificate",
    "delegation",
    "renew_after",
    "expires_at",
    "license_ends_at",
    "resets",
    "notices",
}


@dataclass(frozen=True)
class Account:
    """An end-user account: who asks, and what it holds."""

    login: str
    password: str = field(repr=False)
    licenses: tuple[str, ...] = ()
    activation_password: str | None = field(repr=False, default=None)

    @property
    def activator(self) -> "Account":
        """The same login with the password that only activates."""
        assert self.activation_password is not None
        return replace(self, password=self.activation_password)

    @property
    def header(self) -> str:
        return basic(f"{self.login}:{self.password}")


def basic(text: str | bytes) -> str:
    raw = text.encode() if isinstance(text, str) else text
    return f"Basic {base64.b64encode(raw).decode()}"


@dataclass(frozen=True)
class Answer:
    """What the server said."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def certificate(self) -> str:
        return str(self.json["certificate"])

    @property
    def claims(self) -> dict[str, Any]:
        return claims_of(self.certificate)


def decode64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def claims_of(certificate: str) -> dict[str, Any]:
    claims: dict[str, Any] = json.loads(decode64(certificate.split(".")[1]))
    return claims


class Api:
    """Calls of softphones, owners and staff over one session, as many connections as there are calls."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self.url = url
        self.session = session

    async def call(
        self,
        method: str,
        path: str,
        message: Any = None,
        *,
        account: Account | None = None,
        token: str | None = None,
        body: Any = None,
        headers: Mapping[str, str | None] | None = None,
    ) -> Answer:
        """Make one call; a header that is None is not sent at all."""
        sent: dict[str, str | None] = {}
        if message is not None:
            body = json.dumps(message).encode()
        if body is not None:
            sent["Content-Type"] = JSON_TYPE
        if account is not None:
            sent["Authorization"] = account.header
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        sent.update(headers or {})
        kept = {name: value for name, value in sent.items() if value is not None}
        async with self.session.request(
            method, f"{self.url}{path}", data=body, headers=kept, skip_auto_headers=("Content-Type",)
        ) as response:
            return Answer(response.status, dict(response.headers), await response.read())

    async def activate(
        self, account: Account, device: Mapping[str, Any], *, version: str = VERSION, **more: Any
    ) -> Answer:
        message = {"product": PRODUCT, "version": version, "device": device, **more}
        return await self.call("POST", "/v1/activations", message, account=account)

    async def renew(self, certificate: str, device: Mapping[str, Any], **more: Any) -> Answer:
        return await self.call("POST", "/v1/renewals", {"certificate": certificate, "device": device, **more})

    async def release(self, certificate: str, device: Mapping[str, Any]) -> Answer:
        return await self.call("POST", "/v1/releases", {"certificate": certificate, "device": device})

    async def reset(self, account: Account, license_id: str) -> Answer:
        return await self.call("POST", "/v1/resets", {"license_id": license_id}, account=account)

    async def staff_reset(self, token: str, license_id: str, **message: Any) -> Answer:
        given = message or {"reason": "device_lost", "note": "Left in a taxi."}
        return await self.call("POST", f"/v1/staff/licenses/{license_id}/resets", given, token=token)

    async def licenses(self, account: Account) -> list[dict[str, Any]]:
        answer = await self.call("GET", "/v1/licenses", account=account)
        assert answer.status == 200, answer
        listed: list[dict[str, Any]] = answer.json["licenses"]
        return listed


def granted(answer: Answer, status: int) -> Answer:
    """Check that an activation or renewal was granted with this status, and return it."""
    assert answer.status == status, answer.body
    assert answer.headers["Content-Type"].startswith(JSON_TYPE)
    return answer


def refused(answer: Answer, code: str) -> dict[str, Any]:
    """Check that an answer is the refusal `code` with all that protocol.md promises; return its members."""
    assert answer.headers.get("Content-Type", "").startswith(PROBLEM_TYPE), answer
    problem: dict[str, Any] = answer.json
    status, word = REFUSALS[code]
    assert (problem["code"], answer.status) == (code, status), problem
    assert problem.keys() >= MEMBERS
    assert problem["status"] == status
    assert problem["zdk_status"] == word
    assert problem["retryable"] is (status in (429, 503))
    assert problem["type"]
    assert problem["title"]
    assert problem["detail"]
    assert 4 <= len(problem["trace_id"]) <= 16, "short enough to be read out on the phone"
    if problem["retryable"]:
        assert int(answer.headers["Retry-After"]) > 0
    else:
        assert "Retry-After" not in answer.headers
    return problem
