"""The clock's mark: what it takes for the time, when it refuses, and how an answer corrects it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from activation.client.clock import GRACE_S, HOUR_S, LAST_S, mark_answer, mark_reading, tell_time
from activation.client.seen_mark import FILE, KEY_FILE, load_seen, store_seen
from activation.client.verifying import NotVerifiedError

NOW = 1_800_000_000
FAR = 4_070_908_800  # 2099
DAY = 86_400
times = st.integers(NOW - 1000 * DAY, NOW + 1000 * DAY) | st.integers(-FAR, 10 * LAST_S)
seconds = st.integers(0, LAST_S)


@pytest.mark.parametrize(
    ("machine", "told"),
    [(NOW, NOW), (NOW + 5, NOW + 5), (NOW - 5, NOW), (NOW - GRACE_S, NOW), (FAR, FAR)],
)
def test_the_time_is_the_machines_but_never_before_the_mark(machine, told):
    assert tell_time(machine, NOW) == told


@pytest.mark.parametrize("machine", [NOW - GRACE_S - 1, 0, -5])
def test_a_clock_set_back_by_more_than_a_day_is_told_what_to_do(machine):
    with pytest.raises(NotVerifiedError) as caught:
        tell_time(machine, NOW)
    assert caught.value.reason == "clock_back"
    assert "2027-01-15T08:00:00Z was seen here before. Set the clock" in str(caught.value)
    assert "go online and renew" in str(caught.value)


@given(seen=seconds, machine=times)
def test_a_reading_never_sets_the_mark_back(seen, machine):
    assert seen <= mark_reading(seen, machine) <= max(seen, machine, 0)
    assert mark_reading(seen, machine) <= LAST_S


@given(seen=seconds, known=seconds)
def test_a_file_of_the_same_hour_corrects_nothing_and_a_newer_one_does(seen, known):
    assert mark_answer(seen, known, known, live=False) == max(seen, known)
    assert mark_answer(seen, known, known + HOUR_S, live=False) <= known + 2 * HOUR_S


@given(seen=seconds, known=seconds, answered=seconds)
def test_an_answer_never_sets_the_mark_below_signed_times(seen, known, answered):
    mark = mark_answer(seen, known, answered)
    assert mark >= max(known, min(answered, mark))
    assert mark >= known
    if answered >= known:
        assert answered <= mark <= answered + HOUR_S
    else:
        assert mark == max(seen, known)


def test_an_answer_heals_a_mark_in_the_far_future_and_an_old_one_shown_again_does_not():
    assert mark_answer(FAR, NOW - DAY, NOW) == NOW + HOUR_S
    assert tell_time(NOW, mark_answer(FAR, NOW - DAY, NOW)) >= NOW
    assert mark_answer(FAR, NOW, NOW - 1) == FAR


class Machine(RuleBasedStateMachine):
    """A machine whose clock is set at will, that verifies, and hears from a server whose clock is right."""

    def __init__(self):
        super().__init__()
        self.true = self.machine = NOW
        self.seen = self.signed = 0

    @rule(step=st.integers(0, 40 * DAY))
    def time_passes(self, step):
        self.true += step
        self.machine += step

    @rule(to=times)
    def somebody_sets_the_clock(self, to):
        self.machine = to

    @rule()
    def somebody_sets_the_clock_right(self):
        self.machine = self.true

    @rule()
    def verify(self):
        mark = max(self.seen, self.signed)
        self.seen = mark_reading(mark, self.machine)
        try:
            now = tell_time(self.machine, mark)
        except NotVerifiedError:
            assert self.machine < mark - GRACE_S
        else:
            assert now >= mark
            assert now >= self.machine

    @rule()
    def the_server_answers(self):
        answered = self.true - self.true % HOUR_S
        self.seen = mark_answer(max(self.seen, self.signed), self.signed, answered)
        self.signed = max(self.signed, answered)
        # Whoever's clock is right is never locked out after an answer.
        assert tell_time(self.true, self.seen) <= self.true + HOUR_S

    @precondition(lambda self: self.signed)
    @rule(age=st.integers(1, 100))
    def somebody_shows_an_old_answer_again(self, age):
        before = max(self.seen, self.signed)
        self.seen = mark_answer(before, self.signed, self.signed - age * HOUR_S)
        assert self.seen >= before

    @rule()
    def somebody_deletes_the_mark(self):
        self.seen = 0

    @invariant()
    def never_before_what_was_signed(self):
        mark = max(self.seen, self.signed)
        try:
            assert tell_time(self.machine, mark) >= self.signed
        except NotVerifiedError:
            assert self.machine < mark - GRACE_S


TestSequences = Machine.TestCase


def test_the_mark_is_kept_for_its_owner_alone(tmp_path):
    folder = tmp_path / "new"
    assert load_seen(folder) == 0
    store_seen(folder, NOW)
    store_seen(folder, NOW + 1)
    assert load_seen(folder) == NOW + 1
    for name in (FILE, KEY_FILE):
        assert (folder / name).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        '{"seen":1,"mac":"x"}',
        '{"seen":1}',
        '{"seen":true,"mac":"x"}',
        '{"seen":1.5,"mac":"x"}',
        '{"seen":1,"mac":"\\u00e4"}',
        "\xff",
    ],
)
def test_an_edited_mark_is_none(tmp_path, text):
    store_seen(tmp_path, NOW)
    (tmp_path / FILE).write_text(text, "latin-1")
    assert load_seen(tmp_path) == 0
    store_seen(tmp_path, NOW)
    assert load_seen(tmp_path) == NOW


def test_a_lower_number_under_the_old_mac_is_none(tmp_path):
    store_seen(tmp_path, NOW)
    file = tmp_path / FILE
    file.write_text(file.read_text().replace(str(NOW), str(NOW - 1)))
    assert load_seen(tmp_path) == 0


def test_another_folders_mark_is_none(tmp_path):
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    store_seen(ours, NOW)
    store_seen(theirs, NOW - DAY)
    (ours / FILE).write_bytes((theirs / FILE).read_bytes())
    assert load_seen(ours) == 0


@pytest.mark.parametrize("damage", ["short", "not base64url \xe4", None])
def test_a_damaged_secret_is_made_anew(tmp_path, damage):
    store_seen(tmp_path, NOW)
    if damage is None:
        (tmp_path / KEY_FILE).chmod(0o644)  # what others may read is no secret
    else:
        (tmp_path / KEY_FILE).write_text(damage, "latin-1")
    assert load_seen(tmp_path) == 0
    store_seen(tmp_path, NOW)
    assert load_seen(tmp_path) == NOW


def test_a_folder_that_cannot_be_written_to_hurts_nobody(tmp_path):
    (tmp_path / "file").write_text("")
    store_seen(tmp_path / "file", NOW)
    assert load_seen(tmp_path / "file") == 0
