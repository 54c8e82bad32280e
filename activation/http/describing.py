"""The API described by the tables it is made of: OpenAPI 3.1 for programs, a page for people."""

import hashlib
import re
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any, Final

import msgspec

from activation.http.acting import ActRoute
from activation.http.calls import TEXT, Call, Endpoint, Reply
from activation.http.cookies import COOKIE
from activation.http.self.signing_in import SESSION_ROUTES
from activation.licensing.roles import MAY, Role
from activation.messages import answers, requests, signing_in
from activation.messages.problems import CONTENT_TYPE, SHAPES

Routes = Sequence[tuple[str, str, Endpoint]]

_MESSAGES: Final[Mapping[str, tuple[type[msgspec.Struct] | None, type[msgspec.Struct]]]] = {
    "/v1/activations": (requests.ActivationRequest, answers.ActivationAnswer),
    "/v1/renewals": (requests.RenewalRequest, answers.ActivationAnswer),
    "/v1/releases": (requests.ReleaseRequest, answers.ReleaseAnswer),
    "/v1/resets": (requests.ResetRequest, answers.ResetAnswer),
    "/v1/licenses": (None, answers.LicensesAnswer),
    "/v1/revocations": (None, answers.RevocationsAnswer),
    "/v1/self/sign-in": (signing_in.SignIn, signing_in.SessionAnswer),
    **{route.path: (route.takes, route.tells) for route in SESSION_ROUTES},
}
_STATUSES: Final = {"/v1/activations": ["200", "201"], "/v1/self/sign-in": ["201"]}
_IN_SESSION: Final = frozenset(route.path for route in SESSION_ROUTES)
_TEXT: Final = ("/v1/offline-activations",)
_BASIC: Final = ("/v1/activations", "/v1/licenses", "/v1/resets")
_REF: Final = "#/components/schemas/{name}"
_INTRODUCTION: Final = (
    "Licence activation for softphones. Refusals are problems (RFC 9457): 4xx is final, 429 and 503 are "
    "temporary and come with Retry-After. Unknown fields are refused."
)
_GROUPS: Final = (
    ("/v1/staff/", "Staff"),
    ("/v1/reseller/", "Resellers"),
    ("/v1/self/", "Everybody who signs in"),
)
_STYLE: Final = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem;color:#1b1f24;"
    "background:#fff}h1{font-size:1.5rem}h2{font-size:1.1rem;margin-top:2rem}table{border-collapse:collapse;"
    "width:100%}td{padding:.35rem .6rem;border-top:1px solid #d8dee4;vertical-align:top}td:first-child{"
    "white-space:nowrap;font-family:ui-monospace,monospace;font-size:.85rem}small{color:#57606a}"
    "@media(prefers-color-scheme:dark){body{color:#e6edf3;background:#0d1117}td{border-color:#30363d}"
    "small{color:#9198a1}}"
)
_POLICY: Final = (
    "default-src 'none'; style-src 'sha256-"
    + b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    + "'; base-uri 'none'; frame-ancestors 'none'"
)


def description_routes(routes: Routes, act_routes: Sequence[ActRoute]) -> Routes:
    """Return the routes that describe all others: `/openapi.json` and `/docs`."""
    document = msgspec.json.encode(describe(routes, act_routes))
    page = _page(routes, act_routes).encode()

    async def get_openapi(_call: Call) -> Reply:
        """`GET /openapi.json`: this API as OpenAPI 3.1."""
        return Reply(200, document)

    async def get_docs(_call: Call) -> Reply:
        """`GET /docs`: this API to read."""
        return Reply(200, page, "text/html; charset=utf-8", {"Content-Security-Policy": _POLICY})

    return (("GET", "/openapi.json", get_openapi), ("GET", "/docs", get_docs))


