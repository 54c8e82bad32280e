"""rules.md as plain Python, one thing after the other: no database, no batches, nothing of the server's.

Each method is told what somebody asked for and what the server said, holds that against the rules, and brings
the world up to date. Where the rules leave open which of several reasons a refusal names, any of them is
right; where they leave open which free licence is taken, any is. Times are seconds since 1970.
"""

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

SOFIA = ZoneInfo("Europe/Sofia")
DAY = 86_400
TEST_S = 14 * DAY
ONLINE_S = DAY
MONTH_S = 30 * DAY
AGENTS_PER_MONTH = 4
OCCASIONS = 2


class Disagreement(AssertionError):  # noqa: N818  (it reads as what it is)
    """The server said what the rules do not."""


@dataclass
class Said:
    """What the server answered: a status, and the code when it refused."""

    status: int
    body: dict[str, Any]

    @property
    def code(self) -> str | None:
        return self.body.get("code") if self.status >= 400 else None


def week_of(moment: int) -> tuple[int, int]:
    return tuple(datetime.fromtimestamp(moment, SOFIA).isocalendar()[:2])


def monday_after(moment: int) -> int:
    local = datetime.fromtimestamp(moment, SOFIA)
    monday = local.date() + timedelta(days=7 - local.weekday())
    return int(datetime.combine(monday, time(), SOFIA).timestamp())


@dataclass(eq=False)
class Seat:
    """One licence: who holds it, and what was done with it."""

    name: str
    kind: str
    ends_at: int | None = None
    suspended: bool = False
    revoked: bool = False
    orphaned: bool = False
    device: str | None = None
    binding: int = 0
    last_device: str | None = None
    last_binding: int = 0
    released: bool = False
    refundable: bool = False
    used: list[int] = field(default_factory=list)
    agent_resets: list[int] = field(default_factory=list)

    def has_ended(self, now: int) -> bool:
        return self.ends_at is not None and now >= self.ends_at

    def is_over(self, now: int) -> bool:
        return self.revoked or self.has_ended(now)

    def standing(self, now: int, *, for_staff: bool = False) -> set[str]:
        """L8: why it may not be used; the agent's reset does not mind a suspension."""
        reasons = {
            "revoked": self.revoked,
            "expired": self.has_ended(now),
            "suspended": self.suspended and not for_staff,
        }
        return {code for code, holds in reasons.items() if holds}

    def used_this_week(self, now: int) -> bool:
        return bool(self.used) and week_of(self.used[-1]) == week_of(now)

    def self_service(self, now: int) -> set[str]:
        """R3, R9: why its owner or its device may not free it now."""
        reasons = {"reset_limit": self.used_this_week(now), "reset_forbidden": self.orphaned}
        return {code for code, holds in reasons.items() if holds}

    def bind(self, device: str, binding: int) -> None:
        if self.refundable and self.last_device == device:
            self.used.pop()  # R10: given back
        self.refundable = False
        self.device, self.binding = device, binding

    def free(self, *, released: bool = False) -> None:
        self.last_device, self.last_binding = self.device, self.binding
        self.device, self.released, self.refundable = None, released, released


@dataclass(eq=False)
class Owner:
    """An end-user account."""

    affiliated: bool
    seats: list[Seat] = field(default_factory=list)
    regular: bool = False
    occasions: int = 0


@dataclass(eq=False)
class Bill:
    """An order: cents owed, and what was paid of them."""

    name: str
    quantity: int
    total: int
    due_at: int | None
    paid: int = 0
    cancelled: bool = False

    def is_open(self, now: int) -> bool:
        return self.paid < self.total and not self.cancelled and (self.due_at is None or now < self.due_at)


@dataclass(eq=False)
class Certificate:
    """What a device was given: for which licence, and for which of its activations."""

    seat: Seat
    binding: int
    device: str
    text: str

    @property
    def is_current(self) -> bool:
        return self.seat.device is not None and self.seat.binding == self.binding


