"""What a form of assigning asks for: which licences out of which pool, and to whom they go."""

from dataclasses import replace
from typing import Annotated, Final

from msgspec import Meta

from activation.console.saying import say
from activation.http.naming import own_id
from activation.licensing.model import LicenseKind
from activation.licensing.values import value
from activation.licensing.verdicts import Refusal, Refused
from activation.messages.assignments import MAX_COUNT
from activation.service.reselling.assigning import NO_ACCOUNT, Wish
from activation.service.reselling.customers import name_customer
from activation.service.reselling.pools import Left, see_left
from activation.service.working import Work

_MAJOR: Final = r"(?:[0-9]{1,4}|[12][0-9]{4}|3[01][0-9]{3}|32[0-6][0-9]{2}|327[0-5][0-9]|3276[0-7])"
What = Annotated[str, Meta(max_length=160, pattern=rf"^[^:]+:{_MAJOR}\Z")]
"""A product's code and a major version (0-32,767), as `Supply.options` has them."""
Who = Annotated[str, Meta(min_length=1, max_length=254)]
Count = Annotated[int, Meta(ge=1, le=MAX_COUNT)]
Option = tuple[str, str]
_NAMED: Final = {Refusal.POOL_EXHAUSTED: "count", Refusal.AFFILIATE_LIMIT: "count", Refusal.TEST_LIMIT: "who"}


@value
class Supply:
    """What a reseller has left of a kind, and what of it can be chosen."""

    lots: tuple[Left, ...]

    @property
    def options(self) -> list[Option]:
        """Return what can be chosen: nothing of which none is left."""
        return [_option(one) for one in self.lots if one.count > 0]


async def supply_of(work: Work, kind: LicenseKind) -> Supply:
    """Return what the reseller who looks has left of a kind."""
    return Supply(tuple(await see_left(work, own_id(work), kind)))


def split(what: str) -> tuple[str, int]:
    """Return the product's code and the major version that were chosen."""
    product, _, major = what.rpartition(":")
    return product, int(major)


async def wish_of(work: Work, who: str, what: str, count: int) -> Wish | Refused:
    """Return who is to get what; refuse an e-mail that no customer has."""
    account_id = await name_customer(work, own_id(work), who)
    if account_id is None:
        return replace(NO_ACCOUNT, facts={"field": "who"})
    return Wish(account_id, *split(what), count)


def at_field(refused: Refused) -> Refused:
    """Return a refusal that names the field it is about, where it is about one."""
    name = "who" if refused == NO_ACCOUNT else _NAMED.get(refused.code)
    return refused if name is None else replace(refused, facts={**refused.facts, "field": name})


def _option(left: Left) -> Option:
    text = say("assign.option", product=left.product, major=left.major, count=left.count)
    return f"{left.product}:{left.major}", text
