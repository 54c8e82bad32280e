"""G6: what of a trace each role may see; and a trace id as it is heard on the phone."""

import ast
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activation.licensing.roles import STAFF, Act, Role, may
from activation.licensing.traces import KIND_OF, SEES, TIMES, FactKind, kept_of, read_trace_id, seen_of
from activation.service.ids import new_trace_id

LICENSING = Path(__file__).parents[2] / "activation" / "licensing"
FACTS = {"since": 5, "devices": [{"agreed": ["mac"], "since": 3}], "owed": "12.50", "states": {"revoked": 2}}


def test_every_role_that_may_look_has_its_kinds_and_no_other():
    assert set(SEES) == STAFF == {role for role in Role if may(role, Act.SEE_TRACES)}
    assert SEES[Role.ADMIN] == frozenset(FactKind)
    assert not SEES[Role.SALES] & {FactKind.PARTS, FactKind.DEVICE_NAME}
    assert not SEES[Role.AUDITOR] & {FactKind.CONTACT, FactKind.DEVICE_NAME, FactKind.PEOPLE}
    assert FactKind.MONEY not in SEES[Role.SUPPORT]
    assert set(KIND_OF) >= TIMES


@pytest.mark.parametrize(
    ("role", "seen"),
    [
        (Role.ADMIN, FACTS),
        (Role.SUPPORT, {name: FACTS[name] for name in ("since", "devices", "states")}),
        (Role.SALES, {name: FACTS[name] for name in ("since", "owed", "states")}),
        (Role.AUDITOR, FACTS),
        (Role.OWNER, {}),
        (Role.END_USER, {}),
    ],
)
def test_g6_a_role_sees_its_facts(role, seen):
    assert seen_of(role, FACTS) == seen


def test_a_fact_that_nobody_named_is_not_kept_however_deep():
    made_up = {"serial": "S-1", "since": 1, "resets": {"next_at": 2, "login": "anna"}}
    assert kept_of(made_up) == {"since": 1, "resets": {"next_at": 2}}


def test_every_fact_that_the_rules_weigh_is_named():
    """A new fact in `weighing` would be lost without a word."""
    written = set()
    for file in (LICENSING / "weighing").glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Dict):
                written |= {key.value for key in node.keys if isinstance(key, ast.Constant)}
    assert written
    assert written - set(KIND_OF) == set()


@given(st.randoms())
def test_a_trace_id_is_read_however_it_was_written(random):
    trace_id = new_trace_id()
    spoken = trace_id.replace("0", random.choice("0oO")).replace("1", random.choice("1iIlL"))
    spoken = "".join(random.choice((letter.upper(), letter)) for letter in spoken)
    spoken = spoken.replace("-", random.choice(("-", "", " ", " - "))).join(
        random.choice((("", ""), (" ", "\n")))
    )
    assert read_trace_id(spoken) == trace_id


@pytest.mark.parametrize("text", ["", "7kq2", "7kq2-m4xd-1", "7kq2-m4xu", "7kq2/m4xd", "7kq2-m4x\u0660"])
def test_what_is_no_trace_id_is_none(text):
    assert read_trace_id(text) is None
