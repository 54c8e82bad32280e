"""How long a certificate lasts."""

from hypothesis import given
from hypothesis import strategies as st
from licensing.sample_holdings import DAY, FRIDAY, granted, scene

from activation.licensing.model import LicenseKind, Product
from activation.licensing.validity import OFFLINE_S, certificate_validity

HOUR = 3600
PRODUCT = Product(1, "softphone")

moments = st.integers(DAY, 2**33)
distances = st.none() | st.integers(-100 * DAY, 100 * DAY)


def bound(**fields):
    world = scene(**fields)
    first = granted(world.activate("laptop"))
    return first.license, first.activation


def test_thirty_days_renewed_from_the_seventh():
    validity = certificate_validity(PRODUCT, *bound(), FRIDAY + 1234)
    assert validity.issued_at == FRIDAY
    assert validity.expires_at == FRIDAY + 30 * DAY
    assert validity.renew_after == FRIDAY + 7 * DAY


def test_eight_days_renewed_daily_while_the_licence_has_moved_within_thirty_days():
    held, activation = bound(moved_at=FRIDAY, moves=1)
    for now in (FRIDAY, FRIDAY + 30 * DAY - 1):
        validity = certificate_validity(PRODUCT, held, activation, now)
        assert validity.expires_at - validity.issued_at == 8 * DAY
        assert validity.renew_after - validity.issued_at == DAY
    later = certificate_validity(PRODUCT, held, activation, FRIDAY + 30 * DAY)
    assert later.expires_at - later.issued_at == 30 * DAY


def test_five_devices_cannot_be_kept_alive_by_resets():
    """Four moves, one a week: the first device's certificate is dead before the fifth gets its own."""
    certificates = []
    held, activation = bound()
    for move in range(5):
        now = FRIDAY + move * 7 * DAY
        if move:
            held.moved_at = now
        certificates.append(certificate_validity(PRODUCT, held, activation, now))
    alive = [one for one in certificates if one.expires_at > FRIDAY + 4 * 7 * DAY]
    assert len(alive) <= 3


@given(moments, distances, distances, st.booleans(), st.sampled_from(LicenseKind))
def test_a_certificate_never_contradicts_itself(now, end, moved, online, kind):
    held, activation = bound(kind=kind)
    held.ends_at = None if end is None else max(now + 1, now + end)
    held.moved_at = None if moved is None else now + moved
    activation.online = online
    validity = certificate_validity(PRODUCT, held, activation, now)
    assert validity.issued_at == now // HOUR * HOUR
    if validity.expires_at is None:
        assert not online
        assert kind in (LicenseKind.PERPETUAL, LicenseKind.FREE)
        assert validity.renew_after == validity.issued_at + 7 * DAY
        return
    assert now < validity.expires_at or validity.expires_at == held.ends_at
    longest = 30 * DAY if online or end is None else OFFLINE_S
    assert validity.issued_at < validity.expires_at <= validity.issued_at + longest
    assert held.ends_at is None or validity.expires_at <= held.ends_at
    assert validity.issued_at <= validity.renew_after
    assert validity.renew_after <= max(validity.issued_at, validity.expires_at - DAY)
    assert validity.renew_after <= validity.issued_at + 7 * DAY


@given(moments, st.integers(0, HOUR - 1), distances)
def test_one_hour_has_one_answer(now, seconds, moved):
    begin = now - now % HOUR
    held, activation = bound()
    held.moved_at = None if moved is None else begin + moved
    at_once, later = (certificate_validity(PRODUCT, held, activation, begin + s) for s in (0, seconds))
    assert at_once == later
    assert certificate_validity(PRODUCT, held, activation, begin + HOUR) != at_once


def test_never_beyond_the_licences_end_nor_renewed_too_late():
    held, activation = bound()
    held.ends_at = FRIDAY + 5 * DAY
    validity = certificate_validity(PRODUCT, held, activation, FRIDAY)
    assert (validity.expires_at, validity.renew_after) == (FRIDAY + 5 * DAY, FRIDAY + 4 * DAY)
    held.ends_at = FRIDAY + 60
    validity = certificate_validity(PRODUCT, held, activation, FRIDAY)
    assert (validity.expires_at, validity.renew_after) == (FRIDAY + 60, FRIDAY)


def test_for_ever_for_a_perpetual_licence_activated_offline_alone():
    held, activation = bound()
    activation.online = False
    assert certificate_validity(PRODUCT, held, activation, FRIDAY).expires_at is None
    held.kind = LicenseKind.FREE
    assert certificate_validity(PRODUCT, held, activation, FRIDAY).expires_at is None
    held.kind = LicenseKind.SUBSCRIPTION
    assert certificate_validity(PRODUCT, held, activation, FRIDAY).expires_at == FRIDAY + 30 * DAY


def test_until_the_licences_end_where_nobody_renews():
    held, activation = bound(kind=LicenseKind.TEST)
    activation.online, held.ends_at, held.moved_at = False, FRIDAY + 400 * DAY, FRIDAY
    validity = certificate_validity(PRODUCT, held, activation, FRIDAY)
    assert (validity.expires_at, validity.renew_after) == (FRIDAY + 400 * DAY, FRIDAY + DAY)
    held.ends_at = FRIDAY + 4000 * DAY
    assert certificate_validity(PRODUCT, held, activation, FRIDAY).expires_at == FRIDAY + OFFLINE_S


def test_a_product_sets_its_own_times():
    product = Product(1, "p", valid_s=10 * DAY, renew_s=2 * DAY, moving_valid_s=3 * DAY, moving_renew_s=HOUR)
    held, activation = bound()
    validity = certificate_validity(product, held, activation, FRIDAY)
    assert (validity.expires_at, validity.renew_after) == (FRIDAY + 10 * DAY, FRIDAY + 2 * DAY)
    held.moved_at = FRIDAY
    validity = certificate_validity(product, held, activation, FRIDAY)
    assert (validity.expires_at, validity.renew_after) == (FRIDAY + 3 * DAY, FRIDAY + HOUR)
