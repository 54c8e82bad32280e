"""The machine that asks server and model the same, step by step, and compares after each."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from model_house import House, basic
from model_world import (
    ONLINE_S,
    SOFIA,
    Bill,
    Certificate,
    Owner,
    Said,
    Seat,
    World,
    demand,
    moment,
    monday_after,
    week_of,
)

DEVICES = [f"pc-{number}" for number in range(6)]
HOURS = [1, 5, 24, 3 * 24, 7 * 24, 14 * 24, 30 * 24]
BETWEEN_S = 7
"""Seconds from one step to the next: more than a step takes, so that no term's end falls within one."""
LONGEST_S = 120 * 86_400
index = st.integers(0, 1_000_000)


@dataclass
class Tally:
    """What many runs came to."""

    runs: int = 0
    began: float = field(default_factory=monotonic)
    asked: Counter[str] = field(default_factory=Counter)
    done: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)


TALLY = Tally()


def wednesday_noon() -> int:
    """The next Wednesday at 12:34:56 in Sofia: no step falls on a week's edge."""
    local = datetime.now(SOFIA)
    noon = local.replace(hour=12, minute=34, second=56, microsecond=0)
    return int((noon + timedelta(days=(2 - local.weekday()) % 7 or 7)).timestamp())


def components(device: str) -> dict[str, Any]:
    last = f"{DEVICES.index(device) + 16:02x}"
    return {
        "hdd_serial": f"SERIAL-{device}",
        "system_uuid": f"4c4c4544-0042-3510-8054-b4c04f3333{last}",
        "mac": [f"3c:52:82:11:22:{last}"],
    }


