"""Traces: what was weighed for a refusal ends with it, and a replay never disagrees with a decision."""

import copy
import json
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from licensing.sample_holdings import (
    DAY,
    FRIDAY,
    Scene,
    device,
    granted,
    make_holding,
    make_license,
    refused,
    scene,
)

from activation.licensing.attempts import Activate, By, Proof, Rebinding, Release, Renew, Reset
from activation.licensing.deciding import decide
from activation.licensing.model import AccountState, LicenseKind, LicenseState
from activation.licensing.verdicts import Granted, Outcome, Refusal, Refused
from activation.licensing.weighing.explaining import decide_explained, explain, steps_of

NAMES = ("a", "b")
names = st.sampled_from(NAMES)
times = st.none() | st.integers(FRIDAY - 20 * DAY, FRIDAY + 20 * DAY)
devices = st.builds(
    lambda name, other, kind: device(name, **({kind: other} if kind else {})),
    names,
    names,
    st.sampled_from(["", "", "hdd_serial", "mac", "system_uuid"]),
)
licenses = st.fixed_dictionaries(
    {
        "major": st.sampled_from([5, 5, 5, 6]),
        "kind": st.sampled_from(LicenseKind),
        "device_limit": st.sampled_from([1, 1, 2]),
    }
)
later = st.fixed_dictionaries(
    {},
    optional={
        "state": st.sampled_from(LicenseState),
        "ends_at": times,
        "updates_until": times,
        "self_reset_at": times,
        "orphaned": st.booleans(),
    },
)
accounts = st.sampled_from([AccountState.OPEN] * 5 + [AccountState.CLOSED])
policies = st.sampled_from(["standard/1", "strict/1"])
whom = st.sampled_from([By.OWNER, By.OWNER, By.ACTIVATOR, By.STAFF])
proofs = st.none() | st.builds(
    lambda number, counter: Proof(bytes([number]), lambda _: counter),
    st.integers(0, 3),
    st.none() | st.integers(0, 3),
)


def make_attempt(draw, on):
    """Any attempt, on a licence of the holding or on none."""
    owned = st.sampled_from([*on.holding.licenses, *on.holding.licenses, 12345])
    known = [one.activation_id for one in activations_of(on.holding)]
    activation_id = draw(st.sampled_from([*known, *known, 99]))
    license_id = next(
        (one.license_id for one in activations_of(on.holding) if one.activation_id == activation_id),
        draw(owned),
    )
    kind = draw(st.sampled_from([Activate, Activate, Renew, Release, Reset]))
    if kind is Activate:
        return Activate(
            draw(whom),
            draw(st.sampled_from([5, 5, 5, 6, 7])),
            draw(devices),
            draw(policies),
            on.new_id(),
            on.new_id(),
            "the device",
            draw(st.booleans()),
            draw(st.sampled_from([None, None, *on.holding.licenses, 4])),
            draw(st.sampled_from([None, bytes(32)])),
            draw(times),
            draw(st.booleans()),
        )
    if kind is Renew:
        rebinding = draw(st.sampled_from([None, Rebinding(on.new_id())]))
        rest = (
            draw(st.sampled_from([None, 5, 5, 6])),
            draw(times),
            rebinding,
            draw(proofs),
            draw(st.booleans()),
        )
        return Renew(license_id, activation_id, draw(devices), *rest)
    if kind is Release:
        return Release(license_id, activation_id, draw(devices), on.new_id())
    whose = draw(st.sampled_from([None, *[on.holding.account.account_id] * 3, 4]))
    return Reset(draw(whom), draw(owned), on.new_id(), whose, 77, "other", "why")


def activations_of(holding):
    return [
        one for held in holding.licenses.values() for one in (*held.current, held.last) if one is not None
    ]


@given(st.data(), st.lists(st.tuples(licenses, later), min_size=1, max_size=3), accounts)
def test_whatever_is_asked_the_replay_comes_to_what_was_decided(data, fields, state):
    on = Scene(make_holding(*[make_license(number, **one) for number, (one, _) in enumerate(fields, 1)]))
    for name in data.draw(st.lists(names, max_size=2)):
        on.activate(name, digests=data.draw(devices))
    on.holding.account.state = state
    for held, (_, since) in zip(on.licenses, fields, strict=True):
        for field, changed in since.items():
            setattr(held, field, changed)
    for _ in range(4):
        attempt = make_attempt(data.draw, on)
        before = copy.deepcopy(on.holding)
        verdict = decide_explained(attempt, on.holding, on.now, on.week, lambda _: True)
        assert_explained(verdict, attempt, before, on)
        on.now += data.draw(st.sampled_from([0, 3600, DAY, 7 * DAY]))


def assert_explained(verdict, attempt, before, on):
    steps = list(steps_of(attempt, before, on.now, on.week))
    if isinstance(verdict, Granted):
        assert [one.question for one in steps if one.refuses] == []
        return
    assert verdict.rule in next(one for one in steps if one.refuses).rules
    weighed = verdict.background.weighed
    assert weighed == explain(attempt, before, on.now, on.week, verdict)
    assert [one.outcome for one in weighed] == [Outcome.PASSED] * (len(weighed) - 1) + [Outcome.REFUSED]
    assert weighed[-1].rule == verdict.rule
    assert verdict.facts.items() <= weighed[-1].facts.items()
    json.dumps([one.facts for one in weighed])  # numbers and words: no digest, which is bytes


def test_an_explanation_reads_in_the_order_of_the_rules():
    on = scene()
    first = granted(on.activate("a"))
    on.holding.licenses[first.license.license_id].self_reset_at = on.now - 60
    attempt = Reset(By.OWNER, first.license.license_id, on.new_id(), on.holding.account.account_id)
    verdict = refused(decide(attempt, on.holding, on.now, on.week), "reset_limit", "R3")
    weighed = explain(attempt, on.holding, on.now, on.week, verdict)
    rules = [one.rule for one in weighed]
    assert rules == ["R1", "R8", "L8", "L8", "R9", "R3", "R9", "R2", "R3"]
    assert weighed[-1].facts["self_reset_at"] == on.now - 60
    assert weighed[-1].facts["next_at"] == verdict.facts["next_at"]


def test_another_device_is_told_by_its_parts_and_nothing_of_them():
    on = scene()
    granted(on.activate("a"))
    attempt = Activate(By.OWNER, 5, device("b", mac="a"), "standard/1", on.new_id(), 0)
    verdict = refused(decide(attempt, on.holding, on.now, on.week), "device_limit", "L4")
    [compared] = next(
        one.facts["devices"]
        for one in explain(attempt, on.holding, on.now, on.week, verdict)
        if one.rule == "L2"
    )
    assert (compared["agreed"], compared["differing"]) == (["mac"], ["hdd_serial", "system_uuid"])
    assert compared["same_device"] is False


def test_a_refusal_that_no_question_explains_is_still_its_own_last_entry():
    on = scene()
    attempt = Reset(By.OWNER, 1, on.new_id())
    made_up = Refused(Refusal.CONFLICT, "X1", "")
    assert explain(replace(attempt, by=By.STAFF), on.holding, on.now, on.week, made_up)[-1].rule == "X1"
