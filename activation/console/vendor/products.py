"""Products: their settings, how they know devices, their builds, and what was changed by whom."""

import re
from datetime import date
from typing import Final

from activation.console.outcomes import Page, SeeOther
from activation.console.pages import FormRoute, PageRoute
from activation.console.saying import say
from activation.console.vendor.product_forms import BuildForm, ForksForm, NewForm, PolicyForm, SettingsForm
from activation.http.calls import Call
from activation.licensing.calendars import midnight
from activation.licensing.devices.policies import current_policy
from activation.licensing.roles import Act, may
from activation.licensing.verdicts import Refusal, Refused
from activation.service.products import (
    NEWEST,
    NewProduct,
    ProductSettings,
    change_policy,
    change_settings,
    decide_on_forks,
    make_build,
    make_product,
    see_builds,
    see_history,
    see_product,
    see_products,
)
from activation.service.working import Work

PATH: Final = "/console/products"
ONE: Final = f"{PATH}/{{code}}"
POLICIES: Final = ("standard", "strict", "lenient")
_PLATFORM: Final = re.compile(r"\*|[a-z0-9_-]{1,32}")
_MOST_PLATFORMS: Final = 32
_MOST_BUILDS: Final = 100


async def see_all(work: Work, _call: Call) -> Page:
    """List all products."""
    return Page(
        "vendor/products.html",
        "products.title",
        products=await see_products(work),
        policies=_choices(),
        may_change=may(work.person.role, Act.CHANGE_PRODUCTS),
    )


async def make(work: Work, _call: Call, form: NewForm) -> SeeOther | Refused:
    """Make a product."""
    platforms = _platforms(form.platforms)
    if isinstance(platforms, Refused):
        return platforms
    new = NewProduct(form.code, form.name.strip(), form.policy, platforms, form.update_months)
    made = await make_product(work, new)
    return made if isinstance(made, Refused) else SeeOther(f"{PATH}/{form.code}", "products.made")


async def see(work: Work, call: Call) -> Page | Refused:
    """Show one product: its settings, builds and history; `?before=` goes on in the history."""
    code, before = call.path["code"], call.query.get("before", "")
    product = await see_product(work, code)
    if isinstance(product, Refused):
        return product
    builds = await see_builds(work, code)
    is_place = before.isascii() and before.isdigit() and len(before) < len(str(NEWEST))
    history = await see_history(work, code, int(before) if is_place else NEWEST)
    if isinstance(builds, Refused) or isinstance(history, Refused):
        return Refused(Refusal.NOT_FOUND, "L7", "")
    following = history.next_before
    return Page(
        "vendor/product.html",
        "products.one",
        title_values={"name": product.name},
        product=product,
        builds=builds[:_MOST_BUILDS],
        more_builds=max(len(builds) - _MOST_BUILDS, 0),
        history=history.changes,
        next_url=f"{PATH}/{code}?before={following}#history" if following is not None else "",
        policies=[current_policy(name) for name in POLICIES],
        policy_choices=_choices(),
        platforms=" ".join(product.install_id_platforms),
        may_change=may(work.person.role, Act.CHANGE_PRODUCTS),
        zone=work.desk.week.zone.key,
    )


async def settle(work: Work, call: Call, form: SettingsForm) -> SeeOther | Refused:
    """Change a product's settings."""
    platforms = _platforms(form.platforms)
    if isinstance(platforms, Refused):
        return platforms
    wanted = ProductSettings(form.name.strip(), platforms, form.update_months)
    done = await change_settings(work, call.path["code"], wanted)
    return done if isinstance(done, Refused) else _back(call)


async def know(work: Work, call: Call, form: PolicyForm) -> SeeOther | Refused:
    """Change how a product knows devices (D2)."""
    done = await change_policy(work, call.path["code"], form.policy)
    return done if isinstance(done, Refused) else _back(call)


async def decide(work: Work, call: Call, form: ForksForm) -> SeeOther | Refused:
    """Refuse renewals by copied device keys, or only report them (D6)."""
    done = await decide_on_forks(work, call.path["code"], form.forks == "refused")
    return done if isinstance(done, Refused) else _back(call)


async def release(work: Work, call: Call, form: BuildForm) -> SeeOther | Refused:
    """Make a build known: released at the beginning of a day, as the vendor's days are."""
    try:
        released_at = midnight(date.fromisoformat(form.released_on), work.desk.week.zone)
    except (ValueError, OverflowError):
        return _wrong("released_on", say("products.wrong_day"))
    if released_at < 0:
        return _wrong("released_on", say("products.wrong_day"))
    done = await make_build(work, call.path["code"], form.version, released_at)
    if isinstance(done, Refused):
        return done
    return SeeOther(f"{PATH}/{call.path['code']}", "products.released", version=form.version)


def _choices() -> list[tuple[str, str]]:
    """Return the policies, each with its words and what it means."""
    named = (
        (one, say(f"products.policies.{one}"), say(f"products.policies_about.{one}")) for one in POLICIES
    )
    return [(one, say("products.choice", name=name, about=about)) for one, name, about in named]


def _platforms(text: str) -> frozenset[str] | Refused:
    names = text.replace(",", " ").split()
    wrong = [name for name in names if not _PLATFORM.fullmatch(name)]
    if wrong or len(names) > _MOST_PLATFORMS:
        return _wrong("platforms", say("products.wrong_platforms"))
    return frozenset(names)


def _wrong(name: str, detail: str) -> Refused:
    return Refused(Refusal.MALFORMED, "request", detail, facts={"field": name})


def _back(call: Call) -> SeeOther:
    return SeeOther(f"{PATH}/{call.path['code']}", "products.kept")


_ALL: Final = PageRoute(PATH, Act.SEE_PRODUCTS, see_all)
_ONE: Final = PageRoute(ONE, Act.SEE_PRODUCTS, see)
ROUTES: Final = (
    _ALL,
    FormRoute(PATH, Act.CHANGE_PRODUCTS, NewForm, make, _ALL),
    _ONE,
    FormRoute(f"{ONE}/settings", Act.CHANGE_PRODUCTS, SettingsForm, settle, _ONE),
    FormRoute(f"{ONE}/policy", Act.CHANGE_PRODUCTS, PolicyForm, know, _ONE),
    FormRoute(f"{ONE}/forks", Act.CHANGE_PRODUCTS, ForksForm, decide, _ONE),
    FormRoute(f"{ONE}/builds", Act.CHANGE_PRODUCTS, BuildForm, release, _ONE),
)