class LicensingMachine(RuleBasedStateMachine):
    """A reseller, its customers and their devices, before the real server and before the model."""

    house: House  # set on a subclass: Hypothesis makes machines without arguments

    def __init__(self) -> None:
        super().__init__()
        self.start = wednesday_noon()
        self.world = World(self.start)
        self.logins: dict[Owner, tuple[str, str]] = {}
        self.ids: dict[Owner, str] = {}
        self.certificates: list[tuple[Owner, Certificate]] = []
        self.numbers = 0
        self.house.stand_at(self.world.now)
        self.reseller_id, self.reseller, self.token = self.house.reseller()
        self.agent, self.sales = self.house.staff("support"), self.house.staff("sales")
        TALLY.runs += 1

    # Steps

    def said(self, what: str, said: Said) -> Said:
        """Count what was asked and what came of it."""
        TALLY.asked[what] += 1
        if said.code is None:
            TALLY.done[what] += 1
        else:
            TALLY.refused[said.code] += 1
        return said

    def step(self) -> None:
        self.world.now += BETWEEN_S
        self.house.stand_at(self.world.now)

    def post(
        self, what: str, path: str, message: dict[str, Any], who: str, key: str | None = None, **names: str
    ) -> Said:
        self.step()
        said = self.house.post(path, message, who, key, **names)
        if key is not None:
            again = self.house.post(path, message, who, key, **names)
            demand(
                (again.status, again.body) == (said.status, said.body) or said.status == 401,
                again,
                "Idempotency-Key",
            )
        return self.said(what, said)

    def new_key(self, wanted: bool) -> str | None:
        self.numbers += 1
        return f"key-{self.numbers}" if wanted else None

    @initialize(
        quantity=st.integers(10, 60),
        seats=st.integers(1, 3),
        devices=st.integers(0, 3),
        tests=st.integers(0, 2),
    )
    def begin(self, quantity: int, seats: int, devices: int, tests: int) -> None:
        """Two customers, one of them affiliated, a paid order, some licences and tests in use."""
        self.new_customer(False)
        self.new_customer(True)
        self.new_order(quantity, "purchase_order")
        self.pay_order(0, True, False)
        self.assign(0, seats, False)
        for device in DEVICES[:devices]:
            self.ask_activation(self.world.owners[0], device)
        if tests:
            self.grant_tests(5)
            self.assign_tests(1, tests, False)
            self.ask_activation(self.world.owners[1], DEVICES[-1])

    @precondition(lambda self: len(self.world.owners) < 3 and not self.world.terminated)
    @rule(affiliated=st.booleans())
    def new_customer(self, affiliated: bool) -> None:
        said = self.post("customer", "/v1/reseller/customers", {"affiliated": affiliated}, self.token)
        demand(said.status == 201, said, "P5")
        owner = Owner(affiliated)
        self.world.owners.append(owner)
        self.ids[owner] = said.body["account_id"]
        self.logins[owner] = said.body["login"], said.body["password"]

    @precondition(lambda self: not self.world.terminated or len(self.world.bills) < 3)
    @rule(quantity=st.integers(1, 40), method=st.sampled_from(["online", "purchase_order"]))
    def new_order(self, quantity: int, method: str) -> None:
        message = {"product": "softphone", "major": 5, "quantity": quantity, "method": method}
        said = self.post("order", "/v1/reseller/orders", message, self.token)
        bill = None
        if said.status == 201:
            due_at = self.world.now + ONLINE_S if method == "online" else None
            total = round(float(said.body["total"]) * 100)
            demand(total == quantity * 1000, said, "P4")
            bill = Bill(said.body["order_id"], quantity, total, due_at)
        else:
            demand(self.world.terminated, said, "P3")
        self.world.order(bill, said)

    @precondition(lambda self: self.world.bills)
    @rule(which=index, whole=st.booleans(), twice=st.booleans())
    def pay_order(self, which: int, whole: bool, twice: bool) -> None:
        owing = [bill for bill in self.world.bills if bill.paid < bill.total]
        bill = pick(owing or self.world.bills, which)
        owed = max(bill.total - bill.paid, 100)
        cents = owed if whole else owed // 2
        self.numbers += 1
        message = {
            "order_id": bill.name,
            "amount": f"{cents // 100}.{cents % 100:02}",
            "reference": f"{self.reseller}-{self.numbers}",
        }
        said = self.post("pay", "/v1/staff/payments", message, self.sales)
        self.world.pay(bill, cents, said)
        if twice and said.status == 200:
            again = self.post("pay again", "/v1/staff/payments", message, self.sales)
            demand(again.body["recorded_before"] is True, again, "P3: one payment is recorded once")

    @precondition(lambda self: not self.world.terminated or self.world.now < self.start + 600)
    @rule(which=index, count=st.integers(1, 4), keyed=st.booleans())
    def assign(self, which: int, count: int, keyed: bool) -> None:
        owner = pick(self.world.owners, which)
        message = {"product": "softphone", "major": 5, "count": count, "account": self.ids[owner]}
        said = self.post("assign", "/v1/reseller/assignments", message, self.token, self.new_key(keyed))
        self.world.assign(owner, count, said)

    @precondition(lambda self: self.world.tests < 6 and not self.world.terminated)
    @rule(count=st.integers(1, 5))
    def grant_tests(self, count: int) -> None:
        message = {"product": "softphone", "major": 5, "count": count}
        path = "/v1/staff/resellers/{reseller_id}/tests"
        said = self.post("grant tests", path, message, self.sales, reseller_id=self.reseller)
        self.world.grant_tests(count, said)

    @precondition(lambda self: self.world.tests and not self.world.terminated)
    @rule(which=index, count=st.integers(1, 3), keyed=st.booleans())
    def assign_tests(self, which: int, count: int, keyed: bool) -> None:
        owner = pick(self.world.owners, which)
        message = {"product": "softphone", "major": 5, "count": count, "account": self.ids[owner]}
        said = self.post("assign tests", "/v1/reseller/tests", message, self.token, self.new_key(keyed))
        self.world.assign_tests(owner, count, said)

    @rule(which=index, device=st.sampled_from(DEVICES))
    def activate(self, which: int, device: str) -> None:
        self.ask_activation(pick(self.world.owners, which), device)

    @rule(which=index, device=st.sampled_from(DEVICES), named=st.none() | index)
    def move(self, which: int, device: str, named: int | None) -> None:
        owner = pick(self.world.owners, which)
        seat = pick(owner.seats, named) if named is not None and owner.seats else None
        self.ask_activation(owner, device, move=True, named=seat)

    @precondition(lambda self: self.certificates)
    @rule(which=index)
    def activate_again(self, which: int) -> None:
        owner, shown = pick(self.certificates, which)
        self.ask_activation(owner, shown.device)

    def ask_activation(
        self, owner: Owner, device: str, *, move: bool = False, named: Seat | None = None
    ) -> None:
        message = {
            "product": "softphone",
            "version": "5.6",
            "device": {"platform": "linux", "name": device, "components": components(device)},
            **({"move": True} if move else {}),
            **({"license_id": named.name} if named is not None else {}),
        }
        what = "move" if move else "activate"
        said = self.post(what, "/v1/activations", message, basic(*self.logins[owner]))
        self.keep(owner, self.world.activate(owner, device, said, move=move, named=named))

    @precondition(lambda self: self.certificates)
    @rule(which=index)
    def renew(self, which: int) -> None:
        owner, shown = pick(self.certificates, which)
        said = self.post("renew", "/v1/renewals", self.show(shown), "")
        self.keep(owner, self.world.renew(owner, shown, said))

    @precondition(lambda self: self.certificates)
    @rule(which=index, again=st.booleans())
    def release_and_perhaps_come_back(self, which: int, again: bool) -> None:
        current = [one for one in self.certificates if one[1].is_current]
        owner, shown = pick(current if current and which % 4 else self.certificates, which)
        self.release(shown)
        if again:
            self.ask_activation(owner, shown.device)

    def release(self, shown: Certificate) -> None:
        said = self.post("release", "/v1/releases", self.show(shown), "")
        self.world.release(shown, said)

    def show(self, shown: Certificate) -> dict[str, Any]:
        device = {"platform": "linux", "name": shown.device, "components": components(shown.device)}
        return {"certificate": shown.text, "device": device}

    def keep(self, owner: Owner, certificate: Certificate | None) -> None:
        if certificate is not None:
            self.certificates.append((owner, certificate))

    @precondition(lambda self: self.world.seats())
    @rule(which=index)
    def reset(self, which: int) -> None:
        owner, seat = self.pick_seat(which)
        said = self.post("reset", "/v1/resets", {"license_id": seat.name}, basic(*self.logins[owner]))
        self.world.reset(seat, said)

    @precondition(lambda self: self.world.seats())
    @rule(which=index, keyed=st.booleans())
    def reset_by_agent(self, which: int, keyed: bool) -> None:
        _, seat = self.pick_seat(which)
        message = {"reason": "device_lost", "note": "on the phone"}
        path = "/v1/staff/licenses/{license_id}/resets"
        said = self.post("agent reset", path, message, self.agent, self.new_key(keyed), license_id=seat.name)
        self.world.reset_by_agent(seat, said)

    @precondition(lambda self: self.world.waiting)
    @rule(which=index, own=st.booleans())
    def approve(self, which: int, own: bool) -> None:
        reset_id = pick(sorted(self.world.waiting), which)
        who = self.agent if own else self.sales
        said = self.post("approve", "/v1/staff/resets/{reset_id}/approve", {}, who, reset_id=reset_id)
        self.world.approve(reset_id, said, own=own)

    @precondition(lambda self: self.world.seats())
    @rule(which=index, reinstate=st.booleans())
    def suspend_or_reinstate(self, which: int, reinstate: bool) -> None:
        _, seat = self.pick_seat(which)
        what = "reinstate" if reinstate else "suspend"
        path = f"/v1/staff/licenses/{{license_id}}/{what}"
        said = self.post(what, path, {"note": "so it is"}, self.sales, license_id=seat.name)
        self.world.suspend(seat, said, reinstate=reinstate)

    @precondition(lambda self: len(self.world.seats()) > 2)
    @rule(which=index, sure=st.integers(0, 9))
    def revoke(self, which: int, sure: int) -> None:
        if sure == 7:
            _, seat = self.pick_seat(which)
            path = "/v1/staff/licenses/{license_id}/revoke"
            said = self.post("revoke", path, {"note": "a breach"}, self.sales, license_id=seat.name)
            self.world.revoke(seat, said)

    @rule(sure=st.integers(0, 40))
    def terminate(self, sure: int) -> None:
        if sure == 23:
            path = "/v1/staff/resellers/{reseller_id}/terminate"
            message = {"why": "breach", "note": "a breach"}
            said = self.post("terminate", path, message, self.sales, reseller_id=self.reseller)
            self.world.terminate(said)

    @precondition(lambda self: self.world.now - self.start < LONGEST_S)
    @rule(hours=st.sampled_from(HOURS))
    def wait(self, hours: int) -> None:
        self.world.now += hours * 3600
        self.step()

    def pick_seat(self, which: int) -> tuple[Owner, Seat]:
        """Pick a licence, three times in four one in use."""
        seats = [(owner, seat) for owner in self.world.owners for seat in owner.seats]
        used = [one for one in seats if one[1].device is not None]
        return pick(used if used and which % 4 else seats, which)

    # What always holds

    @invariant()
    def the_pool_is_what_was_paid_less_what_went_out(self) -> None:
        rows = self.house.fetch(
            "SELECT kind, seq, delta, balance FROM pool_entry WHERE reseller_id = $1 ORDER BY kind, seq",
            self.reseller_id,
        )
        for kind, expected in ((0, self.world.pool), (1, self.world.tests)):
            entries = [row for row in rows if row["kind"] == kind]
            balance = 0
            for number, row in enumerate(entries, 1):
                balance += row["delta"]
                assert (row["seq"], row["balance"]) == (number, balance)
                assert balance >= 0
            assert balance == expected, f"pool {kind}: {balance} in the ledger, {expected} by the rules"

    @invariant()
    def owners_see_what_the_model_says(self) -> None:
        # A moment later: what ended with this step has ended by then, whichever second it fell on.
        self.house.stand_at(self.world.now + 3)
        for owner in self.world.owners:
            said = self.house.get("/v1/licenses", basic(*self.logins[owner]))
            shown = {one["license_id"]: one for one in said.body["licenses"]}
            assert shown.keys() == {seat.name for seat in owner.seats}
            for seat in owner.seats:
                self.see(seat, shown[seat.name], said)

    def see(self, seat: Seat, shown: dict[str, Any], said: Said) -> None:
        now = self.world.now
        words = {"revoked": seat.revoked, "expired": seat.has_ended(now), "suspended": seat.suspended}
        state = next((word for word, holds in words.items() if holds), "active")
        demand(shown["state"] == state, said, "L8")
        device = shown["device"]["name"] if shown["device"] else None
        demand(device == seat.device, said, "L4")
        demand(shown["resets"]["available"] is not bool(seat.self_service(now)), said, "R3")
        if seat.used_this_week(now) and not seat.orphaned:
            demand(moment(shown["resets"]["next_at"]) == monday_after(now), said, "R3")

    @invariant()
    def each_licence_stands_as_in_the_model(self) -> None:
        rows = self.house.fetch(
            "SELECT l.license_id, l.kind, l.device_limit, l.state, l.orphaned, count(c.activation_id) AS used"
            " FROM license l LEFT JOIN activation c ON c.shard = l.shard AND c.license_id = l.license_id"
            " AND c.ended_at IS NULL WHERE l.reseller_id = $1 GROUP BY l.shard, l.license_id",
            self.reseller_id,
        )
        assert all(row["used"] <= row["device_limit"] == 1 for row in rows)
        kinds = {"perpetual": 0, "test": 1}
        expected = Counter(
            (
                kinds[seat.kind],
                2 if seat.revoked else int(seat.suspended),
                seat.orphaned,
                int(bool(seat.device)),
            )
            for seat in self.world.seats()
        )
        found = Counter((row["kind"], row["state"], row["orphaned"], row["used"]) for row in rows)
        assert found == expected

    @invariant()
    def nobody_frees_a_licence_twice_in_a_week(self) -> None:
        for seat in self.world.seats():
            weeks = [week_of(at) for at in seat.used]
            assert len(weeks) == len(set(weeks))

    @invariant()
    def no_device_holds_two_licences_that_run(self) -> None:
        for owner in self.world.owners:
            devices = [
                seat.device for seat in owner.seats if seat.device and not seat.is_over(self.world.now)
            ]
            assert len(devices) == len(set(devices))

    @invariant()
    def tests_are_only_where_they_may_be(self) -> None:
        for owner in self.world.owners:
            running = [one for one in owner.seats if one.kind == "test" and not one.is_over(self.world.now)]
            assert not (owner.regular and running)
            assert owner.occasions <= 2


def pick(things: list[Any], number: int) -> Any:
    return things[number % len(things)]
