"""A reseller's customers, and the licences it assigns to them, one or a thousand."""

from collections.abc import Mapping
from typing import Any, Final

from activation.http.acting import ActRoute
from activation.http.calls import Call
from activation.http.naming import id_of, own_id
from activation.licensing.identifiers import ACCOUNT, LICENSE, account_of_login, to_text
from activation.licensing.roles import Act
from activation.licensing.standing import state_word
from activation.licensing.verdicts import Filed, Refusal, Refused
from activation.messages.answers import Told
from activation.messages.assignments import (
    MAX_BATCH_BODY,
    AssignmentRequest,
    BatchRequest,
    BatchRowMessage,
    CustomerRequest,
    parse_assignment,
    parse_batch,
    parse_customer,
)
from activation.messages.strict import MalformedError
from activation.messages.times import optional_rfc3339, to_rfc3339
from activation.service.desk import Desk
from activation.service.provisioning import MadeAccount
from activation.service.reselling.assigning import Wish, assign, report_limit
from activation.service.reselling.bulk import DoneRow, RefusedRow, UnreadRow, assign_rows
from activation.service.reselling.customers import (
    PAGE,
    CustomerView,
    License,
    NewCustomer,
    find_customers,
    make_customer,
    see_customer,
    see_customers,
    see_licenses,
)
from activation.service.reselling.granting import PAGE as TESTS_PAGE
from activation.service.reselling.granting import Running, assign_tests, see_running_tests
from activation.service.reselling.handing import Assigned
from activation.service.reselling.sheets import BatchRow
from activation.service.working import Work

MOST_QUERY: Final = 254


async def post_customer(work: Work, _call: Call, body: bytes) -> Told | Refused:
    """Make an account for a customer; its passwords are shown this once."""
    message = parse_customer(body)
    new = NewCustomer(
        message.name,
        message.email,
        message.address,
        message.affiliated,
        message.own_use,
        message.rolled_out,
    )
    made = await make_customer(work, own_id(work), new)
    return made if isinstance(made, Refused) else _tell_made(made)


async def get_customers(work: Work, call: Call, _body: bytes) -> Told | Refused:
    """List the reseller's customers by pages, and how many licences each has (C3).

    With `?query=` those whose login it is, or in whose name or e-mail it is found, the newest first.
    """
    after = id_of(ACCOUNT, call.query.get("after", ""))
    query = call.query.get("query", "")[:MOST_QUERY].strip()
    if query:
        found = await find_customers(work, own_id(work), query, after)
    else:
        found = await see_customers(work, own_id(work), after)
    told: dict[str, Any] = {"customers": [_tell_customer(work.desk, view) for view in found]}
    if len(found) == PAGE:
        told["next_after"] = told["customers"][-1]["account_id"]
    return told


async def get_customer(work: Work, call: Call, _body: bytes) -> Told | Refused:
    """Show one customer and its licences, a page of them after `?after=`."""
    account_id = id_of(ACCOUNT, call.path["account_id"])
    found = await see_customer(work, own_id(work), account_id)
    if isinstance(found, Refused):
        return found
    after = id_of(LICENSE, call.query.get("after", ""))
    licenses = await see_licenses(work, own_id(work), account_id, after)
    told = {**_tell_customer(work.desk, found), "list": [_tell_license(work, one) for one in licenses]}
    if len(licenses) == PAGE:
        told["next_after"] = to_text(LICENSE, licenses[-1].license_id)
    return told


async def post_assignment(work: Work, _call: Call, body: bytes) -> Told | Filed | Refused:
    """Assign licences out of the pool (P5)."""
    done = await assign(work, own_id(work), _wish_of(parse_assignment(body)))
    return await report_limit(work, done) if isinstance(done, Refused) else tell_assigned(done)


async def get_tests(work: Work, call: Call, _body: bytes) -> Told | Refused:
    """List the reseller's test licences that still run, by pages after `?after=` (T2)."""
    found = await see_running_tests(work, own_id(work), id_of(LICENSE, call.query.get("after", "")))
    told: dict[str, Any] = {"tests": [_tell_test(work.desk, one) for one in found]}
    if len(found) == TESTS_PAGE:
        told["next_after"] = told["tests"][-1]["license_id"]
    return told


async def post_tests(work: Work, _call: Call, body: bytes) -> Told | Filed | Refused:
    """Assign test licences (T2-T4)."""
    done = await assign_tests(work, own_id(work), _wish_of(parse_assignment(body)))
    return await report_limit(work, done) if isinstance(done, Refused) else tell_assigned(done)


async def post_batch(work: Work, _call: Call, body: bytes) -> Told | Refused:
    """Assign row by row, up to a thousand; one result each."""
    messages, all_or_nothing = parse_batch(body)
    rows = [row_of(number, message) for number, message in enumerate(messages, start=1)]
    done = await assign_rows(work, own_id(work), rows, all_or_nothing=all_or_nothing)
    if isinstance(done, Refused):
        return done
    refused = sum(isinstance(row, RefusedRow) for row in done)
    return {
        "assigned": len(done) - refused,
        "refused": refused,
        "rows": [_tell_row(row) for row in done],
    }