class World:
    """One reseller, its customers, their licences and devices."""

    def __init__(self, now: int) -> None:
        self.now = now
        self.paid = self.assigned = self.forfeited = self.affiliates = 0
        self.tests_granted = self.tests_assigned = 0
        self.terminated = False
        self.owners: list[Owner] = []
        self.bills: list[Bill] = []
        self.waiting: dict[str, Seat] = {}
        self._bindings = 0

    @property
    def pool(self) -> int:
        return self.paid - self.assigned - self.forfeited

    @property
    def tests(self) -> int:
        return self.tests_granted - self.tests_assigned

    def seats(self) -> list[Seat]:
        return [seat for owner in self.owners for seat in owner.seats]

    # Devices

    def activate(  # noqa: PLR0911  (one for each way an activation ends)
        self, owner: Owner, device: str, said: Said, *, move: bool = False, named: Seat | None = None
    ) -> Certificate | None:
        """L2, L4, L8, R7."""
        if not owner.seats:
            return expect(said, {"no_license"})
        own = [seat for seat in owner.seats if seat.device == device]
        for seat in own:
            if not seat.is_over(self.now):  # L2: the same device again is the same activation
                if refused(said, seat.standing(self.now)):
                    return None
                demand(said.status == 200 and said.body["license_id"] == seat.name, said, "L2")
                return self._certify(seat, said)
        wanted = owner.seats if named is None else [named]
        if move and named is None and len(owner.seats) > 1:
            return expect(said, {"license_ambiguous"})
        free = [seat for seat in wanted if seat.device is None and not seat.standing(self.now)]
        if free:
            return self._take(free, device, said)
        if move:
            return self._move(wanted[0], device, said)
        good = [seat for seat in wanted if not seat.standing(self.now)]
        over = {code for seat in own for code in seat.standing(self.now)}
        why = {"device_limit"} if good else {code for seat in wanted for code in seat.standing(self.now)}
        return expect(said, why | over)

    def _take(self, free: list[Seat], device: str, said: Said) -> Certificate:
        demand(said.status == 201, said, "L4")
        [seat] = [seat for seat in free if seat.name == said.body["license_id"]]
        seat.bind(device, self._next())
        return self._certify(seat, said)

    def _move(self, seat: Seat, device: str, said: Said) -> Certificate | None:
        if refused(said, seat.standing(self.now) | seat.self_service(self.now)):
            return None
        demand(said.status == 201, said, "R7")
        seat.used.append(self.now)
        seat.free()
        seat.bind(device, self._next())
        return self._certify(seat, said)

    def renew(self, owner: Owner, shown: Certificate, said: Said) -> Certificate | None:
        """R8, T5."""
        seat = shown.seat
        if not shown.is_current:
            return expect(said, {"superseded"})
        if seat.kind == "test" and seat.has_ended(self.now) and not seat.revoked:
            return self._rebind(owner, shown, said)
        if refused(said, seat.standing(self.now)):
            return None
        demand(said.status == 200 and said.body["license_id"] == seat.name, said, "R8")
        return self._certify(seat, said)

    def _rebind(self, owner: Owner, shown: Certificate, said: Said) -> Certificate | None:
        regular = [one for one in owner.seats if one.kind == "perpetual" and not one.is_over(self.now)]
        held = [one for one in regular if one.device == shown.device]
        free = [one for one in regular if one.device is None and not one.suspended]
        if held and held[0].suspended:
            return expect(said, {"suspended", "expired"})
        if not held and not free:
            return expect(said, {"expired"})
        demand(said.status == 200, said, "T5")
        [seat] = [one for one in held or free if one.name == said.body["license_id"]]
        if not held:
            seat.bind(shown.device, self._next())
        return self._certify(seat, said)

    def release(self, shown: Certificate, said: Said) -> None:
        """R10."""
        seat = shown.seat
        if not shown.is_current:
            again = seat.released and seat.last_binding == shown.binding
            if again and said.status == 200:
                return
            demand(seat.device is not None or not again, said, "R10: repeatable")
            expect(said, {"superseded"})
        elif not refused(said, seat.standing(self.now) | seat.self_service(self.now)):
            demand(said.status == 200, said, "R10")
            seat.used.append(self.now)
            seat.free(released=True)

    # Resets

    def reset(self, seat: Seat, said: Said) -> None:
        """R1, R3, R9: the owner's own."""
        unused = {"reset_unused"} if seat.device is None else set()
        if refused(said, seat.standing(self.now) | unused | seat.self_service(self.now)):
            if said.code == "reset_limit":
                demand(moment(said.body["next_at"]) == monday_after(self.now), said, "R3")
            return
        demand(said.status == 200 and moment(said.body["next_at"]) == monday_after(self.now), said, "R3")
        seat.used.append(self.now)
        seat.free()

    def reset_by_agent(self, seat: Seat, said: Said) -> None:
        """R4, R5."""
        if refused(said, self._against_agent(seat)):
            return
        lately = [at for at in seat.agent_resets if at > self.now - MONTH_S]
        if len(lately) >= AGENTS_PER_MONTH:
            expect(said, {"approval_required"})
            self.waiting[said.body["reset_id"]] = seat
            return
        self._freed_by_agent(seat, said)

    def approve(self, reset_id: str, said: Said, *, own: bool) -> None:
        """R5: a second person decides; nobody approves their own."""
        seat = self.waiting[reset_id]
        if own:
            expect(said, {"forbidden"})
        elif not refused(said, self._against_agent(seat)):
            del self.waiting[reset_id]
            self._freed_by_agent(seat, said)

    def _against_agent(self, seat: Seat) -> set[str]:
        unused = {"reset_unused"} if seat.device is None else set()
        orphaned = {"reset_forbidden"} if seat.orphaned else set()
        return seat.standing(self.now, for_staff=True) | unused | orphaned

    def _freed_by_agent(self, seat: Seat, said: Said) -> None:
        demand(said.status == 200, said, "R4")
        seat.agent_resets.append(self.now)
        seat.free()

    def suspend(self, seat: Seat, said: Said, *, reinstate: bool) -> None:
        """L8: reversible, and the device keeps its place."""
        if seat.revoked:
            demand(said.status >= 400, said, "L8")
        elif said.status == 200:
            seat.suspended = not reinstate
        else:  # said of what stands so already, or has run out
            demand(seat.suspended is not reinstate or seat.has_ended(self.now), said, "L8")

    def revoke(self, seat: Seat, said: Said) -> None:
        """L8: final."""
        demand(said.status == 200 or seat.revoked, said, "L8")
        seat.revoked = True

    # Resellers

    def order(self, bill: Bill | None, said: Said) -> None:
        """P3."""
        if self.terminated:
            expect(said, {"credentials"})
        elif bill is not None:
            self.bills.append(bill)

    def pay(self, bill: Bill, cents: int, said: Said) -> None:
        """P3: in full, and only then, the licences join the pool."""
        if not bill.is_open(self.now):
            expect(said, {"conflict"})
            return
        demand(said.status == 200, said, "P3")
        bill.paid += cents
        demand(said.body["settled"] is (bill.paid >= bill.total), said, "P3")
        if bill.paid >= bill.total:
            self.paid += bill.quantity

    def grant_tests(self, count: int, said: Said) -> None:
        """T1."""
        if self.terminated:
            demand(said.status >= 400, said, "P9")
        else:
            demand(said.status == 200, said, "T1")
            self.tests_granted += count

    def assign(self, owner: Owner, count: int, said: Said) -> None:
        """P5, P6, T4, T5."""
        if self.terminated:
            expect(said, {"credentials"})
            return
        too_many = owner.affiliated and self.affiliates + count > self.paid // 10
        reasons = {"affiliate_limit": too_many, "pool_exhausted": count > self.pool}
        if refused(said, {code for code, holds in reasons.items() if holds}):
            return
        demand(said.status == 201 and len(said.body["license_ids"]) == count, said, "P5")
        running = [one for one in owner.seats if one.kind == "test" and not one.is_over(self.now)]
        demand(sorted(said.body["ended_tests"]) == sorted(one.name for one in running), said, "T5")
        for one in running:
            one.ends_at = self.now
        owner.seats += [Seat(name, "perpetual") for name in said.body["license_ids"]]
        owner.regular = True
        self.assigned += count
        self.affiliates += count if owner.affiliated else 0

    def assign_tests(self, owner: Owner, count: int, said: Said) -> None:
        """T2-T4, T6."""
        if self.terminated:
            expect(said, {"credentials"})
            return
        reasons = {
            "test_limit": owner.regular or owner.occasions >= OCCASIONS,
            "pool_exhausted": count > self.tests,
        }
        if refused(said, {code for code, holds in reasons.items() if holds}):
            return
        demand(said.status == 201 and len(said.body["license_ids"]) == count, said, "T2")
        demand(abs(moment(said.body["license_ends_at"]) - self.now - TEST_S) <= 2, said, "T2")
        owner.seats += [Seat(name, "test", self.now + TEST_S) for name in said.body["license_ids"]]
        owner.occasions += 1
        self.tests_assigned += count

    def terminate(self, said: Said) -> None:
        """P9, R9."""
        if self.terminated:
            demand(said.status >= 400, said, "P9")
            return
        demand(said.status == 200, said, "P9")
        self.terminated = True
        self.forfeited += self.pool
        self.tests_assigned += self.tests
        for seat in self.seats():
            seat.orphaned = True
        for bill in self.bills:
            bill.cancelled = bill.cancelled or bill.paid < bill.total

    def _certify(self, seat: Seat, said: Said) -> Certificate:
        demand(not seat.standing(self.now), said, "L8")
        return Certificate(seat, seat.binding, seat.device or "", said.body["certificate"])

    def _next(self) -> int:
        self._bindings += 1
        return self._bindings


def moment(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


def demand(holds: bool, said: Said, rule: str) -> None:
    if not holds:
        raise Disagreement(f"{rule}: the server said {said.status} {said.body}")


def expect(said: Said, codes: set[str]) -> None:
    demand(said.code in codes, said, f"expected a refusal for {sorted(codes)}")


def refused(said: Said, codes: set[str]) -> bool:
    """Tell whether it had to be refused, and make sure that it was for one of these reasons."""
    if codes:
        expect(said, codes)
    return bool(codes)
