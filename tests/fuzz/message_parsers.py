"""Parsers of what comes over the wire or in files: messages, credentials, ids, rows, armour, webhooks."""

import importlib
import pkgutil
import tempfile
from collections.abc import Callable
from inspect import signature
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import msgspec
from message_samples import sample_message, shortest_message
from parsing import Parser, chosen, seeds_for, text_of
from vector_seeds import behind, contents, texts

import activation.messages
from activation.http.guarding import RefusedError
from activation.http.naming import MOST, page_of
from activation.http.reselling.pools import number_of
from activation.licensing.devices.kinds import KINDS
from activation.licensing.devices.normalising import normalise
from activation.licensing.identifiers import LICENSE, account_of_login, from_text, to_text
from activation.messages import reselling
from activation.messages.armour import read_armour, write_armour
from activation.messages.assignments import read_csv
from activation.messages.credentials import parse_basic, parse_bearer
from activation.messages.offline_files import (
    REQUEST,
    OfflineRequest,
    read_certificate_file,
    read_request_file,
)
from activation.messages.requests import ActivationRequest, Device
from activation.messages.resets import parse_state
from activation.messages.strict import MalformedError
from activation.messages.times import from_rfc3339
from activation.service.hooking.signing import sign, why_not
from activation.service.importing.lines import NotAListError, Reading, read_lines
from activation.service.purchasing.verifying import verify_message

SECRET = b"s" * 32
SCRATCH = Path(tempfile.mkdtemp(prefix="fuzz-"))
LISTED = Reading({"zoiper-pro": 1}, {}, 1_760_000_400)


def read_decoders(module: ModuleType) -> dict[Callable[[bytes], object], type]:
    """Return a module's `parse_…(body)` by the message that each reads, as its annotations name them."""
    return {
        function: _struct_of(module, function)
        for name, function in sorted(vars(module).items())
        if name.startswith("parse_")
        and getattr(function, "__module__", "") == module.__name__
        and [parameter.annotation for parameter in signature(function).parameters.values()] == [bytes]
    }


def _struct_of(module: ModuleType, function: Any) -> Any:
    """Return the type behind `decode(_NAME, …)` in the function: the decoder is a constant of the module."""
    name = next(
        name for name in function.__code__.co_names if isinstance(getattr(module, name, None), DECODER)
    )
    return getattr(module, name).type


DECODER = msgspec.json.Decoder


def feed_messages(readers: list[Callable[[bytes], object]]) -> Callable[[bytes], None]:
    def feed(data: bytes) -> None:
        which, body = chosen(data, len(readers))
        _use(readers[which](body))

    return feed


def _use(message: object) -> None:
    """Do with a message what is done first with it."""
    if isinstance(message, ActivationRequest | OfflineRequest):
        assert 0 <= message.major <= 9999
    device = getattr(message, "device", None)
    if isinstance(device, Device):
        for kind, value in device.components.items():
            for text in [value] if isinstance(value, str) else value:
                normalise(kind, text)


def module_parsers() -> list[Parser]:
    parsers = []
    for found in pkgutil.iter_modules(activation.messages.__path__):
        module = importlib.import_module(f"activation.messages.{found.name}")
        decoders = read_decoders(module)
        if decoders:
            kinds = decoders.values()
            samples = seeds_for(*map(sample_message, kinds)) + seeds_for(*map(shortest_message, kinds))
            parsers.append(
                Parser(f"messages: {found.name}", feed_messages([*decoders]), samples, (MalformedError,))
            )
    return parsers


RESELLING = [
    kind
    for _, kind in sorted(vars(reselling).items())
    if isinstance(kind, type)
    and issubclass(kind, msgspec.Struct)
    and kind.__module__ == reselling.__name__
    and kind.__struct_config__.forbid_unknown_fields
]


def feed_reselling(data: bytes) -> None:
    which, body = chosen(data, len(RESELLING))
    message: Any = reselling.parse(RESELLING[which], body)
    for name in ("paid_at", "effective_at"):
        if hasattr(message, name):
            reselling.time_of(getattr(message, name), name)
    for name in ("amount", "discount"):
        if isinstance(getattr(message, name, None), str):
            reselling.amount_of(getattr(message, name))


def feed_credentials(data: bytes) -> None:
    header = data.decode("latin-1")
    basic = parse_basic(header)
    if basic is not None:
        assert ":" not in basic.login
        assert account_of_login(basic.login) < 2**63
    assert basic is None or parse_bearer(header) is None


def feed_identifier(data: bytes) -> None:
    text = text_of(data)
    number = from_text(LICENSE, text)
    assert number is None or (0 <= number < 2**63 and to_text(LICENSE, number) == text)


