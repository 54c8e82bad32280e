"""A certificate asked for again within the hour is told from memory; one that would differ never is."""

from dataclasses import replace

import pytest

from activation.service.certifying.remembering import Memo
from crypto.issuing import Issuer
from crypto.signing import SigningKey
from crypto.terms import Terms

HOUR, DAY = 3_600, 86_400
BEGIN = 1_760_000_400
DIGESTS = {"hdd_serial": (b"h" * 16,)}
CHANGES = {
    "issued_at": BEGIN + HOUR,
    "expires_at": BEGIN + 8 * DAY,
    "renew_after": BEGIN + DAY,
    "license_id": "lic_other",
    "product": "other",
    "kind": "test",
    "major": 6,
    "updates_until": BEGIN,
    "salt": b"t" * 16,
    "policy": "strict/1",
    "components": {"hdd_serial": (b"i" * 16,)},
    "device_key": b"k" * 32,
    "moves": 1,
}


class CountedKey:
    """A real signing key that counts its signatures."""

    def __init__(self):
        self.key, self.signed = SigningKey.from_seed(b"s" * 32), 0
        self.kid = self.key.kid

    def sign(self, message):
        self.signed += 1
        return self.key.sign(message)


def terms(activation_id="act_1", **changes) -> Terms:
    good = Terms(
        "issuer",
        "lic_1",
        activation_id,
        "softphone",
        BEGIN,
        BEGIN + 30 * DAY,
        BEGIN + 7 * DAY,
        "perpetual",
        5,
        None,
        b"s" * 16,
        "standard/1",
        dict(DIGESTS),
        None,
        0,
    )
    return replace(good, **changes)


@pytest.fixture
def key():
    return CountedKey()


def issuer_of(key) -> Issuer:
    return Issuer(key, "issuer", bytes(32))


def test_equal_terms_are_signed_once(key):
    memo, issuer = Memo(8), issuer_of(key)
    signed = issuer_of(CountedKey()).issue(terms())
    assert memo.issue(issuer, terms()) == memo.issue(issuer, terms()) == signed
    assert key.signed == 1


@pytest.mark.parametrize("name", CHANGES)
def test_any_other_term_is_signed_anew(key, name):
    memo, issuer = Memo(8), issuer_of(key)
    first, other = memo.issue(issuer, terms()), memo.issue(issuer, terms(**{name: CHANGES[name]}))
    assert other == issuer.issue(terms(**{name: CHANGES[name]})) != first
    assert memo.issue(issuer, terms()) == first


def test_every_term_but_the_names_is_tried():
    assert {*CHANGES, "issuer", "activation_id"} == {*Terms.__dataclass_fields__}


def test_another_issuer_signs_anew(key):
    memo = Memo(8)
    other = Issuer(SigningKey.from_seed(b"o" * 32), "issuer", bytes(32))
    assert memo.issue(issuer_of(key), terms()) != memo.issue(other, terms())


def test_terms_that_are_refused_leave_nothing(key):
    memo, issuer = Memo(8), issuer_of(key)
    with pytest.raises(ValueError, match="components"):
        memo.issue(issuer, terms(components={}))
    assert len(memo) == 0


def test_it_holds_so_many_and_forgets_the_oldest(key):
    memo, issuer = Memo(2), issuer_of(key)
    for name in ("act_1", "act_2", "act_1", "act_3"):
        memo.issue(issuer, terms(name))
    assert (len(memo), key.signed) == (2, 3)
    memo.issue(issuer, terms("act_3"))
    assert key.signed == 3
    memo.issue(issuer, terms("act_1"))
    assert key.signed == 4


def test_none_are_kept_where_none_are_wanted(key):
    memo, issuer = Memo(0), issuer_of(key)
    assert memo.issue(issuer, terms()) == memo.issue(issuer, terms())
    assert (len(memo), key.signed) == (0, 2)
