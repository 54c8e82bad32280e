"""Around every request: errors become problems once, bodies have limits, logs quote nobody."""

import asyncio
import io
import json
import logging
from types import SimpleNamespace

import pytest
import structlog
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from activation.http.answering import respond
from activation.http.bodies import read_json
from activation.http.calls import Reply
from activation.http.guarding import problem, refuse
from activation.http.surroundings import DESK, SURROUNDINGS, Surroundings
from activation.http.wire.addresses import TrustedProxies
from activation.http.wire.aiohttp_calls import guard, handler_of
from activation.licensing.verdicts import Refusal, Refused
from activation.logs import name_exception, set_up_logs
from activation.messages.requests import MAX_BODY
from activation.messages.strict import MalformedError
from activation.service.clock import Clock
from activation.service.credentials import make_credential
from activation.service.overview.tallying import Tally
from activation.service.tracing.keeping import Traces

SECRET = "pw-Tr0ub4dor"


@pytest.fixture
def lines():
    """What is logged, as it would be written."""
    out = io.StringIO()
    structlog.configure(
        processors=[structlog.processors.add_log_level, name_exception, structlog.processors.JSONRenderer()],
        logger_factory=structlog.PrintLoggerFactory(out),
    )
    yield lambda: [json.loads(line) for line in out.getvalue().splitlines()]
    structlog.reset_defaults()


async def nothing_missing():
    return ""


def surroundings(**fields):
    return Surroundings(TrustedProxies(), (), nothing_missing, **fields)


@pytest.fixture
async def serve():
    """Serve one endpoint behind the guard."""
    clients = []

    async def start(endpoint, path="/v1/things/{thing}", **fields):
        application = web.Application(middlewares=[guard], client_max_size=MAX_BODY + 1)
        application[DESK] = SimpleNamespace(traces=Traces(), tally=Tally(), clock=Clock())
        application[SURROUNDINGS] = surroundings(**fields)
        application.router.add_route("POST", path, handler_of(endpoint))
        server = TestServer(application)
        await server.start_server(lingering_time=0.2)
        client = TestClient(server)
        clients.append(client)
        return client

    yield start
    for client in clients:
        await client.close()


async def echo(call):
    return Reply(200, await read_json(call))


def raises(error):
    async def endpoint(_call):
        raise error

    return endpoint


JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    "error",
    [
        ValueError(f"cannot use {SECRET}"),
        KeyError(SECRET),
        LookupError(SECRET),
        RuntimeError(SECRET),
        AssertionError(SECRET),
        UnicodeEncodeError("utf-8", SECRET, 0, 1, SECRET),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_an_unexpected_error_is_temporary_and_logged_without_its_message(serve, lines, error):
    client = await serve(raises(error))
    response = await client.post(f"/v1/things/{SECRET}?q={SECRET}", data=b"{}", headers=JSON)
    assert (response.status, response.headers["Retry-After"]) == (503, "5")
    body = await response.json(content_type="application/problem+json")
    assert (body["code"], body["retryable"]) == ("unavailable", True)
    failed, refused = lines()
    assert (failed["event"], failed["error"], failed["level"]) == ("failed", type(error).__name__, "error")
    assert any(place.endswith(" endpoint") and ".py:" in place for place in failed["at"])
    assert failed["trace_id"] == refused["trace_id"] == body["trace_id"]
    assert failed["route"] == "POST /v1/things/{thing}"
    assert SECRET not in json.dumps([failed, refused])
    assert SECRET not in await response.text()


async def test_a_chain_of_errors_is_not_quoted_either(serve, lines):
    async def endpoint(_call):
        try:
            raise ValueError(SECRET)
        except ValueError as first:
            raise RuntimeError(SECRET) from first

    await (await serve(endpoint)).post("/v1/things/1")
    assert lines()[0]["error"] == "RuntimeError"
    assert SECRET not in json.dumps(lines())


@pytest.mark.parametrize(
    ("error", "status", "code", "facts"),
    [
        (refuse(Refusal.FORBIDDEN, "No."), 403, "forbidden", {}),
        (refuse(Refusal.UNAVAILABLE, "Later.", retry_after_s=7), 503, "unavailable", {}),
        (MalformedError("device.name", "Too long."), 400, "malformed", {"field": "device.name"}),
        (MalformedError("", "No JSON."), 400, "malformed", {"field": ""}),
    ],
)
async def test_each_error_becomes_its_problem(serve, lines, error, status, code, facts):
    response = await (await serve(raises(error))).post("/v1/things/1")
    assert response.status == status
    assert response.content_type == "application/problem+json"
    body = json.loads(await response.text())
    assert (body["status"], body["code"]) == (status, code)
    assert body.items() >= facts.items()
    assert response.headers.get("Retry-After") == ("7" if code == "unavailable" else None)
    assert SECRET not in json.dumps([body, lines()])


async def test_unknown_addresses_and_methods_are_problems_too(serve):
    client = await serve(echo, "/v1/known")
    for method, path, code in (("GET", "/v1/known", "method_not_allowed"), ("POST", "/x", "not_found")):
        response = await client.request(method, path)
        assert json.loads(await response.text())["code"] == code
    assert (await client.get("/v1/known")).headers["Allow"] == "POST"


@pytest.mark.parametrize(
    ("path", "scheme"),
    [
        ("/v1/licenses", "Basic"),
        ("/v1/me/x", "Basic"),
        ("/v1/staff/x", "Bearer"),
        ("/v1/reseller/x", "Bearer"),
        ("/v1/self/x", "Bearer"),
    ],
)
async def test_wrong_credentials_name_the_scheme(serve, path, scheme):
    client = await serve(raises(refuse(Refusal.CREDENTIALS, "Wrong.")), path)
    response = await client.post(path)
    assert response.headers["WWW-Authenticate"] == f'{scheme} realm="activation", charset="UTF-8"'


async def test_times_among_the_facts_are_told_in_rfc_3339(serve, lines):
    facts = {
        "next_at": 0,
        "since": None,
        "components": ["mac"],
        "resets": {"next_at": 60, "available": False},
    }

    async def endpoint(call):
        return problem(call, Refused(Refusal.RESET_LIMIT, "R3", "Wait.", facts=facts))

    body = json.loads(await (await (await serve(endpoint)).post("/v1/things/1")).text())
    assert body["next_at"] == "1970-01-01T00:00:00Z"
    assert body["resets"] == {"next_at": "1970-01-01T00:01:00Z", "available": False}
    assert (body["since"], body["components"]) == (None, ["mac"])
    (line,) = lines()
    assert line == {
        "event": "refused",
        "level": "info",
        "code": "reset_limit",
        "rule": "R3",
        "route": "POST /v1/things/{thing}",
        "status": 409,
        "trace_id": body["trace_id"],
    }


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        (JSON, b"{}", 200),
        (JSON, b"x" * MAX_BODY, 200),
        (JSON, b"x" * (MAX_BODY + 1), 413),
        (JSON, b"x" * (10 * MAX_BODY), 413),
        ({"Content-Type": "application/json; charset=utf-8"}, b"{}", 200),
        ({"Content-Type": "APPLICATION/JSON"}, b"{}", 200),
        ({"Content-Type": "text/plain"}, b"{}", 415),
        ({"Content-Type": "application/json5"}, b"{}", 415),
        ({"Content-Type": "application/x-www-form-urlencoded"}, b"{}", 415),
        (JSON | {"Content-Encoding": "gzip"}, b"{}", 415),
        (JSON | {"Content-Encoding": "identity"}, b"{}", 415),
    ],
)
async def test_the_bounds_of_a_body(serve, headers, body, status):
    response = await (await serve(echo)).post("/v1/things/1", data=body, headers=headers)
    assert response.status == status


