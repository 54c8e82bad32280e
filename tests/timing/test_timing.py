"""The short form of long.py, and what it compares by. Its bound on t is far beyond chance."""

import asyncio
import dataclasses
import random
from ipaddress import ip_network

import pytest
from aiohttp.test_utils import TestServer
from asking import Line
from comparing import compare, welch_t
from telling_apart import QUESTIONS, Tally, ask_all, mix

from activation.app import surroundings_of
from activation.http.routes import make_application
from activation.http.wire.addresses import TrustedProxies
from activation.service.identity.hashing import NOBODYS

COARSE = 10
HERE = TrustedProxies((ip_network("127.0.0.1"),))


@pytest.fixture
async def line(office):
    """A connection to the application, for a thread of its own."""
    surroundings = dataclasses.replace(surroundings_of(office.settings, office.desk), proxies=HERE)
    server = TestServer(make_application(office.desk, surroundings))
    await server.start_server()
    line = Line(server.port)
    yield line
    line.close()
    await server.close()


async def ask(line, what, known, samples):
    question, tally = QUESTIONS[what], Tally()
    unknown = [f"{login[:-1]}{'-' if login[-1] != '-' else '_'}" for login in known]
    first = await asyncio.to_thread(ask_all, line, question, mix(known, unknown, 10), 0, Tally())
    await asyncio.to_thread(ask_all, line, question, mix(known, unknown, samples), first, tally)
    return question, tally


async def accounts(office, count):
    return [(await office.account(3)).login for _ in range(count)]


async def staff(office, count):
    made = [(await office.staff("support")).login for _ in range(count)]
    await office.fetch("UPDATE staff SET password_phc = $1, password_hash = ''", NOBODYS)
    return made


@pytest.mark.parametrize(
    ("what", "who", "count", "samples"),
    [
        ("activation", accounts, 25, 300),
        ("sign-in", accounts, 4, 24),
        ("staff-sign-in", staff, 4, 24),
        ("link", accounts, 16, 40),
    ],
)
async def test_i3_neither_answer_nor_time_tells_who_is_a_customer(office, line, what, who, count, samples):
    known = await who(office, count)
    question, tally = await ask(line, what, known, samples)
    assert tally.same_answers(question.status), tally.told
    assert abs(tally.compared().t) < COARSE


def test_a_difference_is_found_and_chance_is_none():
    chance = random.Random(1)
    alike = [[chance.gauss(1000, 100) for _ in range(5000)] for _ in range(2)]
    slower = [took + 20 for took in alike[1]]
    assert abs(compare(*alike).t) < 4.5
    assert compare(slower, alike[0]).t > 4.5
    assert compare(alike[0], slower).t < -4.5


def test_what_was_held_up_hides_no_difference():
    chance = random.Random(2)
    one, other = ([chance.gauss(1000 + more, 50) for _ in range(2000)] for more in (15, 0))
    for taken in (one, other):
        taken[::20] = [chance.uniform(2_000, 90_000) for _ in taken[::20]]
    assert abs(welch_t(one, other)) < 4.5
    compared = compare(one, other)
    assert compared.t > 4.5
    assert compared.one_us - compared.other_us == pytest.approx(15, abs=6)
