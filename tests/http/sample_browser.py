"""A browser with its cookie: signs in as people do, and sends what our pages would send."""

import re

import pyotp

from activation.http.cookies import COOKIE, CSRF_HEADER


class Browser:
    """Keeps the session's cookie and the token against forged requests."""

    def __init__(self, client, office):
        self.client, self.office = client, office
        self.cookie, self.csrf = None, ""

    @property
    def origin(self):
        return f"http://{self.client.host}:{self.client.port}"

    def headers(self, **more):
        """Return what a browser sends by itself and our pages add; None leaves one out."""
        headers = {"Origin": self.origin, "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"}
        if self.cookie is not None:
            headers["Cookie"] = f"{COOKIE}={self.cookie}"
        if self.csrf:
            headers[CSRF_HEADER] = self.csrf
        return {name: value for name, value in {**headers, **more}.items() if value is not None}

    async def get(self, path):
        return await self._keep(await self.client.get(path, headers=self.headers()))

    async def post(self, path, message=None, **headers):
        sent = self.headers(**{name.replace("_", "-"): value for name, value in headers.items()})
        return await self._keep(await self.client.post(path, json=message or {}, headers=sent))

    async def _keep(self, reply):
        told = await reply.json()
        for header in reply.headers.getall("Set-Cookie", ()):
            self.cookie = re.match(rf"{COOKIE}=([^;]*);", header)[1] or None
        self.csrf = told.get("csrf", self.csrf)
        return reply.status, told

    def copy(self):
        """Return another browser with the same cookie: a thief's."""
        other = Browser(self.client, self.office)
        other.cookie, other.csrf = self.cookie, self.csrf
        return other

    async def sign_in(self, made, password=None):
        """Show login and password."""
        return await self.post(
            "/v1/self/sign-in", {"login": made.login, "password": password or made.password}
        )

    async def code(self, secret, steps=0):
        """Return the code of this moment, or of some steps of 30 s from it."""
        async with self.office.desk.pool.acquire() as connection:
            now = await self.office.desk.clock.now(connection)
        return pyotp.TOTP(secret).at(now + 30 * steps)

    async def show(self, secret, path="second-factor"):
        """Show a code that was not used yet: that of the next half minute."""
        self.office.desk.clock.shift_s += 30
        return await self.post(f"/v1/self/{path}", {"code": await self.code(secret)})

    async def enter(self, made):
        """Sign in whole."""
        status, told = await self.sign_in(made)
        if told.get("stage") == "second_factor":
            return await self.show(made.totp_secret)
        return status, told

    async def set_up(self, made):
        """Sign in for the first time: set a second factor up. Return its secret and the recovery codes."""
        await self.sign_in(made)
        _, offered = await self.post("/v1/self/enrolment")
        message = {"pending": offered["pending"], "code": await self.code(offered["secret"])}
        _, told = await self.post("/v1/self/enrolment/confirm", message)
        return offered["secret"], told["recovery_codes"]
