"""The whole application with its console, and people at it.

* `console`: a browser without a screen, nobody signed in
* `people`: somebody of each role (tests/http/sample_people.py)
* `signed_in`: a browser in which somebody of a role is signed in
"""

import sys
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer

sys.path.append(str(Path(__file__).parents[1] / "http"))

from sample_console import ConsoleBrowser, console_pages
from sample_people import gather_people

from activation.app import surroundings_of
from activation.http.routes import make_application


@pytest.fixture
async def client(office):
    surroundings = surroundings_of(office.settings, office.desk)
    application = make_application(office.desk, surroundings, console_pages())
    async with TestClient(TestServer(application)) as started:
        yield started


@pytest.fixture
def console(client, office):
    return ConsoleBrowser(client, office)


@pytest.fixture
async def people(office, client):
    return await gather_people(office, client)


@pytest.fixture
def signed_in(client, office, people):
    async def sign_in_as(role):
        return await ConsoleBrowser(client, office).sign_in_as(role, people.ids[role])

    return sign_in_as
