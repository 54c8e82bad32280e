"""D6: what a renewal shows of its device's key, and what shows a copy."""

import itertools
from dataclasses import replace

import pytest
from licensing.sample_holdings import DAY, Scene, device, granted, make_holding, make_license, refused, scene

from activation.licensing.attempts import Activate, By, Proof, Rebinding, Renew
from activation.licensing.deciding import decide
from activation.licensing.model import Fork, LicenseKind
from activation.licensing.verdicts import EnrolKey, Granted, RecordProof, Verdict

KEY, OTHER = bytes(32), bytes([1]) * 32
_hashes = itertools.count(1)


def proof(counter: int, key: bytes = KEY) -> Proof:
    """A proof that holds under one key."""
    hashed = next(_hashes).to_bytes(16, "big")
    return Proof(hashed, lambda by: counter if by == key else None)


def activate(on: Scene, name: str, key: bytes | None = KEY, by: By = By.OWNER) -> Granted:
    attempt = Activate(
        by, 5, device(name), "standard/1", on.new_id(), on.new_id(), f"the {name}", device_key=key
    )
    return granted(decide(attempt, on.holding, on.now, on.week))


def renew(on: Scene, held: Granted, shown: Proof | None = None, *, refuses: bool = False, **more) -> Verdict:
    ids = held.license.license_id, held.activation.activation_id
    attempt = Renew(*ids, device("laptop"), proof=shown, refuses_forks=refuses, **more)
    return decide(attempt, on.holding, on.now, on.week)


def forks(verdict: Verdict) -> list[Fork | None]:
    return [one.fork for one in verdict.changes if isinstance(one, RecordProof)]


@pytest.fixture
def desk():
    return scene()


@pytest.fixture
def held(desk):
    return activate(desk, "laptop")


@pytest.mark.parametrize("shown", [None, proof(1), proof(0, OTHER)])
@pytest.mark.parametrize("refuses", [False, True])
def test_d6_a_device_without_a_key_proves_nothing(desk, shown, refuses):
    held = activate(desk, "laptop", None)
    assert granted(renew(desk, held, shown, refuses=refuses), "R8").changes == ()
    assert held.activation.forked_at is None


def test_d6_each_proof_counts_on(desk, held):
    for counter in (1, 2, 7):
        shown = proof(counter)
        assert forks(granted(renew(desk, held, shown, refuses=True))) == [None]
        assert (held.activation.proof_counter, held.activation.proof_hash) == (counter, shown.hash)
    assert held.activation.forked_at is None


def test_d6_the_same_proof_again_is_the_same_answer_and_changes_nothing(desk, held):
    shown = proof(1)
    renew(desk, held, shown)
    for _ in range(3):
        assert granted(renew(desk, held, shown, refuses=True), "R8").changes == ()


def test_d6_the_same_proof_is_weighed_again(desk, held):
    """Its hash alone does not let it pass: it may come with another certificate."""
    shown = proof(1)
    renew(desk, held, shown)
    elsewhere = Proof(shown.hash, lambda _key: None)
    assert refused(renew(desk, held, elsewhere), "device_mismatch", "D6").facts == {"proof": "wrong_proof"}


@pytest.mark.parametrize(
    ("counters", "shown", "fork"),
    [
        ([5], proof(5), Fork.COUNTER),
        ([5], proof(4), Fork.COUNTER),
        ([], proof(0), Fork.COUNTER),
        ([], None, Fork.NO_PROOF),
        ([5], None, Fork.NO_PROOF),
    ],
)
def test_d6_a_copy_is_reported_or_refused_as_the_product_says(counters, shown, fork):
    for refuses in (False, True):
        desk = scene()
        held = activate(desk, "laptop")
        for counter in counters:
            renew(desk, held, proof(counter))
        before = held.activation.proof_counter, held.activation.proof_hash
        verdict = renew(desk, held, shown, refuses=refuses)
        if refuses:
            assert refused(verdict, "device_mismatch", "D6").facts == {"proof": fork}
        else:
            granted(verdict, "R8")
        assert forks(verdict) == [fork]
        assert held.activation.forked_at == held.activation.fork_told_at == desk.now
        assert (held.activation.proof_counter, held.activation.proof_hash) == before


@pytest.mark.parametrize("refuses", [False, True])
def test_d6_a_proof_that_is_wrong_is_never_right(desk, held, refuses):
    verdict = renew(desk, held, proof(1, OTHER), refuses=refuses)
    assert refused(verdict, "device_mismatch", "D6").facts == {"proof": "wrong_proof"}
    assert forks(verdict) == [Fork.WRONG_PROOF]
    assert held.activation.proof_counter == 0


def test_d6_a_copy_is_told_once_a_day(desk, held):
    began = desk.now
    told = []
    for _ in range(10):
        told.append(forks(renew(desk, held, None)) == [Fork.NO_PROOF])
        desk.now += DAY // 4
    assert told == [True, False, False, False, True, False, False, False, True, False]
    assert (held.activation.forked_at, held.activation.fork_told_at) == (began, began + 2 * DAY)


def test_d6_two_copies_in_turn_show_within_two_renewals(desk, held):
    granted(renew(desk, held, proof(1), refuses=True))
    refused(renew(desk, held, proof(1), refuses=True), "device_mismatch", "D6")
    granted(renew(desk, held, proof(2), refuses=True))
    assert held.activation.forked_at == desk.now


