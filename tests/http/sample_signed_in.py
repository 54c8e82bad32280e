"""Somebody who is signed in, and calls the server with a token; an end user with login and password."""

from base64 import b64encode

NOTHING = {}


def owner_of(login, password):
    """Return the headers of an end user's request."""
    return {"Authorization": f"Basic {b64encode(f'{login}:{password}'.encode()).decode()}"}


class SignedIn:
    """A client of the server with somebody's token; `under` is what every path begins with."""

    def __init__(self, client, token, under="/v1/staff/"):
        self.client, self.token, self.under = client, token, under

    def headers(self, key=None):
        headers = {"Authorization": f"Bearer {self.token}"}
        return headers if key is None else {**headers, "Idempotency-Key": key}

    async def get(self, path, **query):
        reply = await self.client.get(self.under + path, params=query, headers=self.headers())
        return reply.status, await reply.json()

    async def post(self, path, message=NOTHING, key=None):
        reply = await self.client.post(self.under + path, json=message, headers=self.headers(key))
        return reply.status, await reply.json()