def feed_page(data: bytes) -> None:
    limit, _, after = text_of(data).partition("&")
    call: Any = SimpleNamespace(query={"limit": limit, "after": after})
    assert 0 < page_of(call, LICENSE)[1] <= MOST


def feed_number(data: bytes) -> None:
    call: Any = SimpleNamespace(query={"major": text_of(data)})
    assert 0 <= number_of(call, "major", 32_767) <= 32_767


def feed_time(data: bytes) -> None:
    from_rfc3339(text_of(data))


def feed_state(data: bytes) -> None:
    parse_state(text_of(data))


def feed_component(data: bytes) -> None:
    which, rest = chosen(data, len(KINDS))
    kind, value = sorted(KINDS)[which], text_of(rest)
    canonical = normalise(kind, value)
    assert canonical is None or normalise(kind, canonical) == canonical


def feed_rows(data: bytes) -> None:
    for row in read_csv(data.decode("utf-8", "replace")):  # it comes in JSON, which has no lone surrogates
        assert isinstance(row, MalformedError) or bool(row.login) != bool(row.email)


def feed_list(data: bytes) -> None:
    path = SCRATCH / "list.csv"
    path.write_bytes(data)
    for number, _ in enumerate(read_lines(path, LISTED)):
        assert number <= data.count(b"\n")


def feed_armour(data: bytes) -> None:
    content = read_armour(REQUEST, data)
    assert read_armour(REQUEST, write_armour(REQUEST, content).encode()) == content


def feed_offline_files(data: bytes) -> None:
    which, rest = chosen(data, 2)
    (read_request_file, read_certificate_file)[which](rest)


def feed_webhook(data: bytes) -> None:
    head, _, body = data.partition(b"\n")
    names = ("webhook-id", "webhook-timestamp", "webhook-signature")
    headers = dict(zip(names, head.decode("latin-1").split("|"), strict=False))
    event = verify_message(SECRET, headers, body, 1_760_000_000)
    assert event is None or sign(SECRET, event, 1_760_000_000, body)["webhook-id"] == event


def feed_url(data: bytes) -> None:
    assert why_not(text_of(data)) is None or data[:8] != b"https://" or why_not(text_of(data))


LONG_NUMBERS = (b"000000000001999999", b"000000000001" + b"9" * 5000)
"""Found: only the first digits of a number were looked at."""
_SIGNED = "|".join(sign(SECRET, "msg_1", 1_760_000_000, b"{}").values()).encode() + b"\n{}"
PARSERS = [
    *module_parsers(),
    Parser(
        "messages: reselling", feed_reselling, seeds_for(*map(sample_message, RESELLING)), (MalformedError,)
    ),
    Parser("credentials", feed_credentials, (b"Basic YW5uYTpzZWNyZXQ=", b"Bearer abc", b"basic  Og==")),
    Parser("identifiers", feed_identifier, (to_text(LICENSE, 2**62 + 12345).encode(),)),
    Parser("pages", feed_page, (b"100&lic_0123456789abc", *LONG_NUMBERS), (RefusedError,)),
    Parser("numbers of a query", feed_number, (b"5", *LONG_NUMBERS), (RefusedError,)),
    Parser("times", feed_time, (b"2026-11-22T15:45:00Z", b"2026-11-22T15:45:00.5+02:00"), (ValueError,)),
    Parser("states", feed_state, (b"waiting",), (MalformedError,)),
    Parser(
        "components",
        feed_component,
        tuple(seed for place in range(len(KINDS)) for seed in behind(place, texts("normalisation", "value"))),
    ),
    Parser(
        "rows of CSV",
        feed_rows,
        (
            b"product,major,login\nzoiper-pro,5,a\n",
            b'\xef\xbb\xbfproduct;major;email;name\np;5;a@b.c;"x\ny"\n',
        ),
        (MalformedError,),
    ),
    Parser(
        "an earlier system's list",
        feed_list,
        (b"login,product,quantity,since,major\na,zoiper-pro,1,2019-03-31,5\nb,x,1,2019-03-31T10:00:00Z,\n",),
        (NotAListError,),
    ),
    Parser("armour", feed_armour, contents("offline_requests", "file"), (MalformedError,)),
    Parser(
        "offline files",
        feed_offline_files,
        (
            *behind(0, contents("offline_requests", "file")),
            *behind(1, contents("offline_certificates", "file")),
        ),
        (MalformedError,),
    ),
    Parser("webhooks", feed_webhook, (_SIGNED,)),
    Parser("URLs of webhooks", feed_url, (b"https://example.net:8443/hook?x=1", b"http://[::1]:80/")),
]