def describe(routes: Routes, act_routes: Sequence[ActRoute]) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document."""
    acts = {(route.method, route.path): route for route in act_routes}
    taken = [route.takes for route in act_routes if route.takes is not None]
    shown = {kind for pair in _MESSAGES.values() for kind in pair if kind is not None} | set(taken)
    _, schemas = msgspec.json.schema_components(
        sorted(shown, key=lambda kind: kind.__name__), ref_template=_REF
    )
    paths: dict[str, Any] = {}
    for method, path, endpoint in routes:
        act = acts.get((method, path))
        paths.setdefault(path, {})[method.lower()] = _operation(method, path, endpoint, act)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Licence activation", "version": "1", "description": _INTRODUCTION},
        "paths": paths,
        "components": {
            "schemas": {**schemas, "Problem": _problem()},
            "securitySchemes": {
                "login": {"type": "http", "scheme": "basic"},
                "token": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": COOKIE},
            },
        },
    }


def _operation(method: str, path: str, endpoint: Endpoint, act: ActRoute | None) -> dict[str, Any]:
    takes, tells = _MESSAGES.get(path, (None, None))
    if act is not None:
        takes = act.takes
    text = path in _TEXT or (act is not None and act.takes_text)
    statuses = _STATUSES.get(path, [str(act.status if act is not None else 200)])
    operation: dict[str, Any] = {
        "summary": _summary(endpoint, act),
        "parameters": _parameters(method, path, act),
        "responses": {
            **{status: {"description": "Done", "content": _content(tells, text=text)} for status in statuses},
            "default": {
                "description": "A refusal",
                "content": {CONTENT_TYPE: {"schema": {"$ref": _REF.format(name="Problem")}}},
            },
        },
    }
    if method == "POST" and not (act is not None and act.bodiless):
        operation["requestBody"] = {"required": True, "content": _content(takes, text=text)}
    if act is not None:
        operation["security"] = [{scheme: []} for scheme in _schemes(act)]
        operation["x-roles"] = sorted(MAY[act.act])
    elif path in _BASIC:
        operation["security"] = [{"login": []}]
    elif path in _IN_SESSION:
        operation["security"] = [{"session": []}]
    return operation


def _schemes(act: ActRoute) -> list[str]:
    """Return what the people who may do this show: a token, or an end user's password; a session."""
    roles = MAY[act.act]
    own = ["login"] if Role.END_USER in roles else []
    return [*(["token"] if roles - {Role.END_USER} else []), *own, "session"]


def _content(kind: type[msgspec.Struct] | None, *, text: bool = False) -> dict[str, Any]:
    if text:
        return {TEXT: {"schema": {"type": "string"}}}
    schema = {"$ref": _REF.format(name=kind.__name__)} if kind is not None else {"type": "object"}
    return {"application/json": {"schema": schema}}


def _parameters(method: str, path: str, act: ActRoute | None) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"\{(\w+)\}", path)
    ]
    if act is not None and method == "POST":
        key = {"type": "string", "minLength": 1, "maxLength": 255}
        found.append({"name": "Idempotency-Key", "in": "header", "required": False, "schema": key})
    return found


def _problem() -> dict[str, Any]:
    members = {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"enum": [str(code) for code in SHAPES]},
        "zdk_status": {"type": "string"},
        "retryable": {"type": "boolean"},
        "trace_id": {"type": "string"},
    }
    return {"type": "object", "properties": members, "required": list(members)}


def _summary(endpoint: Endpoint, act: ActRoute | None) -> str:
    told = (act.do if act is not None else endpoint).__doc__ or ""
    first = " ".join(told.strip().split("\n\n")[0].split())
    summary = re.sub(r"^`[A-Z]+ [^`]*`:? ?", "", first)
    return summary[:1].upper() + summary[1:]


def _page(routes: Routes, act_routes: Sequence[ActRoute]) -> str:
    acts = {(route.method, route.path): route for route in act_routes}
    groups: dict[str, list[str]] = {
        "Softphones, end users, operators": [],
        "Everybody who signs in": [],
        "Resellers": [],
        "Staff": [],
    }
    for method, path, endpoint in routes:
        act = acts.get((method, path))
        group = next((name for part, name in _GROUPS if path.startswith(part)), next(iter(groups)))
        who = f"<br><small>{', '.join(sorted(MAY[act.act]))}</small>" if act is not None else ""
        told = escape(_summary(endpoint, act))
        groups[group].append(f"<tr><td>{method} {escape(path)}</td><td>{told}{who}</td></tr>")
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Licence activation: the API</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style>'
        f"<h1>Licence activation: the API</h1><p>{_INTRODUCTION} "
        'For programs: <a href="/openapi.json">openapi.json</a>.</p>' + _tables(groups.items())
    )


def _tables(groups: Iterable[tuple[str, list[str]]]) -> str:
    return "".join(f"<h2>{name}</h2><table>{''.join(rows)}</table>" for name, rows in groups if rows)
