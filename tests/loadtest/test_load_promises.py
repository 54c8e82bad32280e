"""The load test's verdict: it must see what is wrong."""

from dataclasses import replace

import pytest

from loadtest.figures import Figures
from loadtest.postgres import Counts
from loadtest.promises import all_held, weigh
from loadtest.tally import CERTIFICATE, Tally

COUNTS = Counts(activations=10, current=9, licenses_held=9, told=10)


def make_tally() -> Tally:
    tally = Tally(sent=14, certificates=12)
    for status, count in ((201, 10), (200, 2), (409, 2)):
        for _ in range(count):
            tally.note("call", status)
    return tally


def test_a_good_run_holds() -> None:
    promises = weigh(make_tally(), COUNTS)
    assert all_held(promises)
    assert [one.held for one in promises] == [True] * 5


def test_without_a_database_two_promises_are_not_looked_at() -> None:
    assert [one.held for one in weigh(make_tally(), None)] == [True, True, True, None, None]


@pytest.mark.parametrize(
    ("counts", "broken"),
    [
        (replace(COUNTS, activations=9, told=9), "stored"),
        (replace(COUNTS, activations=11, told=11), "stored"),
        (replace(COUNTS, told=9), "stored"),
        (replace(COUNTS, current=10), "two devices"),
    ],
)
def test_a_database_that_differs_breaks_a_promise(counts: Counts, broken: str) -> None:
    failed = [one.text for one in weigh(make_tally(), counts) if one.held is False]
    assert len(failed) == 1
    assert broken in failed[0]


def test_a_call_without_an_answer_may_or_may_not_be_stored() -> None:
    tally = make_tally()
    tally.sent += 1
    assert all_held(weigh(tally, replace(COUNTS, activations=11, told=11)))
    assert not all_held(weigh(tally, replace(COUNTS, activations=12, told=12)))


def test_what_users_found_wrong_breaks_promises() -> None:
    tally = make_tally()
    tally.break_promise(f"renewal: {CERTIFICATE}signature")
    assert [one.held for one in weigh(tally, COUNTS)] == [False, False, True, True, True]
    tally.note("call", 503)
    assert weigh(tally, COUNTS)[2].held is False


def test_nothing_answered_is_no_success() -> None:
    assert not all_held(weigh(Tally(), replace(COUNTS, activations=0, told=0)))


def test_figures_are_medians_with_their_spread() -> None:
    figures = Figures()
    for hello, ours in ((1000, 600), (3000, 500), (2000, 700)):
        figures.add("hello_rps", hello)
        figures.add("activation_rps", ours)
    report = figures.report()
    assert (report["hello_rps"], report["spread"]["hello_rps"]) == (2000, [1000, 3000])
    assert report["ratios"]["activation/hello"] == 0.3
    assert report["pgbench_tps"] is None
    assert report["ratios"]["renewal/hello"] is None
