"""A burst is let in whole; a crowd that stays is cut to what is soon served, and let in after a calm."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activation.http.calls import Reply
from activation.http.guarding import RefusedError
from activation.http.wire.admitting import Admission
from activation.http.wire.shedding import Shedding
from activation.licensing.verdicts import Refusal

WAIT, PATIENCE = 0.1, 2.0


class Worker:
    """An admission, and a worker that answers so many a second, in a world of its own time."""

    def __init__(self, pace=1000):
        self.now, self.pace, self.owed = 100.0, pace, 0.0
        self.under_way = self.served = self.refused = 0
        self.longest_wait = 0.0
        self.admission = Admission(WAIT, PATIENCE, lambda: self.now)

    def run(self, seconds, arriving, step_s=0.01):
        """Let `arriving` come each second; return how many of them were served, and how many refused."""
        before = self.served, self.refused
        for turn in range(round(seconds / step_s)):
            for _ in range(int((turn + 1) * arriving * step_s) - int(turn * arriving * step_s)):
                self.arrive()
            self.now += step_s
            self.owed = min(self.owed + self.pace * step_s, float(self.under_way))
            while self.owed >= 1:
                self.answer()
        return self.served - before[0], self.refused - before[1]

    def arrive(self):
        if self.admission.refuses():
            self.refused += 1
            return
        self.admission.begin()
        self.under_way += 1
        self.longest_wait = max(self.longest_wait, self.under_way / self.pace)

    def answer(self):
        self.owed -= 1
        self.under_way -= 1
        self.served += 1
        self.admission.end()


def test_what_it_can_serve_is_served_for_ever():
    worker = Worker()
    assert worker.run(20, arriving=900)[1] == 0


@given(st.integers(1, 1500))
def test_a_burst_that_is_gone_within_the_patience_refuses_nobody(size):
    worker = Worker()
    worker.run(2, arriving=300)
    for _ in range(size):
        worker.arrive()
    assert worker.run(5, arriving=0)[1] == 0
    assert worker.under_way == 0


@pytest.mark.parametrize("times", [1.5, 3, 10])
def test_under_lasting_overload_as_many_are_served_as_before_and_soon(times):
    worker = Worker()
    worker.run(5, arriving=1000 * times)
    worker.run(8, arriving=1000 * times)  # the crowd that was let in first is gone
    worker.longest_wait = 0.0
    served, refused = worker.run(10, arriving=1000 * times)
    assert served > 9_500
    assert refused > 0
    assert worker.longest_wait < 1.5 * WAIT


def test_after_a_calm_a_burst_is_let_in_again():
    worker = Worker()
    worker.run(20, arriving=3000)
    worker.run(5, arriving=300)
    assert worker.run(1, arriving=2000)[1] == 0


def test_it_follows_a_pace_that_changes():
    worker = Worker()
    worker.run(20, arriving=3000)
    worker.pace = 700
    worker.run(10, arriving=3000)
    worker.longest_wait = 0.0
    worker.run(5, arriving=3000)
    assert worker.longest_wait < 2 * WAIT


def test_a_few_are_served_by_a_machine_that_crawls():
    worker = Worker(pace=5)
    assert worker.run(10, arriving=6)[1] == 0


def test_idle_hours_say_nothing_of_the_pace():
    worker = Worker()
    worker.run(3, arriving=900)
    worker.now += 36_000
    assert worker.run(5, arriving=900)[1] == 0


async def test_who_comes_in_pieces_is_admitted_like_everybody():
    class Crowd(Admission):
        full = False

        def refuses(self):
            return self.full

    async def endpoint(_call):
        assert crowd._under_way == 1
        return Reply(200, b"{}")

    crowd = Crowd(WAIT)
    admitted = Shedding(crowd, []).around(endpoint)
    assert (await admitted(None)).status == 200
    assert crowd._under_way == 0
    crowd.full = True
    with pytest.raises(RefusedError) as caught:
        await admitted(None)
    assert caught.value.refused.code is Refusal.OVERLOADED
