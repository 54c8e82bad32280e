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
        headers = {"Origin": self.origin, "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"}
        if self.cookie is not None:
            headers["Cookie"] = f"{COOKIE}={self.cookie}"
        if self.csrf:
            headers[CSRF_HEADER] = self.csrf
        return {name: value for name, value in {**headers, **more}.items() if value is not None}

    async def get(self, path, **headers):
        return await self._keep(await self.client.get(path, headers=self.headers(**headers)))

    async def post(self, path, message=None, headers=None):
        sent = self.headers(**(headers or {}))
        return await self._keep(await self.client.post(path, json=message or {}, headers=sent))

    async def _keep(self, reply):
        told = await reply.json()
        for header in reply.headers.getall("Set-Cookie", ()):
            token = re.match(rf"{COOKIE}=([^;]*);", header)[1]
            self.cookie = token or None
        self.csrf = told.get("csrf", self.csrf)
        return reply.status, told

    async def sign_in(self, made, password=None):
        """Show login and password."""
        message = {"login": made.login, "password": password or made.password}
        return await self.post("/v1/self/sign-in", message)

    async def show_code(self, made, path="second-factor"):
        """Show the code of this moment."""
        return await self.post(f"/v1/self/{path}", {"code": await self.code(made.totp_secret)})

    async def code(self, secret):
        async with self.office.desk.pool.acquire() as connection:
            now = await self.office.desk.clock.now(connection)
        return pyotp.TOTP(secret).at(now)

    async def enter(self, made):
        """Sign in whole."""
        status, told = await self.sign_in(made)
        if told.get("stage") == "second_factor":
            return await self.show_code(made)
        return status, told