def tell_assigned(done: Assigned) -> dict[str, Any]:
    """Tell what an account got, and which test licences that ended (T5)."""
    return {
        "account_id": to_text(ACCOUNT, done.account_id),
        "product": done.product,
        "major": done.major,
        "kind": done.kind.name.lower(),
        "license_ids": [to_text(LICENSE, one) for one in done.license_ids],
        "license_ends_at": optional_rfc3339(done.ends_at),
        "updates_until": optional_rfc3339(done.updates_until),
        "ended_tests": [to_text(LICENSE, one) for one in done.ended_tests],
    }


def _wish_of(message: AssignmentRequest) -> Wish:
    login, account = message.login, message.account
    account_id = account_of_login(login) if login else id_of(ACCOUNT, account)
    return Wish(account_id, message.product, message.major, message.count)


def row_of(number: int, message: BatchRowMessage | MalformedError) -> BatchRow | UnreadRow:
    """Return a row that was sent as what is decided upon; `number` counts from 1."""
    if isinstance(message, MalformedError):
        return UnreadRow(number, Refused(Refusal.MALFORMED, "request", str(message)))
    return BatchRow(
        number, message.product, message.major, message.count, message.login, message.email, message.name
    )


def _tell_row(row: DoneRow | RefusedRow) -> Mapping[str, Any]:
    if isinstance(row, RefusedRow):
        return {"row": row.number, "code": str(row.refused.code), "detail": row.refused.detail}
    told = {"row": row.number, **tell_assigned(row.assigned)}
    return told if row.made is None else {**told, "made": _tell_made(row.made)}


def _tell_made(made: MadeAccount) -> dict[str, Any]:
    return {
        "account_id": to_text(ACCOUNT, made.account_id),
        "login": made.login,
        "password": made.password,
        "activation_password": made.activation_password,
    }


def _tell_customer(desk: Desk, view: CustomerView) -> dict[str, Any]:
    known = view.customer
    return {
        "account_id": to_text(ACCOUNT, known.account_id),
        "login": known.login,
        "name": known.name,
        "email": known.email,
        "address": known.address,
        "state": known.state.name.lower(),
        "affiliated": known.affiliated,
        "own_use": known.own_use,
        "restricted": known.restricted,
        "made_at": to_rfc3339(known.created_at),
        "licenses": [
            {
                "product": desk.catalogue.by_id[count.product_id].code,
                "major": count.major,
                "kind": count.kind.name.lower(),
                "bought": count.bought,
                "used": count.used,
                "free": count.free,
            }
            for count in view.counts
        ],
    }


def _tell_test(desk: Desk, one: Running) -> dict[str, Any]:
    return {
        "license_id": to_text(LICENSE, one.license_id),
        "account_id": to_text(ACCOUNT, one.account_id),
        "login": one.login,
        "name": one.name,
        "product": desk.catalogue.by_id[one.product_id].code,
        "major": one.major,
        "license_ends_at": to_rfc3339(one.ends_at),
        "used": one.used,
    }


def _tell_license(work: Work, one: License) -> dict[str, Any]:
    return {
        "license_id": to_text(LICENSE, one.license_id),
        "product": work.desk.catalogue.by_id[one.product_id].code,
        "major": one.major,
        "kind": one.kind.name.lower(),
        "state": state_word(one.state, one.ends_at, work.now),
        "license_ends_at": optional_rfc3339(one.ends_at),
        "updates_until": optional_rfc3339(one.updates_until),
        "assigned_at": to_rfc3339(one.created_at),
        "used": one.used,
    }


ROUTES: Final = (
    ActRoute("GET", "/v1/reseller/customers", Act.OWN_SEE, get_customers),
    ActRoute("POST", "/v1/reseller/customers", Act.OWN_ASSIGN, post_customer, 201, takes=CustomerRequest),
    ActRoute("GET", "/v1/reseller/customers/{account_id}", Act.OWN_SEE, get_customer),
    ActRoute(
        "POST", "/v1/reseller/assignments", Act.OWN_ASSIGN, post_assignment, 201, takes=AssignmentRequest
    ),
    ActRoute(
        "POST",
        "/v1/reseller/assignments/batch",
        Act.OWN_ASSIGN,
        post_batch,
        max_body=MAX_BATCH_BODY,
        takes=BatchRequest,
    ),
    ActRoute("GET", "/v1/reseller/tests", Act.OWN_SEE, get_tests),
    ActRoute("POST", "/v1/reseller/tests", Act.OWN_ASSIGN, post_tests, 201, takes=AssignmentRequest),
)
