"""The session's cookie as it is read, whose page asks, and what a browser is called."""

from types import SimpleNamespace

import pytest
from multidict import CIMultiDict

from activation.http.browsers import UNKNOWN, browser_of
from activation.http.calls import Call
from activation.http.cookies import refuse_foreign, refuse_forged, session_token_of
from activation.http.guarding import RefusedError
from activation.service.identity.session_tokens import csrf_of

TOKEN = "ses_" + "x" * 43


def call(*headers):
    desk = SimpleNamespace(public_url="https://people.example/licences")
    return Call(desk, SimpleNamespace(), "POST /v1/self/sign-out", CIMultiDict(headers), "127.0.0.1")


@pytest.mark.parametrize(
    ("headers", "token"),
    [
        ([f"__Host-session={TOKEN}"], TOKEN),
        ([f"theme=dark; __Host-session={TOKEN}; lang=en"], TOKEN),
        (["theme=dark", f"__Host-session={TOKEN}"], TOKEN),
        ([f"session={TOKEN}"], None),
        ([f"__host-session={TOKEN}"], None),
        ([f"__Secure-session={TOKEN}"], None),
        (["__Host-session="], None),
        ([f"__Host-session={'x' * 257}"], None),
        (["__Host-session=sésé"], None),
        ([], None),
    ],
)
def test_the_cookie_is_read_by_its_whole_name(headers, token):
    assert session_token_of(call(*(("Cookie", one) for one in headers))) == token


@pytest.mark.parametrize(
    ("host", "origin", "is_own"),
    [
        ("licences.example", "https://licences.example", True),
        ("licences.example", "https://LICENCES.example", True),
        ("licences.example:8443", "https://licences.example:8443", True),
        ("localhost:8080", "http://localhost:8080", True),
        ("127.0.0.1:8080", "http://127.0.0.1:8080", True),
        ("[::1]:8080", "http://[::1]:8080", True),
        ("behind-a-proxy:8080", "https://people.example", True),
        ("licences.example", "http://licences.example", False),
        ("licences.example", "https://licences.example:444", False),
        ("licences.example", "https://licences.example.evil.example", False),
        ("licences.example", "https://evil.example/licences.example", False),
        ("licences.example", "https://licences.example@evil.example", False),
        ("localhost:8080", "http://localhost:8081", False),
        ("licences.example", "null", False),
        ("licences.example", "https://[", False),
        ("", "https://", False),
        ("", "", False),
    ],
)
def test_our_own_page_is_known_by_its_whole_origin(host, origin, is_own):
    headers = [("Host", host), ("Origin", origin), ("X-CSRF-Token", csrf_of(TOKEN))]
    if is_own:
        refuse_forged(call(*headers), TOKEN)
    else:
        with pytest.raises(RefusedError):
            refuse_forged(call(*headers), TOKEN)


@pytest.mark.parametrize("shown", [None, "", "x", csrf_of(TOKEN)[:-1], csrf_of(TOKEN + "x"), "\udcff"])
def test_a_page_of_ours_sends_the_token_that_goes_with_its_session(shown):
    headers = [("Host", "a.example"), ("Origin", "https://a.example")]
    headers += [] if shown is None else [("X-CSRF-Token", shown)]
    with pytest.raises(RefusedError):
        refuse_forged(call(*headers), TOKEN)


def test_programs_that_sign_in_send_no_origin():
    refuse_foreign(call(("Host", "a.example")))
    with pytest.raises(RefusedError):
        refuse_foreign(call(("Host", "a.example"), ("Origin", "https://b.example")))


def test_two_origins_are_not_ours():
    """aiohttp hands out the first of two headers: a proxy that adds one does not make a page ours."""
    with pytest.raises(RefusedError):
        refuse_foreign(
            call(("Host", "a.example"), ("Origin", "https://a.example"), ("Origin", "https://b.example"))
        )


CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (f"{CHROME} Safari/537.36", "Chrome 140, Windows"),
        (f"{CHROME} Safari/537.36 Edg/140.0.0.0", "Edge 140, Windows"),
        (f"{SAFARI} Version/18.5 Mobile/15E148 Safari/604.1", "Safari 18, iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox 140, Linux"),
        ("curl/8.14.1", "curl 8"),
        ("Elena's own browser 7", UNKNOWN),
        ("", UNKNOWN),
    ],
)
def test_a_browser_is_told_in_few_words_and_nothing_else_of_it(user_agent, name):
    assert browser_of(user_agent) == name