def test_d6_a_forked_device_goes_on_counting_and_stays_forked(desk, held):
    renew(desk, held, None)
    since = desk.now
    desk.now += 3 * DAY
    assert forks(granted(renew(desk, held, proof(1)))) == [None]
    assert held.activation.forked_at == since


@pytest.mark.parametrize("by", [By.OWNER, By.ACTIVATOR])
def test_d6_a_password_enrols_a_key_and_replaces_one(desk, by):
    first = activate(desk, "laptop", None)
    again = activate(desk, "laptop", KEY, by)
    assert again.changes == (EnrolKey(first.activation, KEY, None),)
    renew(desk, first, proof(3))
    renew(desk, first, None)
    replaced = activate(desk, "laptop", OTHER, by)
    assert [one.before for one in replaced.changes if isinstance(one, EnrolKey)] == [KEY]
    one = first.activation
    assert (one.device_key, one.proof_counter, one.proof_hash) == (OTHER, 0, None)
    assert (one.forked_at, one.fork_told_at) == (None, None)
    granted(renew(desk, first, proof(1, OTHER), refuses=True))
    refused(renew(desk, first, proof(9, KEY)), "device_mismatch", "D6")


@pytest.mark.parametrize("key", [None, KEY])
def test_d6_no_key_or_the_same_one_changes_nothing(desk, held, key):
    renew(desk, held, proof(3))
    assert activate(desk, "laptop", key).changes == ()
    assert (held.activation.device_key, held.activation.proof_counter) == (KEY, 3)


def test_d6_another_device_is_refused_as_such_and_shows_no_copy(desk, held):
    attempt = Renew(held.license.license_id, held.activation.activation_id, device("tower"))
    verdict = refused(decide(attempt, desk.holding, desk.now, desk.week), "device_mismatch", "D2")
    assert verdict.changes == ()


def test_d6_a_build_that_is_refused_proves_nothing(desk, held):
    held.license.updates_until = 10
    verdict = refused(renew(desk, held, proof(1), released_at=11), "update_required")
    assert verdict.changes == ()


def test_r10_release_needs_no_proof_and_the_device_may_come_back_with_another_key(desk, held):
    renew(desk, held, proof(4))
    granted(desk.release(held, "laptop"), "R10")
    back = activate(desk, "laptop", OTHER)
    assert (back.activation.device_key, back.activation.proof_counter) == (OTHER, 0)


def ended_test(**more: int) -> tuple[Scene, Granted]:
    """A device whose test licence is over, and a free regular one."""
    test = make_license(1, kind=LicenseKind.TEST, ends_at=1_800_000_000 + 14 * DAY)
    desk = Scene(make_holding(test, make_license(2)))
    desk.holding.licenses[make_license(2).license_id].ends_at = 1  # not free yet
    held = activate(desk, "laptop")
    assert held.license is test
    for counter in range(1, more.get("proofs", 0) + 1):
        granted(renew(desk, held, proof(counter)))
    desk.holding.licenses[make_license(2).license_id].ends_at = None
    desk.now += 15 * DAY
    return desk, held


def test_t5_key_and_counter_go_along():
    desk, held = ended_test(proofs=3)
    rebinding = Rebinding(desk.new_id())
    bound = granted(renew(desk, held, proof(4), refuses=True, rebinding=rebinding), "T5")
    assert bound.license is not held.license
    assert (bound.activation.device_key, bound.activation.proof_counter) == (KEY, 4)
    refused(renew(desk, bound, proof(4), refuses=True), "device_mismatch", "D6")


def test_t5_the_same_proof_again_is_the_same_activation():
    desk, held = ended_test()
    shown = proof(1)
    bound = granted(renew(desk, held, shown, rebinding=Rebinding(desk.new_id())), "T5")
    again = granted(renew(desk, held, shown, refuses=True, rebinding=Rebinding(desk.new_id())), "T5")
    assert again.activation is bound.activation
    assert again.changes == ()


def test_t5_a_copy_takes_no_regular_licence_where_copies_are_refused():
    desk, held = ended_test(proofs=2)
    verdict = renew(desk, held, proof(2), refuses=True, rebinding=Rebinding(desk.new_id()))
    assert refused(verdict, "device_mismatch", "D6").changes[0].activation is held.activation
    assert held.activation.forked_at == desk.now


def test_t5_a_copy_that_is_only_reported_stays_marked():
    desk, held = ended_test(proofs=2)
    bound = granted(renew(desk, held, None, rebinding=Rebinding(desk.new_id())), "T5")
    assert forks(bound) == [Fork.NO_PROOF]
    assert (bound.activation.proof_counter, bound.activation.forked_at) == (2, desk.now)


def test_t5_without_a_key_nothing_goes_along():
    desk, held = ended_test()
    held.activation.device_key = None
    bound = granted(renew(desk, held, proof(1), rebinding=Rebinding(desk.new_id())), "T5")
    assert bound.activation.device_key is None
    assert forks(bound) == []


def test_what_is_refused_is_otherwise_kept_nowhere(desk, held):
    """A refusal without changes leaves the holding as it is."""
    held.license.ends_at = desk.now
    before = replace(held.activation)
    assert refused(renew(desk, held, proof(1)), "expired").changes == ()
    assert held.activation == before
