"""Products and their builds (L7), for the licensor's staff."""

from typing import Final

from activation.http.acting import ActRoute
from activation.http.calls import Call
from activation.http.staff.telling_licenses import tell_build, tell_product
from activation.licensing.roles import Act
from activation.licensing.verdicts import Refused
from activation.messages.answers import Told
from activation.messages.licenses import (
    BuildRequest,
    ForksRequest,
    PolicyRequest,
    ProductRequest,
    SettingsRequest,
    parse_build,
    parse_forks,
    parse_policy,
    parse_product,
    parse_settings,
)
from activation.service.products import (
    NewProduct,
    ProductSettings,
    change_policy,
    change_settings,
    decide_on_forks,
    make_build,
    make_product,
    see_builds,
    see_products,
)
from activation.service.working import Work


async def get_products(work: Work, _call: Call, _body: bytes) -> Told | Refused:
    """List all products."""
    return {"products": [tell_product(one) for one in await see_products(work)]}


async def post_product(work: Work, _call: Call, body: bytes) -> Told | Refused:
    """Make a product."""
    message = parse_product(body)
    new = NewProduct(
        message.code,
        message.name,
        message.policy,
        frozenset(message.install_id_platforms),
        message.update_months,
        message.refuses_forks,
    )
    made = await make_product(work, new)
    if isinstance(made, Refused):
        return made
    return {"code": made.code, "update_months": made.update_months, "refuses_forks": made.refuses_forks}


async def post_forks(work: Work, call: Call, body: bytes) -> Told | Refused:
    """Refuse a product's renewals by copied device keys, or only report them (D6)."""
    product = await decide_on_forks(work, call.path["code"], parse_forks(body))
    return product if isinstance(product, Refused) else tell_product(product)


async def post_policy(work: Work, call: Call, body: bytes) -> Told | Refused:
    """Change how a product knows devices; those enrolled stay known as they were (D2)."""
    product = await change_policy(work, call.path["code"], parse_policy(body))
    return product if isinstance(product, Refused) else tell_product(product)


async def post_settings(work: Work, call: Call, body: bytes) -> Told | Refused:
    """Change a product's name, its term of updates (L7), and where a made-up id will do (D3)."""
    message = parse_settings(body)
    platforms = frozenset(message.install_id_platforms)
    wanted = ProductSettings(message.name, platforms, message.update_months)
    product = await change_settings(work, call.path["code"], wanted)
    return product if isinstance(product, Refused) else tell_product(product)


async def get_builds(work: Work, call: Call, _body: bytes) -> Told | Refused:
    """List a product's builds, the newest first."""
    builds = await see_builds(work, call.path["code"])
    if isinstance(builds, Refused):
        return builds
    return {"product": call.path["code"], "builds": [tell_build(one) for one in builds]}


async def post_build(work: Work, call: Call, body: bytes) -> Told | Refused:
    """Make a build known, with the time of its release."""
    build = await make_build(work, call.path["code"], *parse_build(body))
    return build if isinstance(build, Refused) else {"product": call.path["code"], **tell_build(build)}


_ONE: Final = "/v1/staff/products/{code}"

ROUTES: Final = (
    ActRoute("GET", "/v1/staff/products", Act.SEE_PRODUCTS, get_products),
    ActRoute("POST", "/v1/staff/products", Act.CHANGE_PRODUCTS, post_product, 201, takes=ProductRequest),
    ActRoute("POST", f"{_ONE}/forks", Act.CHANGE_PRODUCTS, post_forks, takes=ForksRequest),
    ActRoute("POST", f"{_ONE}/policy", Act.CHANGE_PRODUCTS, post_policy, takes=PolicyRequest),
    ActRoute("POST", f"{_ONE}/settings", Act.CHANGE_PRODUCTS, post_settings, takes=SettingsRequest),
    ActRoute("GET", f"{_ONE}/builds", Act.SEE_PRODUCTS, get_builds),
    ActRoute("POST", f"{_ONE}/builds", Act.CHANGE_PRODUCTS, post_build, 201, takes=BuildRequest),
)