@pytest.mark.parametrize(("size", "status"), [(MAX_BODY, 200), (MAX_BODY + 1, 413), (5 * MAX_BODY, 413)])
async def test_a_body_of_unknown_length_has_the_same_bound(serve, size, status):
    async def chunks():
        for start in range(0, size, 1000):
            yield b"x" * min(1000, size - start)

    response = await (await serve(echo)).post("/v1/things/1", data=chunks(), headers=JSON)
    assert response.status == status


async def test_a_body_that_does_not_come_in_time_ends_the_connection(serve):
    client = await serve(echo, body_timeout_s=0.1)
    reader, writer = await asyncio.open_connection(client.host, client.port)
    writer.write(
        b"POST /v1/things/1 HTTP/1.1\r\nHost: x\r\n"
        b"Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
    )
    async with asyncio.timeout(3):
        answer = await reader.read()  # to the end: the server closes
    writer.close()
    await writer.wait_closed()
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400")
    assert json.loads(body)["detail"] == "The body did not arrive in time."


async def test_a_client_that_has_gone_is_no_failure(serve, lines):
    client = await serve(raises(ConnectionResetError("gone")))
    await client.post("/v1/things/1")
    assert not [line for line in lines() if line["event"] == "failed"]


async def test_every_request_has_a_name_of_its_own_and_an_address(serve):
    async def endpoint(call):
        caller = call.caller()
        return respond({"trace_id": caller.trace_id, "address": caller.address})

    client = await serve(endpoint)
    answers = [await (await client.post("/v1/things/1")).json() for _ in range(3)]
    assert len({answer["trace_id"] for answer in answers}) == 3
    assert {answer["address"] for answer in answers} == {"127.0.0.1"}


def test_name_exception_never_quotes_messages():
    try:
        make_credential(b"", SECRET, "\udc00" + SECRET)
    except UnicodeEncodeError as error:
        for given in (error, True):
            entry = name_exception(None, "error", {"event": "failed", "exc_info": given})
            assert entry["error"] == "UnicodeEncodeError"
            assert SECRET not in json.dumps(entry)
            assert any("hash_secret" in place for place in entry["at"])
    assert name_exception(None, "info", {"event": "fine"}) == {"event": "fine"}
    assert name_exception(None, "info", {"event": "fine", "exc_info": None}) == {"event": "fine"}


def test_the_libraries_warnings_are_told_without_what_they_quote(capsys):
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    aiohttp_level = logging.getLogger("aiohttp").level
    try:
        set_up_logs("info")
        logging.getLogger("some.library").warning("bad header %s", SECRET)
        logging.getLogger("some.library").info("not worth telling")
        logging.getLogger("aiohttp.server").error("quotes %s", SECRET)
        structlog.get_logger("ours").debug("not told at this level")
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        logging.getLogger("aiohttp").setLevel(aiohttp_level)
        structlog.reset_defaults()
    (line,) = map(json.loads, capsys.readouterr().err.splitlines())
    assert (line["event"], line["logger"], line["level"]) == ("library", "some.library", "warning")
    assert SECRET not in json.dumps(line)
