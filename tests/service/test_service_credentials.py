"""Who asks, and ids."""

import random
import time

import pytest

from activation.licensing.attempts import Activate, By, Renew, Reset
from activation.licensing.identifiers import ALPHABET, account_of_login, shard_of
from activation.licensing.model import Account
from activation.service.credentials import (
    Credential,
    admit,
    hash_token,
    make_credential,
    who,
)
from activation.service.ids import IdSource, new_trace_id
from activation.storage.identity.people import find_token_holder

KEY = bytes(range(32))


def credential(password, login="anna"):
    return make_credential(KEY, login, password)


def account(owner="owner", activator=None):
    hashed = [credential(word).secret_hash if word is not None else None for word in (owner, activator)]
    return Account(account_of_login("anna"), *hashed)


@pytest.mark.parametrize(
    ("given", "of", "by"),
    [
        ("owner", account(), By.OWNER),
        ("wrong", account(), None),
        ("", account(), None),
        ("owner", account("owner", "activate"), By.OWNER),
        ("activate", account("owner", "activate"), By.ACTIVATOR),
        ("wrong", account("owner", "activate"), None),
        ("same", account("same", "same"), By.OWNER),
        ("owner", None, None),
    ],
)
def test_a_credential_speaks_for_whom_it_proves(given, of, by):
    assert who(credential(given), of) is by


def test_the_hash_of_nobody_proves_nothing():
    nothing = Credential(account_of_login("anna"), bytes(16))
    assert who(nothing, None) is None
    assert who(nothing, account()) is None


def test_a_password_belongs_to_one_login():
    assert credential("secret", "anna") != credential("secret", "bert")
    assert credential("secret", " ANNA ") == credential("secret", "anna")
    assert credential("secret").secret_hash != make_credential(bytes(32), "anna", "secret").secret_hash


def test_a_credential_does_not_print_its_hash():
    assert credential("secret").secret_hash.hex() not in repr(credential("secret"))
    assert repr(credential("secret").secret_hash) not in repr(credential("secret"))


@pytest.mark.parametrize("attempt", [Activate(By.OWNER, 5, {}, "", 1, 2), Reset(By.OWNER, 1, 2)])
def test_the_activation_password_asks_as_activator(attempt):
    both = account("owner", "activate")
    assert admit(attempt, credential("owner"), both) is attempt
    assert admit(attempt, credential("activate"), both).by is By.ACTIVATOR
    assert admit(attempt, credential("wrong"), both) is None
    assert admit(attempt, credential("owner"), None) is None


def test_what_a_device_asks_for_is_admitted_as_it_is():
    attempt = Renew(1, 2, {})
    assert admit(attempt, credential("activate"), account("owner", "activate")) is attempt


async def test_a_staff_token_is_found_by_its_hash_alone(office):
    made, key = await office.staff("support"), office.desk.secrets.passwords
    async with office.desk.pool.acquire() as connection:
        found = await find_token_holder(connection, hash_token(key, made.token), 0)
        assert (found.person_id, found.role, found.login) == (made.user_id, "support", made.login)
        assert await find_token_holder(connection, hash_token(key, made.token + "x"), 0) is None
        assert await find_token_holder(connection, hash_token(bytes(32), made.token), 0) is None
        stored = await connection.fetchval("SELECT token_hash FROM staff_token")
    assert stored == hash_token(key, made.token)
    assert made.token.encode() not in stored


def test_ids_are_unique_ordered_in_time_and_carry_their_shard():
    source = IdSource()
    made = [source.new(n % 256) for n in range(50_000)]
    assert len(set(made)) == len(made)
    assert all(shard_of(one) == n % 256 for n, one in enumerate(made))
    earlier = source.new(3)
    time.sleep(0.002)
    assert source.new(3) > earlier


def test_trace_ids_can_be_read_out():
    made = {new_trace_id() for _ in range(5000)}
    assert len(made) == 5000
    assert all(len(one) == 9 and one[4] == "-" and set(one) <= {*ALPHABET, "-"} for one in made)


def test_trace_ids_use_every_bit(monkeypatch):
    monkeypatch.setattr(random, "getrandbits", lambda bits: (1 << bits) - 1)
    assert new_trace_id() == "zzzz-zzzz"
    monkeypatch.setattr(random, "getrandbits", lambda bits: 1 << (bits - 1))
    assert new_trace_id() == "g000-0000"
