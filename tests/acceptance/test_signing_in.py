"""People sign in at a running server, with what the demo shows of them; its workers share their sessions."""

import time

import pyotp
import pytest
from acceptance_api import Api
from acceptance_server import RealServer

pytestmark = pytest.mark.asyncio(loop_scope="session")
COOKIE = "__Host-session"


class Visitor:
    """Somebody's browser, reduced to what it keeps: the cookie and the token against forged requests."""

    def __init__(self, api: Api, url: str) -> None:
        self.session, self.url = api.session, url
        self.kept: dict[str, str] = {}

    async def call(self, method: str, path: str, message: object = None) -> tuple[int, dict[str, object]]:
        headers = {"Origin": self.url, **self.kept}
        body = {} if message is None and method == "POST" else message
        async with self.session.request(method, self.url + path, json=body, headers=headers) as answer:
            told = await answer.json()
            if COOKIE in answer.cookies:
                self.kept["Cookie"] = f"{COOKIE}={answer.cookies[COOKIE].value}"
            if "csrf" in told:
                self.kept["X-CSRF-Token"] = told["csrf"]
            return answer.status, told


@pytest.mark.parametrize("who", ["admin", "reseller", "end_user"])
async def test_the_demos_people_sign_in_see_their_session_and_sign_out(
    api: Api, server: RealServer, who: str
) -> None:
    shown = server.demo["staff"].get(who) or server.demo[who]
    visitor = Visitor(api, server.url)
    credentials = {"login": shown["login"], "password": shown["password"]}
    status, told = await visitor.call("POST", "/v1/self/sign-in", credentials)
    assert status == 201, told
    if who != "end_user":
        assert told["stage"] == "second_factor"
        code = pyotp.TOTP(shown["totp_secret"]).at(int(time.time()))
        status, told = await visitor.call("POST", "/v1/self/second-factor", {"code": code})
    assert told["stage"] == "signed_in", told
    for _ in range(8):  # over as many connections, to whichever worker takes them
        assert (await visitor.call("GET", "/v1/self/sessions"))[0] == 200
    assert (await visitor.call("POST", "/v1/self/sign-out"))[0] == 200
    assert (await visitor.call("GET", "/v1/self/sessions"))[0] == 401
