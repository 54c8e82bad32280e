"""The short form of `make mutations`."""

from collections import Counter

import mutations
import pytest
from mutating import WAYS
from token_targets import OTHERS, TARGETS, Target

each_target = pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)


@each_target
def test_the_token_itself_is_believed(target: Target) -> None:
    assert mutations.judge(target, target.token) == mutations.ACCEPTED


@each_target
def test_no_mutation_is_accepted(target: Target) -> None:
    tally, accepted = mutations.mutate(target, 6000, seed=7)
    assert accepted == []
    tried = Counter(way for way, _ in tally.elements())
    assert set(tried.values()) == {6000 // len(WAYS)}


def test_the_same_seed_gives_the_same_mutations() -> None:
    first, second = (mutations.mutate(TARGETS[0], 600, seed=3)[0] for _ in range(2))
    assert first == second != mutations.mutate(TARGETS[0], 600, seed=4)[0]


def test_a_verifier_that_believes_everything_is_found_out() -> None:
    gullible = Target("gullible", TARGETS[0].token, lambda token: token)
    _, accepted = mutations.mutate(gullible, 120, seed=1)
    assert len(accepted) > 100
    assert not set(accepted) & set(OTHERS)
