"""Ids: the same number there and back, the shard inside, nothing to misread."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activation.licensing.identifiers import (
    ACCOUNT,
    ACTIVATION,
    ALPHABET,
    LICENSE,
    NUMBER_MASK,
    RESET,
    STAFF,
    account_of_login,
    from_text,
    make_id,
    shard_of,
    to_text,
)

shards = st.integers(0, 255)
ids = st.integers(0, 2**63 - 1)
prefixes = st.sampled_from([LICENSE, ACTIVATION, RESET, ACCOUNT, STAFF])


@given(shards, st.integers(0, 2**70))
def test_an_id_carries_its_shard_and_fits_a_bigint(shard, number):
    made = make_id(shard, number)
    assert shard_of(made) == shard
    assert 0 <= made < 2**63
    assert made & NUMBER_MASK == number & NUMBER_MASK


@given(prefixes, ids)
def test_text_and_number_there_and_back(prefix, identifier):
    text = to_text(prefix, identifier)
    assert from_text(prefix, text) == identifier
    assert len(text) == 17
    assert set(text[4:]) <= set(ALPHABET)


@given(prefixes, st.text(max_size=20) | st.text(ALPHABET, min_size=13, max_size=13))
def test_whatever_is_read_is_written_the_same_way(prefix, text):
    for candidate in (text, prefix + text):
        identifier = from_text(prefix, candidate)
        assert identifier is None or to_text(prefix, identifier) == candidate


@given(ids, ids)
def test_text_sorts_like_numbers(one, other):
    assert (to_text(LICENSE, one) < to_text(LICENSE, other)) == (one < other)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "lic_",
        "lic_0000000000000 ",
        "lic_000000000000",
        "act_0000000000000",
        "LIC_0000000000000",
        "lic_000000000000O",
        "lic_000000000000o",
        "lic_000000000000l",
        "lic_000000000000\u0660",
        "lic_8000000000000",
        "lic_zzzzzzzzzzzzz",
    ],
)
def test_text_that_is_no_id_is_none(text):
    assert from_text(LICENSE, text) is None


def test_ids_by_hand():
    assert to_text(LICENSE, 0) == "lic_0000000000000"
    assert to_text(LICENSE, 2**63 - 1) == "lic_7zzzzzzzzzzzz"
    assert to_text(ACTIVATION, 33) == "act_0000000000011"


@given(st.text())
def test_a_login_names_one_account_whatever_its_case_and_blanks(login):
    account_id = account_of_login(login)
    assert 0 <= account_id < 2**63
    assert account_of_login(f"  {login}\t") == account_id
    assert account_of_login(login.casefold()) == account_id


def test_a_login_names_the_account_it_always_named():
    assert account_of_login("k7wq3-9dm2x") == account_of_login("K7WQ3-9DM2X ")
    assert account_of_login("k7wq3-9dm2x") != account_of_login("k7wq3-9dm2y")
    # Stored accounts hang on this number: it may never change.
    assert account_of_login("straße") == account_of_login("STRASSE")
