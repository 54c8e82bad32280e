"""What mails say, that all that is written has its text, and which SMTP servers are taken."""

import ast
from pathlib import Path

import pytest

from activation.licensing.trying import next_try
from activation.service.mailing.post import read_post
from activation.service.mailing.sealing import SealBrokenError, unseal
from activation.service.mailing.texts import (
    UnwritableError,
    places_of,
    template_names,
    write_letter,
)
from activation.storage.outgoing.mails import Recipient

SOURCES = Path(__file__).parents[2] / "activation"
ANN = "ann@example.org"


@pytest.mark.parametrize("broken", ["", "no base 64!", "QUJD"])
def test_what_was_not_sealed_does_not_open(broken):
    with pytest.raises(SealBrokenError):
        unseal(bytes(32), broken)


@pytest.mark.parametrize(
    ("template", "params", "reason"),
    [
        ("no_such", {}, "there is no template 'no_such'"),
        ("../texts", {}, "there is no template"),
        ("fee_due", {"amount": "1.00"}, "the parameter (charge_id|due_at) is missing"),
    ],
)
def test_a_mail_that_cannot_be_written_says_why(template, params, reason):
    with pytest.raises(UnwritableError, match=reason):
        write_letter(template, params, Recipient())


def test_times_are_written_out_and_nothing_breaks_out_of_the_subject():
    params = {"version": "2\r\nBcc: x@y.z", "effective_at": 1_795_600_000}
    letter = write_letter("terms_announced", params, Recipient(name="Ann"))
    assert letter.subject == "New terms from 25 November 2026, 09:46 UTC"
    assert letter.body.startswith("Hello Ann,")
    later = write_letter(
        "terms_announced", {"version": "2", "effective_at": "2026-12-01T00:00:00Z"}, Recipient()
    )
    assert later.subject == "New terms from 1 December 2026, 00:00 UTC"


@pytest.mark.parametrize("name", template_names())
def test_every_template_has_a_subject_and_can_be_filled(name):
    letter = write_letter(name, dict.fromkeys(places_of(name), "something"), Recipient("login", "Ann", ANN))
    assert letter.subject
    assert "$" not in letter.subject + letter.body
    assert ANN not in letter.body
    assert max(map(len, letter.body.splitlines())) < 120


WRITERS = ("mail", "write_mail", "mail_of")


def written_mails():
    """Every template that the code names, with all texts of that function: its parameters among them."""
    functions = [
        function
        for path in SOURCES.rglob("*.py")
        for function in ast.walk(ast.parse(path.read_text()))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    shared = {text for one in functions if one.name == "mail_of" for text in texts_in(one)}
    shared |= {text for one in functions for call in calls_in(one, ("seal",)) for text in texts_in(call)}
    for function in functions:
        for call in calls_in(function, WRITERS):
            for argument in call.args:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    yield argument.value, texts_in(function) | shared


def calls_in(node, names):
    for call in ast.walk(node):
        if isinstance(call, ast.Call):
            called = call.func
            if (called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")) in names:
                yield call


def texts_in(node):
    constants = (one.value for one in ast.walk(node) if isinstance(one, ast.Constant))
    return {one for one in constants if isinstance(one, str)}


def test_every_mail_that_the_code_writes_has_a_template_and_what_that_needs():
    """Whoever writes `work.mail(…, "name", …)` writes the template with it."""
    written = list(written_mails())
    assert len(written) > 10
    assert {name for name, _ in written} - set(template_names()) == set()
    lacking = {name: places_of(name) - texts for name, texts in written if places_of(name) - texts}
    assert lacking == {}


def test_pauses_grow_and_end():
    assert [next_try(tries, 0) for tries in range(1, 7)] == [60, 300, 1800, 7200, 43200, None]
    assert next_try(99, 0) is None


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("smtp://mail.example.com", (587, False, True)),
        ("smtps://u:p%40w@mail.example.com", (465, True, False)),
        ("smtp://localhost:2525", (2525, False, None)),
        ("smtp://relay:25?tls=never", (25, False, False)),
    ],
)
def test_a_connection_to_another_machine_is_encrypted_unless_told_otherwise(url, found):
    post = read_post(url, "a@b.c")
    assert (post.port, post.tls, post.start_tls) == found
    assert post.password in (None, "p@w")
    assert "p@w" not in repr(post)


@pytest.mark.parametrize(
    ("url", "sender", "reason"),
    [
        ("http://mail", "a@b.c", "smtp://USER"),
        ("smtp://", "a@b.c", "smtp://USER"),
        ("smtp://x:port", "a@b.c", "smtp://USER"),
        ("smtp://mail", "", "mail_from"),
        ("smtp://mail", "a@b.c\r\nBcc: x@y.z", "mail_from"),
        ("smtp://u:geheim@mail?tls=never", "a@b.c", "in the clear"),
        ("smtp://mail?tls=maybe", "a@b.c", "tls=never"),
        ("smtp://mail?verify=no", "a@b.c", "smtp://USER"),
    ],
)
def test_a_bad_post_is_refused_with_its_reason_and_without_its_password(url, sender, reason):
    with pytest.raises(ValueError, match=reason) as caught:
        read_post(url, sender)
    assert "geheim" not in str(caught.value)
