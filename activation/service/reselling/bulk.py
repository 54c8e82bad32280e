"""Assigning by the hundred: one result for each row, and all or nothing on request (P5).

A row names a customer by its login, or by an e-mail and a name: then the account is made unless the reseller
has a customer with this e-mail. Everything is read once; the rows are decided one after the other, each on
what the ones before it left; then what they came to is written by the set (`handing.py`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from activation.licensing.identifiers import account_of_login
from activation.licensing.kinds import Term, term_of
from activation.licensing.model import AccountState, LicenseKind, Product
from activation.licensing.reselling.affiliates import Share
from activation.licensing.reselling.assigning import Giver, Recipient, refuse_assignment
from activation.licensing.reselling.pool import Lot, PoolKey, take_oldest, without
from activation.licensing.values import value
from activation.licensing.verdicts import Refused
from activation.service.provisioning import MadeAccount, draw_account
from activation.service.reselling.assigning import NO_ACCOUNT, NO_PRODUCT
from activation.service.reselling.customers import NewCustomer, new_account
from activation.service.reselling.givers import find_giver
from activation.service.reselling.handing import Assigned, Handed, draw_licenses, write_handed
from activation.service.reselling.sheets import BatchRow, note_done, refuse_again
from activation.service.working import Work
from activation.storage.accounts import PersonalField
from activation.storage.reselling.assigning_many import NewAccount, lock_recipients
from activation.storage.reselling.assignments import read_share
from activation.storage.reselling.customers import find_by_emails
from activation.storage.reselling.pool_ledger import read_lots

_NOTHING: Final = "Row {}: {} Nothing was assigned."


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


@dataclass(slots=True)
class _Sheet:
    """What the rows are decided upon, kept up to date from row to row."""

    work: Work
    reseller_id: int
    giver: Giver
    share: Share
    known: dict[str, int]
    recipients: dict[int, Recipient]
    left: dict[PoolKey, list[Lot]]
    new: list[NewAccount] = field(default_factory=list)
    handed: list[Handed] = field(default_factory=list)


async def assign_rows(
    work: Work,
    reseller_id: int,
    rows: Sequence[BatchRow | UnreadRow],
    *,
    all_or_nothing: bool,
    again: bool = True,
) -> list[DoneRow | RefusedRow] | Refused:
    """Assign row by row. With `all_or_nothing` one refused row refuses all of them, each with its reason.

    Without `again`, rows are refused that were assigned before, whoever of the reseller's people sent them.
    """
    sheet = await _open_sheet(work, reseller_id, rows)
    if isinstance(sheet, Refused):
        return sheet
    named = [row for row in rows if isinstance(row, BatchRow)]
    known = None if again else await refuse_again(work, reseller_id, named)
    if known is not None:
        return known
    results = _decide_all(sheet, rows)
    refused = [result for result in results if isinstance(result, RefusedRow)]
    if all_or_nothing and refused:
        return _refuse_all(refused)
    ended = await write_handed(work, sheet.new, sheet.handed)
    if sheet.handed:
        licenses = sum(len(one.assigned.license_ids) for one in sheet.handed)
        await note_done(work, reseller_id, named, licenses)
    return [_with_ended(result, ended) for result in results]


async def preview_rows(
    work: Work, reseller_id: int, rows: Sequence[BatchRow | UnreadRow]
) -> list[DoneRow | RefusedRow] | Refused:
    """Tell what `assign_rows` would come to just now, and write nothing: what it draws is nobody's."""
    sheet = await _open_sheet(work, reseller_id, rows)
    if isinstance(sheet, Refused):
        return sheet
    # Who is told that an e-mail is a customer's knows now whose it is (G6).
    await work.look(sorted(sheet.known.values()), (PersonalField.EMAIL,))
    return _decide_all(sheet, rows)


