"""What stands behind the question mark, at its worst: refused or not found, never an error of ours."""

import re

import pytest
from sample_people import gather_people

from activation.http.routes import ACT_ROUTES
from activation.licensing.roles import Role, may

NAMES = ("after", "before", "limit", "query", "login", "state", "reseller_id", "product", "major", "kind")
VALUES = {
    "NUL": "%00",
    "not UTF-8": "%ff%fe",
    "a surrogate": "%ed%a0%80",
    "5,000 digits": "000000000001" + "9" * 5000,
    "digits of another script": "%D9%A1%D9%A2",
    "an id too large": "lic_zzzzzzzzzzzzz",
    "a pattern": "%25%5C_%27%3B--",
    "long": "x" * 6000,
    "empty": "",
}
GETS = [route for route in ACT_ROUTES if route.method == "GET"]


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
async def test_no_query_is_an_error_of_ours(office, client, value):
    people = await gather_people(office, client)
    for route in GETS:
        role = next(role for role in Role if may(role, route.act))
        paths = {re.sub(r"\{\w+\}", named, route.path) for named in ("lic_0000000000000", value)}
        for path in paths:
            for name in NAMES if "{" not in route.path else NAMES[:3]:
                status, _ = await people.ask("GET", f"{path}?{name}={value}", people.bearer(role))
                assert status < 500, (route.path, name)
