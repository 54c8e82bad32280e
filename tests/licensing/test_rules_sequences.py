"""Any sequence of attempts against a model of a few lines: L1, L4, R3, R5 and R10 hold after every step."""

from datetime import datetime
from zoneinfo import ZoneInfo

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule
from licensing.sample_holdings import DAY, FRIDAY, Scene, make_holding, make_license

from activation.licensing.attempts import By
from activation.licensing.deciding import apply_changes
from activation.licensing.overriding import Override, OverrideKind, OverrideState, decide_undo
from activation.licensing.verdicts import Granted

NAMES = ("a", "b", "c", "d")
SOFIA = ZoneInfo("Europe/Sofia")

names = st.sampled_from(NAMES)
steps = st.sampled_from([0, 1, 3600, DAY, 3 * DAY, 7 * DAY, 40 * DAY, -1, -DAY, -8 * DAY])


def week_of(moment):
    return datetime.fromtimestamp(moment, SOFIA).isocalendar()[:2]


class Sequences(RuleBasedStateMachine):
    """The model: which devices hold which licence, and when each licence's owner freed it."""

    activations = Bundle("activations")

    @initialize(
        limits=st.lists(st.sampled_from([(5, 1), (6, 1), (5, 3)]), min_size=1, max_size=4)
        | st.permutations([(5, 1), (6, 1), (6, 1)])
    )
    def begin(self, limits):
        licenses = [make_license(n, major, device_limit=limit) for n, (major, limit) in enumerate(limits, 1)]
        self.scene = Scene(make_holding(*licenses))
        self.held = {one.license_id: [] for one in licenses}
        self.resets = {one.license_id: [] for one in licenses}
        self.released_by = {}
        self.bound = {one.license_id: [] for one in licenses}
        self.ended = {one.license_id: [] for one in licenses}
        self.name_of = {}
        self.overrides = {}

    @rule(step=steps)
    def wait(self, step):
        self.scene.now = max(FRIDAY - 30 * DAY, self.scene.now + step)

    @rule(
        target=activations,
        name=names,
        by=st.sampled_from([By.OWNER, By.OWNER, By.ACTIVATOR]),
        major=st.sampled_from([5, 6]),
        move=st.booleans(),
        which=st.none() | st.none() | st.integers(0, 3),
    )
    def activate_somehow(self, name, by, major, move, which):
        named = self.licence(which) if which is not None else None
        verdict = self.scene.activate(name, by=by, major=major, move=move, named=named)
        if isinstance(verdict, Granted) and verdict.rule == "R7":
            assert move
            assert by is By.OWNER
        return self.record(name, major, verdict)

    @rule(target=activations, name=names, major=st.sampled_from([5, 6]))
    def activate(self, name, major):
        return self.record(name, major, self.scene.activate(name, major=major))

    @rule(target=activations, name=names)
    def activate_both_majors(self, name):
        self.activate(name, 5)
        return self.activate(name, 6)

    def record(self, name, major, verdict):
        if not isinstance(verdict, Granted):
            return None, name
        license_id = verdict.license.license_id
        if verdict.rule == "L2":
            assert name in self.held[license_id]
            return verdict, name
        assert name not in self.held[license_id]
        assert verdict.license.major == major
        if verdict.rule == "R7":
            del self.held[license_id][0]
            self.use_reset(license_id)
        elif self.released_by.get(license_id) == name:
            self.resets[license_id].pop()
        self.released_by.pop(license_id, None)
        self.held[license_id].append(name)
        self.bound[license_id].append(verdict.activation)
        self.name_of[verdict.activation.activation_id] = name
        self.overrides.pop(license_id, None)
        return verdict, name

    @rule(activation=activations)
    def renew(self, activation):
        verdict, name = activation
        if verdict is None:
            return
        answer = self.scene.renew(verdict, name)
        assert isinstance(answer, Granted) == (verdict.activation.ended_at is None)

    @rule(activation=activations, name=names)
    def renew_from_elsewhere(self, activation, name):
        verdict, owner = activation
        if verdict is not None and name != owner:
            assert not isinstance(self.scene.renew(verdict, name), Granted)

    @rule(activation=activations)
    def release(self, activation):
        verdict, name = activation
        if verdict is None:
            return
        answer = self.scene.release(verdict, name)
        if isinstance(answer, Granted) and answer.fresh:
            license_id = answer.license.license_id
            self.use_reset(license_id)
            self.held[license_id].remove(name)
            self.released_by[license_id] = name

    @rule(which=st.integers(0, 3))
    def reset(self, which):
        held = self.licence(which)
        if isinstance(self.scene.reset(held), Granted):
            self.use_reset(held.license_id)
            self.free(held.license_id)

    @rule(which=st.integers(0, 3))
    def reset_by_staff(self, which):
        held = self.licence(which)
        was_held = bool(self.held[held.license_id])
        freed = frozenset(one.activation_id for one in held.current)
        assert isinstance(self.scene.reset_by_staff(held), Granted) == was_held
        if was_held:
            self.overrides[held.license_id] = freed, self.released_by.get(held.license_id)
            self.free(held.license_id)

    @rule(which=st.integers(0, 3))
    def undo(self, which):
        """R5: the last reset by staff is undone unless something was bound since, here or elsewhere."""
        held = self.licence(which)
        freed, released_by = self.overrides.get(held.license_id, (frozenset(), None))
        if not freed:
            return
        done = Override(
            1, held.license_id, OverrideKind.RESET, 77, "other", "why", self.scene.now, OverrideState.DONE
        )
        history = self.ended[held.license_id]
        verdict = decide_undo(done, freed, self.scene.holding, history, self.scene.now, {1})
        names_back = {self.name_of[key] for key in freed}
        elsewhere = {
            name
            for other in self.scene.licenses
            if other.major == held.major
            for name in self.held[other.license_id]
        }
        assert isinstance(verdict, Granted) == names_back.isdisjoint(elsewhere)
        if isinstance(verdict, Granted):
            apply_changes(self.scene.holding, verdict.changes)
            self.held[held.license_id] = [self.name_of[one.activation_id] for one in held.current]
            del self.overrides[held.license_id]
            if released_by is not None:
                self.released_by[held.license_id] = released_by

    @invariant()
    def what_ended_is_remembered_newest_first(self):
        for held in self.scene.licenses:
            ended = self.ended[held.license_id]
            known = [one for one in ended if one.ended_at is not None]
            new = [one for one in self.bound[held.license_id] if one.ended_at is not None]
            new = [one for one in new if all(one is not other for other in known)]
            new.sort(key=lambda one: one is held.last)
            self.ended[held.license_id] = [*reversed(new), *known]

    @invariant()
    def the_rules_and_the_model_agree_on_who_holds_what(self):
        for held in self.scene.licenses:
            assert len(held.current) == len(self.held[held.license_id])

    @invariant()
    def no_licence_goes_beyond_its_device_limit(self):
        for held in self.scene.licenses:
            slots = [one.slot for one in held.current]
            assert len(set(slots)) == len(slots)
            assert all(0 <= slot < held.device_limit for slot in slots)

    @invariant()
    def no_device_holds_two_licences_of_one_major(self):
        for major in (5, 6):
            holding = [
                name
                for held in self.scene.licenses
                if held.major == major
                for name in self.held[held.license_id]
            ]
            assert len(set(holding)) == len(holding)

    def licence(self, which):
        return self.scene.licenses[which % len(self.scene.licenses)]

    def free(self, license_id):
        self.held[license_id].clear()
        self.released_by.pop(license_id, None)

    def use_reset(self, license_id):
        """R3: whatever the clock did, the last one used was in an earlier week."""
        used, now = self.resets[license_id], self.scene.now
        assert not used or (week_of(used[-1]) < week_of(now) and used[-1] < now)
        used.append(now)


TestSequences = Sequences.TestCase
TestSequences.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
