"""Assigning by the hundred: one result for each row, and all or nothing on request (P5).

A row names a customer by its login, or by an e-mail and a name: then the account is made unless the reseller
has a customer with this e-mail. What a refused row had written is taken back, the other rows stand.
"""

from collections.abc import Sequence
from dataclasses import field, replace
from typing import Final

from activation.licensing.identifiers import account_of_login
from activation.licensing.values import value
from activation.licensing.verdicts import Refused
from activation.service.provisioning import MadeAccount
from activation.service.reselling.assigning import NO_RESELLER, Assigned, Left, Wish, assign
from activation.service.reselling.customers import NewCustomer, store_customer
from activation.service.working import Work
from activation.storage.assignments import lock_giver
from activation.storage.customers import find_by_emails

_NOTHING: Final = "Row {}: {} Nothing was assigned."


@value
class BatchRow:
    """One row: a customer by login or e-mail, and what it gets. `number` counts from 1."""

    number: int
    product: str
    major: int
    count: int
    login: str = field(repr=False, default="")
    email: str = field(repr=False, default="")
    name: str = field(repr=False, default="")


@value
class UnreadRow:
    """A row that cannot be understood, and why."""

    number: int
    refused: Refused


@value
class DoneRow:
    """A row's licences, and the account that was made for them, shown this once."""

    number: int
    assigned: Assigned
    made: MadeAccount | None


@value
class RefusedRow:
    """A row of which nothing was done."""

    number: int
    refused: Refused


class _RowRefusedError(Exception):
    def __init__(self, refused: Refused) -> None:
        super().__init__(refused.code)
        self.refused = refused


async def assign_rows(
    work: Work, reseller_id: int, rows: Sequence[BatchRow | UnreadRow], *, all_or_nothing: bool
) -> list[DoneRow | RefusedRow] | Refused:
    """Assign row by row. With `all_or_nothing` one refused row refuses all of them, each with its reason."""
    if await lock_giver(work.connection, reseller_id) is None:
        return NO_RESELLER
    emails = {row.email.lower() for row in rows if isinstance(row, BatchRow) and row.email}
    known = await find_by_emails(work.connection, reseller_id, emails)
    left: Left = {}
    results: list[DoneRow | RefusedRow] = []
    for row in rows:
        if isinstance(row, UnreadRow):
            results.append(RefusedRow(row.number, row.refused))
        else:
            results.append(await _assign_row(work, reseller_id, row, known, left))
    refused = [result for result in results if isinstance(result, RefusedRow)]
    return _refuse_all(refused) if all_or_nothing and refused else results


async def _assign_row(
    work: Work, reseller_id: int, row: BatchRow, known: dict[str, int], left: Left
) -> DoneRow | RefusedRow:
    """Assign a row's licences; `known` learns of an account made for it."""
    try:
        async with work.connection.transaction():
            made, account_id = await _account_of(work, reseller_id, row, known)
            wish = Wish(account_id, row.product, row.major, row.count)
            assigned = await assign(work, reseller_id, wish, left)
            if isinstance(assigned, Refused):
                raise _RowRefusedError(assigned)
    except _RowRefusedError as refused:
        return RefusedRow(row.number, refused.refused)
    if made is not None:
        known[row.email.lower()] = account_id
    return DoneRow(row.number, assigned, made)


async def _account_of(
    work: Work, reseller_id: int, row: BatchRow, known: dict[str, int]
) -> tuple[MadeAccount | None, int]:
    if row.login:
        return None, account_of_login(row.login)
    account_id = known.get(row.email.lower())
    if account_id is not None:
        return None, account_id
    made = await store_customer(work, reseller_id, NewCustomer(row.name, row.email))
    return made, made.account_id


def _refuse_all(refused: Sequence[RefusedRow]) -> Refused:
    first = refused[0]
    rows = [
        {"row": row.number, "code": str(row.refused.code), "detail": row.refused.detail} for row in refused
    ]
    detail = _NOTHING.format(first.number, first.refused.detail)
    return replace(first.refused, detail=detail, facts={"row": first.number, "rows": rows})
