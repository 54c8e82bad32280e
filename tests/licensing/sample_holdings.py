"""One account's holding with a clock and devices by name, so that a test reads like the rule it is about."""

import itertools
from dataclasses import dataclass, field
from hashlib import blake2b

from activation.licensing.attempts import Activate, By, Release, Renew, Reset
from activation.licensing.deciding import decide
from activation.licensing.identifiers import make_id
from activation.licensing.model import Account, Holding, License
from activation.licensing.verdicts import Granted, Refused, Verdict
from activation.licensing.weeks import ResetWeek

DAY = 86400
FRIDAY = 1_800_000_000  # 2027-01-15 08:00 UTC, 10:00 in Sofia
MONDAY = 1_800_223_200  # 2027-01-18 00:00 in Sofia, the Monday after
PARTS = ("hdd_serial", "system_uuid", "mac")
SHARD = 7


def digest(*words: object) -> bytes:
    return blake2b(repr(words).encode(), digest_size=16).digest()


def device(name: str, **other: str) -> dict[str, tuple[bytes, ...]]:
    """The digests of the device of this name; `other` gives single parts of another device."""
    return {kind: (digest(kind, other.get(kind, name)),) for kind in PARTS}


def make_holding(*licenses: License, product_id: int = 1, version: int = 0) -> Holding:
    account = Account(make_id(SHARD, 1), bytes(16))
    return Holding(account, product_id, version, len(licenses), {one.license_id: one for one in licenses})


def make_license(number: int, major: int = 5, **fields: object) -> License:
    return License(make_id(SHARD, number), major, **fields)


@dataclass
class Scene:
    """A holding, a clock and what may be asked of them."""

    holding: Holding
    now: int = FRIDAY
    week: ResetWeek = field(default_factory=ResetWeek)
    numbers: itertools.count = field(default_factory=lambda: itertools.count(1000))

    def new_id(self) -> int:
        return make_id(SHARD, next(self.numbers))

    def activate(self, name: str, *, by=By.OWNER, major=5, move=False, named=None, digests=None) -> Verdict:
        attempt = Activate(
            by,
            major,
            device(name) if digests is None else digests,
            "standard/1",
            self.new_id(),
            self.new_id(),
            f"the {name}",
            move,
            named.license_id if isinstance(named, License) else named,
        )
        return decide(attempt, self.holding, self.now, self.week)

    def renew(self, granted: Granted, name: str, major: int | None = None, digests=None) -> Verdict:
        given = device(name) if digests is None else digests
        license_id = granted.license.license_id
        attempt = Renew(license_id, granted.activation.activation_id, given, major)
        return decide(attempt, self.holding, self.now, self.week)

    def release(self, granted: Granted, name: str) -> Verdict:
        license_id, activation_id = granted.license.license_id, granted.activation.activation_id
        attempt = Release(license_id, activation_id, device(name), self.new_id())
        return decide(attempt, self.holding, self.now, self.week)

    def reset(self, held: License, *, by: By = By.OWNER, account_id: int | None = None) -> Verdict:
        asking = self.holding.account.account_id if account_id is None else account_id
        return decide(Reset(by, held.license_id, self.new_id(), asking), self.holding, self.now, self.week)

    def reset_by_staff(self, held: License) -> Verdict:
        attempt = Reset(By.STAFF, held.license_id, self.new_id(), None, 77, "device_lost", "lost on a train")
        return decide(attempt, self.holding, self.now, self.week)

    @property
    def licenses(self) -> list[License]:
        return list(self.holding.licenses.values())


def scene(licenses: int = 1, **fields: object) -> Scene:
    """A holding of so many licences of major version 5."""
    return Scene(make_holding(*[make_license(number, **fields) for number in range(1, licenses + 1)]))


def granted(verdict: Verdict, rule: str | None = None) -> Granted:
    assert isinstance(verdict, Granted), verdict
    assert rule is None or verdict.rule == rule
    return verdict


def refused(verdict: Verdict, code: str, rule: str | None = None) -> Refused:
    assert isinstance(verdict, Refused), verdict
    assert verdict.code == code
    assert rule is None or verdict.rule == rule
    return verdict


def holders(held: License) -> list[int]:
    return [one.activation_id for one in held.current]
