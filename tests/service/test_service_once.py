"""Idempotency-Key: one request, done once, answered alike, whatever crashes or comes twice."""

import asyncio
import json
from collections import Counter

import pytest
from multidict import CIMultiDict

from activation.app import surroundings_of
from activation.http.acting import ActRoute
from activation.http.calls import Call
from activation.http.guarding import answer
from activation.licensing.events import EventKind
from activation.licensing.roles import Act
from activation.licensing.verdicts import Refusal, Refused
from activation.storage.idempotency import KEPT_S, forget_old_keys

ABOUT = 4711
PATH = "/v1/staff/tests"


class Deed:
    """A use case that writes an event each time it is done, and answers with what it never says twice."""

    def __init__(self):
        self.done = 0
        self.refuses = None
        self.crashes = False

    async def __call__(self, work, call, body):
        self.done += 1
        await work.tell(EventKind.PRODUCT_CHANGED, ABOUT, "test", {"number": self.done})
        if self.refuses:
            later = {} if self.refuses is Refusal.CONFLICT else {"retry_after_s": 1}
            return Refused(self.refuses, "test", "Not today.", facts={"tries": self.done, **later})
        if self.crashes:
            me = await work.connection.fetchval("SELECT pg_backend_pid()")
            async with work.desk.pool.acquire() as other:
                await other.execute("SELECT pg_terminate_backend($1)", me)
            await work.connection.execute("SELECT 1")
        return {"number": self.done, "said": json.loads(body)}


class Desk:
    """Where people come with a key and a wish."""

    def __init__(self, office, deed):
        self.office, self.deed = office, deed
        self.endpoint = ActRoute("POST", PATH, Act.RESET, deed, 201).endpoint()
        self.surroundings = surroundings_of(office.settings, office.desk)

    async def ask(self, person, key="k-1", body=b'{"wish": 1}', path=None):
        headers = {"Authorization": f"Bearer {person.token}", "Content-Type": "application/json"}
        if key is not None:
            headers["Idempotency-Key"] = key
        call = Call(
            self.office.desk,
            self.surroundings,
            f"POST {PATH}",
            CIMultiDict(headers),
            "127.0.0.1",
            body,
            path=path or {},
        )
        return await answer(call, self.endpoint)

    async def events(self):
        [[count]] = await self.office.fetch("SELECT count(*) FROM event WHERE about = $1", ABOUT)
        return count

    async def keys(self):
        [[count]] = await self.office.fetch("SELECT count(*) FROM idempotency")
        return count


@pytest.fixture
def deed():
    return Deed()


@pytest.fixture
def desk(office, deed):
    return Desk(office, deed)


@pytest.fixture
async def anna(office):
    return await office.staff("support")


@pytest.fixture
async def boris(office):
    return await office.staff("support")


def problem(reply):
    return json.loads(reply.body)


async def test_the_same_key_and_body_get_the_same_answer(desk, anna):
    first = await desk.ask(anna)
    again = await desk.ask(anna)
    assert (first.status, json.loads(first.body)) == (201, {"number": 1, "said": {"wish": 1}})
    assert again == first
    assert await desk.events() == 1


async def test_without_a_key_each_request_is_an_act_of_its_own(desk, anna):
    bodies = {(await desk.ask(anna, None)).body for _ in range(3)}
    assert len(bodies) == 3
    assert (await desk.events(), await desk.keys()) == (3, 0)


async def test_another_body_under_the_key_is_refused_and_changes_nothing(desk, anna):
    first = await desk.ask(anna)
    other = await desk.ask(anna, body=b'{"wish": 2}')
    assert (other.status, problem(other)["code"]) == (422, "idempotency_mismatch")
    assert await desk.ask(anna) == first
    assert await desk.events() == 1


async def test_the_same_body_for_another_thing_under_the_key_is_refused(desk, anna):
    assert (await desk.ask(anna, path={"license_id": "one"})).status == 201
    assert (await desk.ask(anna, path={"license_id": "two"})).status == 422


