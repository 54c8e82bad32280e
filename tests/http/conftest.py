"""The whole application on an office's desk, and who calls it.

* `serve`: starts one, in other surroundings where a test names them
* `client`: speaks to one as it is
* `sign_in`: somebody of staff at it, by role
"""

import dataclasses

import pytest
from aiohttp.test_utils import TestClient, TestServer
from sample_people import no_password
from sample_signed_in import SignedIn

from activation.app import surroundings_of
from activation.console.routes import CONSOLE_ENDPOINTS
from activation.http.routes import make_application


@pytest.fixture
async def serve(office):
    clients = []

    async def start(**fields):
        surroundings = dataclasses.replace(surroundings_of(office.settings, office.desk), **fields)
        client = TestClient(TestServer(make_application(office.desk, surroundings, CONSOLE_ENDPOINTS)))
        await client.start_server()
        clients.append(client)
        return client

    yield start
    for client in clients:
        await client.close()


@pytest.fixture
async def client(serve):
    return await serve()


@pytest.fixture
def sign_in(office, client):
    async def sign_in_as(role):
        return SignedIn(client, (await office.staff(role, no_password)).token)

    return sign_in_as
