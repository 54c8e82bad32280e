"""Test licences: how many are left, giving them, and those that run (T1-T6)."""

from typing import Final
from urllib.parse import urlencode

from activation.console.customers.assigning import AssignForm, chosen
from activation.console.customers.choosing import at_field, supply_of, wish_of
from activation.console.outcomes import Page, SeeOther
from activation.console.pages import FormRoute, PageRoute
from activation.http.calls import Call
from activation.http.naming import id_of, own_id
from activation.licensing.identifiers import ACCOUNT, LICENSE, to_text
from activation.licensing.model import LicenseKind
from activation.licensing.reselling.testing import OCCASIONS, TEST_S
from activation.licensing.roles import Act
from activation.licensing.verdicts import Filed, Refused
from activation.service.reselling.assigning import report_limit
from activation.service.reselling.granting import assign_tests, see_running_tests
from activation.service.working import Work

PATH: Final = "/console/test-licenses"
ROWS: Final = 100


async def see(work: Work, call: Call) -> Page:
    """Show what is left, the form, and the tests that run."""
    supply = await supply_of(work, LicenseKind.TEST)
    running = await see_running_tests(work, own_id(work), id_of(LICENSE, call.query.get("after", "")), ROWS)
    codes = work.desk.catalogue.by_id
    return Page(
        "customers/tests.html",
        "tests.title",
        customer=await chosen(work, call),
        lots=supply.lots,
        options=supply.options,
        days=TEST_S // 86400,
        occasions=OCCASIONS,
        rows=[(one, codes[one.product_id].code) for one in running],
        next_url=f"{PATH}?{urlencode({'after': to_text(LICENSE, running[-1].license_id)})}"
        if len(running) == ROWS
        else "",
    )


async def give(work: Work, _call: Call, form: AssignForm) -> SeeOther | Filed | Refused:
    """Give one customer test licences: one occasion, however many they are (T3)."""
    wish = await wish_of(work, form.who, form.what, form.count)
    if isinstance(wish, Refused):
        return wish
    done = await assign_tests(work, own_id(work), wish)
    if isinstance(done, Refused):
        return await report_limit(work, at_field(done))
    to = f"/console/customers/{to_text(ACCOUNT, done.account_id)}"
    return SeeOther(to, "tests.done", count=len(done.license_ids), days=TEST_S // 86400)


PAGE: Final = PageRoute(PATH, Act.OWN_SEE, see)
ROUTES: Final = (PAGE, FormRoute(PATH, Act.OWN_ASSIGN, AssignForm, give, PAGE))
