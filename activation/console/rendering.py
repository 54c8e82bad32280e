"""Pages into HTML: templates compiled once, everything escaped, an unknown name an error (Jinja2)."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from activation.console import charts
from activation.console.navigation import entries_of, is_current
from activation.console.outcomes import Page
from activation.console.saying import LANGUAGE, mark_up, say, texts
from activation.console.static_files import address_of_file
from activation.console.viewing import Form, View
from activation.licensing import identifiers

CONTENT_TYPE: Final = "text/html; charset=utf-8"
HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
        " form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}
_AGO: Final = (
    (86_400 * 365, "years"),
    (86_400 * 30, "months"),
    (86_400, "days"),
    (3600, "hours"),
    (60, "minutes"),
)


def render(page: Page, view: View) -> bytes:
    """Return a page's HTML; of a fragment the block that its template calls so (layout.html)."""
    template = _TEMPLATES.get_template(page.template)
    values = {
        **page.values,
        "view": view,
        "title": say(page.title, **page.title_values),
        "entries": [
            (entry, is_current(entry, view.path)) for entry in (entries_of(view.who.role) if view.who else ())
        ],
    }
    return template.render(values).strip().encode()


@pass_context
def form_for(context: Context, action: str) -> Form:
    """Return the form that is sent to `action`."""
    view: View = context["view"]
    return view.form(action)


@pass_context
def show_time(context: Context, at: int | None, style: str = "full") -> Markup:
    """Return a moment (seconds since 1970) in the viewer's zone; "full" tells how far away it is, too.

    "plain" leaves that out, "date" the hour as well. Without a known zone it is UTC, and says so.
    """
    if at is None:
        return mark_up("time.never")
    view: View = context["view"]
    moment = datetime.fromtimestamp(at, UTC)
    local = moment.astimezone(view.zone or UTC)
    month = say("time.months").split()[local.month - 1]
    day = say("time.date", day=local.day, month=month, year=local.year)
    shown = day if style == "date" else say("time.moment", date=day, clock=f"{local:%H:%M}")
    if style != "date" and view.zone is None:
        shown = say("time.utc", moment=shown)
    element = Markup('<time datetime="{}">{}</time>').format(f"{moment:%Y-%m-%dT%H:%M:%SZ}", shown)
    if style != "full":
        return element
    return element + Markup(' <small class="ago">{}</small>').format(distance(at - view.now))


def distance(seconds: int) -> str:
    """Return in words how far away a moment is: in the past (negative) or to come."""
    size = abs(seconds)
    for unit_s, name in _AGO:
        if size >= unit_s:
            if seconds < 0:
                return say(f"time.ago.{name}", count=size // unit_s)
            # Eleven hours and 59 minutes are not "in 11 hours".
            return say(f"time.in.{name}", count=round(size / unit_s))
    return say("time.now")


def show_number(number: int | float) -> str:
    """Return a number with its thousands apart."""
    return f"{number:,}".replace(",", "\u202f")


def show_money(amount: Decimal | str) -> str:
    """Return an amount in euros."""
    return say("time.money", amount=f"{Decimal(amount):,.2f}".replace(",", "\u202f"))


def show_id(identifier: int, kind: str) -> str:
    """Return the public form of an id; `kind` is its name in licensing/identifiers.py, `license` say."""
    return identifiers.to_text(getattr(identifiers, kind.upper()), identifier)


def say_of(group: str, name: object, **values: object) -> Markup:
    """Return the text of one of a group's names: a state, a kind, a reason; without one the name itself."""
    key = f"{group}.{name}".lower()
    return mark_up(key, **values) if key in texts() else Markup.escape(str(name))


def _make() -> Environment:
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    names: dict[str, Any] = {
        "t": mark_up,
        "t_of": say_of,
        "form_for": form_for,
        "static": address_of_file,
        "language": LANGUAGE,
        "charts": charts,
    }
    made.globals.update(names)
    made.filters.update(time=show_time, number=show_number, money=show_money, id=show_id)
    return made


_TEMPLATES: Final = _make()
