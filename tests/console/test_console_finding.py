"""Finding licences by whatever the customer can tell."""

from base64 import urlsafe_b64encode

from service.sample_privacy import MARK, come, person

from activation.licensing.identifiers import ACCOUNT, ACTIVATION, LICENSE, to_text
from activation.licensing.roles import Role

TRACE = "0000-7kq2"


async def test_a_licence_is_found_by_whatever_begins_so_and_leads_to_its_page(signed_in, office):
    made = await person(office, 1)
    held = await come(office, made, "laptop")
    own = to_text(LICENSE, held.license.license_id)
    browser = await signed_in(Role.SUPPORT)
    for query in (made.login, MARK[:3].upper(), f"{MARK}@exa", "the lap", to_text(ACCOUNT, made.account_id)):
        page = await browser.get(f"/console/licenses?query={query}")
        assert f"/console/licenses/{own}" in page.document.links, query
        assert f"/console/accounts/{to_text(ACCOUNT, made.account_id)}" in page.document.links
        assert "the laptop" in page.words
    activation = await browser.get(
        f"/console/licenses?query={to_text(ACTIVATION, held.activation.activation_id)}"
    )
    assert own in activation.words
    claims = urlsafe_b64encode(f'{{"sub":"{own}"}}'.encode()).decode().rstrip("=")
    for query in (own, f" {own.upper()} ", f"e30.{claims}.e30"):
        led = await browser.get(f"/console/licenses?query={query}")
        assert led.location == f"/console/licenses/{own}"
        typed = await browser.get(f"/console/licenses?query={query}&fragment=1")
        assert own in typed.words
        assert "<html" not in typed.text