async def _open_sheet(
    work: Work, reseller_id: int, given: Sequence[BatchRow | UnreadRow]
) -> _Sheet | Refused:
    giver = await find_giver(work, reseller_id)
    if isinstance(giver, Refused):
        return giver
    rows = [row for row in given if isinstance(row, BatchRow)]
    connection = work.connection
    emails = {row.email.lower() for row in rows if row.email}
    known = await find_by_emails(connection, reseller_id, emails)
    named = {account_of_login(row.login) for row in rows if row.login} | set(known.values())
    recipients = await lock_recipients(connection, reseller_id, named)
    share = await read_share(connection, reseller_id)
    left = {key: await read_lots(connection, key) for key in _keys(work, reseller_id, rows)}
    return _Sheet(work, reseller_id, giver, share, known, recipients, left)


def _keys(work: Work, reseller_id: int, rows: Iterable[BatchRow]) -> set[PoolKey]:
    products = work.desk.catalogue.by_code
    return {
        PoolKey(reseller_id, products[row.product].product_id, row.major)
        for row in rows
        if row.product in products
    }


def _decide_all(sheet: _Sheet, rows: Sequence[BatchRow | UnreadRow]) -> list[DoneRow | RefusedRow]:
    return [
        _decide(sheet, row) if isinstance(row, BatchRow) else RefusedRow(row.number, row.refused)
        for row in rows
    ]


def _decide(sheet: _Sheet, row: BatchRow) -> DoneRow | RefusedRow:
    product = sheet.work.desk.catalogue.by_code.get(row.product)
    if product is None:
        return RefusedRow(row.number, NO_PRODUCT)
    term = term_of(LicenseKind.PERPETUAL, sheet.work.now, product.update_months)
    if isinstance(term, Refused):
        return RefusedRow(row.number, term)
    account_id = account_of_login(row.login) if row.login else sheet.known.get(row.email.lower())
    recipient = _nobody_yet() if account_id is None else sheet.recipients.get(account_id)
    if recipient is None:
        return RefusedRow(row.number, NO_ACCOUNT)
    left = sheet.left[PoolKey(sheet.reseller_id, product.product_id, row.major)]
    available = sum(lot.count for lot in left)
    refused = refuse_assignment(sheet.giver, recipient, sheet.share, available, row.count)
    if refused is not None:
        return RefusedRow(row.number, refused)
    return _hand_over(sheet, row, recipient, product, term)


def _hand_over(sheet: _Sheet, row: BatchRow, recipient: Recipient, product: Product, term: Term) -> DoneRow:
    made = None
    if not recipient.account_id:
        made, recipient = _make_account(sheet, row)
    key = PoolKey(sheet.reseller_id, product.product_id, row.major)
    lots = take_oldest(sheet.left[key], row.count)
    sheet.left[key] = without(sheet.left[key], lots)
    if recipient.affiliated:
        sheet.share = replace(sheet.share, given=sheet.share.given + row.count)
    handed = draw_licenses(sheet.work, key, row.product, recipient, lots, term)
    sheet.handed.append(handed)
    return DoneRow(row.number, handed.assigned, made)


def _make_account(sheet: _Sheet, row: BatchRow) -> tuple[MadeAccount, Recipient]:
    made, account = draw_account(sheet.work.desk.secrets.passwords)
    sheet.new.append(new_account(sheet.reseller_id, made, account, NewCustomer(row.name, row.email)))
    sheet.known[row.email.lower()] = made.account_id
    recipient = replace(_nobody_yet(), account_id=made.account_id)
    sheet.recipients[made.account_id] = recipient
    return made, recipient


def _nobody_yet() -> Recipient:
    return Recipient(0, AccountState.OPEN, affiliated=False, own_use=False, regular_at=None)


def _with_ended(result: DoneRow | RefusedRow, ended: dict[int, tuple[int, ...]]) -> DoneRow | RefusedRow:
    """Tell which tests ended with the first row of their account (T5)."""
    if isinstance(result, RefusedRow):
        return result
    tests = ended.pop(result.assigned.account_id, ())
    return replace(result, assigned=replace(result.assigned, ended_tests=tests)) if tests else result


def _refuse_all(refused: Sequence[RefusedRow]) -> Refused:
    first = refused[0]
    rows = [
        {"row": row.number, "code": str(row.refused.code), "detail": row.refused.detail} for row in refused
    ]
    detail = _NOTHING.format(first.number, first.refused.detail)
    return replace(first.refused, detail=detail, facts={"row": first.number, "rows": rows})
