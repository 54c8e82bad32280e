"""P5, P6, C2 and T2-T5 as pure rules: who may get how many licences out of a pool."""

from dataclasses import replace

import pytest

from activation.licensing.model import AccountState, LicenseKind
from activation.licensing.reselling.affiliates import Share, affiliate_limit, refuse_affiliate
from activation.licensing.reselling.assigning import (
    Giver,
    Recipient,
    refuse_assignment,
    refuse_own_use,
    why_assigned,
)
from activation.licensing.reselling.clients import ResellerKind, ResellerState
from activation.licensing.reselling.pool import Lot, PoolShortError, PoolWhy, left_of, take_oldest, without
from activation.licensing.reselling.testing import (
    refuse_tests,
    when_test_ends,
)

GIVER = Giver(ResellerKind.RESELLER, ResellerState.ACTIVE)
SHARE = Share(paid=100, given=0)
COMPANY = replace(GIVER, kind=ResellerKind.COMPANY)
CUSTOMER = Recipient(7, AccountState.OPEN, affiliated=False, own_use=False, regular_at=None)
NOW = 1_800_000_000


def code(refused):
    return refused and (refused.code, refused.rule)


@pytest.mark.parametrize(("available", "count", "refused"), [(5, 5, False), (5, 6, True), (0, 1, True)])
def test_p5_a_pool_gives_what_it_has_and_not_one_more(available, count, refused):
    answer = refuse_assignment(GIVER, CUSTOMER, SHARE, available, count)
    assert code(answer) == (("pool_exhausted", "P5") if refused else None)
    if answer:
        assert answer.facts == {"available": available, "asked": count}


def test_p5_a_closed_account_and_a_suspended_or_terminated_reseller_are_refused():
    closed = replace(CUSTOMER, state=AccountState.CLOSED)
    assert code(refuse_assignment(GIVER, closed, SHARE, 9, 1)) == ("account_closed", "L8")
    suspended = replace(GIVER, state=ResellerState.SUSPENDED)
    assert code(refuse_assignment(suspended, CUSTOMER, SHARE, 9, 1)) == ("suspended", "P8")
    terminated = replace(GIVER, state=ResellerState.TERMINATED)
    assert code(refuse_assignment(terminated, CUSTOMER, SHARE, 9, 1)) == ("forbidden", "P9")


def test_p5_licences_come_from_the_order_that_was_paid_first():
    left = [Lot(11, 3), Lot(12, 5), Lot(13, 1)]
    assert take_oldest(left, 2) == [Lot(11, 2)]
    assert take_oldest(left, 4) == [Lot(11, 3), Lot(12, 1)]
    assert take_oldest(left, 9) == left
    with pytest.raises(PoolShortError) as short:
        take_oldest(left, 10)
    assert short.value.balance == 9


def test_p5_what_is_taken_is_left_no_more():
    left = [Lot(11, 3), Lot(12, 5)]
    assert without(left, [Lot(11, 3), Lot(12, 1)]) == [Lot(12, 4)]
    assert without(left, []) == left


def test_p5_what_left_without_naming_an_order_came_from_the_oldest():
    assert left_of([Lot(11, 3), Lot(12, 0), Lot(13, 4), Lot(None, -5)]) == [Lot(13, 2)]
    assert left_of([Lot(None, 4), Lot(11, 0)]) == [Lot(None, 4)]
    assert left_of([Lot(11, 3), Lot(None, -3)]) == []


@pytest.mark.parametrize(("paid", "limit"), [(0, 0), (9, 0), (10, 1), (19, 1), (20, 2), (109, 10), (110, 11)])
def test_p6_a_tenth_of_what_was_paid_for_rounded_down(paid, limit):
    assert affiliate_limit(paid) == limit
    assert refuse_affiliate(Share(paid, 0), limit) is None
    refused = refuse_affiliate(Share(paid, 0), limit + 1)
    assert code(refused) == ("affiliate_limit", "P6")
    assert refused.facts == {"limit": limit, "given": 0}


def test_p6_counts_only_for_accounts_marked_affiliated():
    full = Share(paid=100, given=10)
    assert refuse_assignment(GIVER, CUSTOMER, full, 50, 40) is None
    affiliate = replace(CUSTOMER, affiliated=True)
    assert code(refuse_assignment(GIVER, affiliate, full, 50, 1)) == ("affiliate_limit", "P6")
    assert refuse_assignment(GIVER, affiliate, SHARE, 50, 10) is None
    assert code(refuse_assignment(GIVER, affiliate, SHARE, 50, 11)) == ("affiliate_limit", "P6")


def test_c2_a_company_uses_licences_itself_and_a_reseller_does_not():
    own = replace(CUSTOMER, own_use=True)
    assert code(refuse_assignment(GIVER, own, SHARE, 9, 1)) == ("forbidden", "C2")
    assert refuse_assignment(COMPANY, own, SHARE, 9, 1) is None
    assert code(refuse_own_use(ResellerKind.RESELLER)) == ("forbidden", "C2")
    assert refuse_own_use(ResellerKind.COMPANY) is None
    assert why_assigned(own, LicenseKind.PERPETUAL) is PoolWhy.OWN_USE
    assert why_assigned(CUSTOMER, LicenseKind.PERPETUAL) is PoolWhy.ASSIGNED
    assert why_assigned(own, LicenseKind.TEST) is PoolWhy.ASSIGNED


def test_t2_fourteen_times_24_hours_from_being_assigned():
    assert when_test_ends(NOW) == NOW + 14 * 24 * 3600


@pytest.mark.parametrize(("occasions", "refused"), [(0, None), (1, None), (2, ("test_limit", "T3"))])
def test_t3_two_occasions_and_no_third(occasions, refused):
    assert code(refuse_tests(GIVER, CUSTOMER, occasions, 50, 20)) == refused


def test_t4_only_who_never_had_a_regular_licence():
    regular = replace(CUSTOMER, regular_at=NOW)
    assert code(refuse_tests(GIVER, regular, 0, 9, 1)) == ("test_limit", "T4")


def test_t1_only_as_many_as_were_granted():
    assert refuse_tests(GIVER, CUSTOMER, 0, 3, 3) is None
    assert code(refuse_tests(GIVER, CUSTOMER, 0, 3, 4)) == ("pool_exhausted", "P5")
