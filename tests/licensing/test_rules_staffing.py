"""What admins may not do to staff, and which passwords people may not choose."""

import pytest

from activation.licensing.identity.passwords import refuse_chosen
from activation.licensing.identity.staffing import SYSTEM, Change, refuse_change
from activation.licensing.roles import Role

ANN, BEN, SAM = 1, 2, 3


def code(refused):
    return None if refused is None else refused.code


@pytest.mark.parametrize("change", list(Change))
def test_nobody_does_to_themselves_what_admins_do(change):
    assert code(refuse_change(change, ANN, ANN, {ANN, BEN})) == "forbidden"
    assert code(refuse_change(change, ANN, SAM, {ANN, BEN})) is None
    assert code(refuse_change(change, SYSTEM, ANN, {ANN, BEN})) is None


@pytest.mark.parametrize("change", list(Change))
def test_who_is_no_admin_any_more_changes_nobody(change):
    assert code(refuse_change(change, ANN, SAM, {BEN})) == "forbidden"
    assert code(refuse_change(change, ANN, BEN, {BEN})) == "forbidden"


@pytest.mark.parametrize(
    ("change", "role", "expected"),
    [
        (Change.SUSPENDED, Role.ADMIN, "conflict"),
        (Change.ROLE, Role.SALES, "conflict"),
        (Change.ROLE, Role.ADMIN, None),
        (Change.FACTOR_RESET, Role.ADMIN, None),
        (Change.REINSTATED, Role.ADMIN, None),
    ],
)
def test_the_last_active_admin_stays_one(change, role, expected):
    assert code(refuse_change(change, SYSTEM, ANN, {ANN}, role)) == expected
    assert refuse_change(change, SYSTEM, ANN, {ANN, BEN}, role) is None
    assert refuse_change(change, SYSTEM, SAM, {ANN}, role) is None


@pytest.mark.parametrize(
    "password",
    [
        "",
        "odd but shy",
        "x" * 129,
        "Password123456",
        "administrator-2026",
        "zoiper softphone 2026!",
        "123456789012",
        "8765432109876",
        "qwertyuiopasdfgh",
        "Abcdefghijklmnop",
        "aaaaaaaaaaaaaaa",
        "abababababab",
        "the password of anna.k, at length",
        "ANNA.K und ihr Hund",
    ],
)
def test_a_password_that_is_easy_to_guess_is_not_taken(password):
    refused = refuse_chosen(password, "anna.k")
    assert refused is not None
    assert (refused.code, refused.facts["field"]) == ("malformed", "password")
    assert not password or password not in refused.detail


@pytest.mark.parametrize(
    "password",
    ["correct horse battery", "Tr0ub4dor&3 again", "mały kotek na płotku", "七転び八起き、それでも前へ進む"],
)
def test_a_long_and_unusual_password_is_taken(password):
    assert refuse_chosen(password, "anna.k") is None


def test_a_login_of_two_letters_is_no_reason():
    assert refuse_chosen("what an odd phrase", "an") is None