async def test_after_a_day_the_key_is_a_new_one(office, desk, anna):
    first = await desk.ask(anna)
    office.desk.clock.shift_s = KEPT_S - 60
    assert await desk.ask(anna) == first
    office.desk.clock.shift_s = KEPT_S + 1
    second = await desk.ask(anna, body=b'{"wish": 2}')
    assert (second.status, json.loads(second.body)["number"]) == (201, 2)
    assert await desk.ask(anna, body=b'{"wish": 2}') == second
    assert await desk.events() == 2


async def test_old_keys_are_forgotten_and_young_ones_kept(office, desk, anna):
    first = await desk.ask(anna, "old")
    office.desk.clock.shift_s = KEPT_S + 60
    young = await desk.ask(anna, "young")
    async with office.desk.pool.acquire() as connection:
        assert await forget_old_keys(connection, await office.desk.clock.now(connection)) == 1
    assert await desk.keys() == 1
    assert await desk.ask(anna, "young") == young
    assert (await desk.ask(anna, "old")).body != first.body


async def test_twenty_at_once_with_one_key_do_it_once(desk, anna):
    replies = await asyncio.gather(*(desk.ask(anna) for _ in range(20)))
    assert Counter(reply.status for reply in replies) == {201: 20}
    assert len({reply.body for reply in replies}) == 1
    assert await desk.events() == 1


async def test_twenty_at_once_with_two_bodies_do_one_of_them(desk, anna):
    bodies = [b'{"wish": %d}' % (n % 2) for n in range(20)]
    replies = await asyncio.gather(*(desk.ask(anna, body=body) for body in bodies))
    assert Counter(reply.status for reply in replies) == {201: 10, 422: 10}
    assert await desk.events() == 1


async def test_a_crash_before_the_commit_leaves_nothing_and_the_retry_does_it(desk, deed, anna):
    deed.crashes = True
    lost = await desk.ask(anna)
    assert (lost.status, problem(lost)["code"]) == (503, "unavailable")
    assert int(lost.headers["Retry-After"]) > 0
    assert (await desk.events(), await desk.keys()) == (0, 0)
    deed.crashes = False
    done = await desk.ask(anna)
    assert done.status == 201
    assert await desk.ask(anna) == done
    assert (await desk.events(), await desk.keys()) == (1, 1)


async def test_a_refusal_is_kept_and_what_it_wrote_is_not(desk, deed, anna):
    deed.refuses = Refusal.CONFLICT
    refused = await desk.ask(anna)
    assert (refused.status, problem(refused)["tries"]) == (409, 1)
    deed.refuses = None
    assert await desk.ask(anna) == refused
    assert (await desk.events(), await desk.keys(), deed.done) == (0, 1, 1)
    assert (await desk.ask(anna, "k-2")).status == 201


async def test_an_answer_for_now_is_not_kept(desk, deed, anna):
    deed.refuses = Refusal.UNAVAILABLE
    assert (await desk.ask(anna)).status == 503
    deed.refuses = Refusal.RATE_LIMITED
    assert (await desk.ask(anna)).status == 429
    assert (await desk.events(), await desk.keys()) == (0, 0)
    deed.refuses = None
    assert (await desk.ask(anna)).status == 201
    assert (await desk.events(), await desk.keys()) == (1, 1)


async def test_the_keys_of_two_persons_do_not_meet(desk, anna, boris):
    hers = await desk.ask(anna)
    his = await desk.ask(boris, body=b'{"wish": 2}')
    assert (hers.status, his.status) == (201, 201)
    assert await desk.events() == 2
    assert await desk.ask(anna) == hers


async def test_who_may_not_act_uses_up_no_key(office, desk):
    auditor = await office.staff("auditor")
    assert (await desk.ask(auditor)).status == 403
    assert await desk.keys() == 0


@pytest.mark.parametrize("key", ["", "x" * 256, "nå", "a\tb", "a\x7f"])
async def test_a_bad_key_is_named_and_nothing_is_done(desk, deed, anna, key):
    reply = await desk.ask(anna, key)
    assert (reply.status, problem(reply)["field"]) == (400, "Idempotency-Key")
    assert deed.done == 0


@pytest.mark.parametrize("key", ["x", "x" * 255, "with blanks ~!"])
async def test_every_printable_key_of_up_to_255_characters_is_taken(desk, anna, key):
    first = await desk.ask(anna, key)
    assert first.status == 201
    assert await desk.ask(anna, key) == first
