"""An agent's work with no mouse: found, looked at, freed."""

from activation.licensing.roles import Role

FOCUSED = """(selector) => {
  const one = document.activeElement;
  const label = one.labels && one.labels[0] ? one.labels[0].innerText : "";
  const outline = getComputedStyle(one);
  const seen = outline.outlineStyle !== "none" || outline.boxShadow !== "none";
  const name = one.getAttribute("aria-label") || label || one.innerText || "";
  return [name.trim(), one.matches(selector), seen];
}"""
MOST = 60


async def go_to(tab, words, selector="*"):
    """Press Tab until what these words name has the focus, and can be seen to have it."""
    for _ in range(MOST):
        await tab.page.keyboard.press("Tab")
        named, fits, seen = await tab.page.evaluate(FOCUSED, selector)
        assert seen, f"nobody sees that {named!r} has the focus"
        if words in named and fits:
            return
    raise AssertionError(f"Tab does not lead to {words}")


async def test_a_reset_is_made_by_keyboard_alone(open_as, office):
    tab = await open_as(Role.SUPPORT)
    page, press = tab.page, tab.page.keyboard.press
    await tab.goto("/console/")
    await go_to(tab, "Licences", "nav a")
    await press("Enter")
    await page.wait_for_url("**/console/licenses")
    await press("/")
    await page.keyboard.type("till 2")
    await page.wait_for_selector("#results td a")
    await go_to(tab, "lic_", "#results a")
    await press("Enter")
    await page.wait_for_url("**/console/licenses/lic_*")
    await tab.check()
    assert "In use on Till 2" in await page.locator("main").inner_text()
    await go_to(tab, "Free it from its device")
    await press("Enter")
    await page.wait_for_url("**/reset")
    await tab.check()
    await go_to(tab, "Reason", "select")
    await page.keyboard.type("The device b")
    await go_to(tab, "What the customer said", "textarea")
    await page.keyboard.type("The disk died; called from the shop's number.")
    await go_to(tab, "Free the licence", "button")
    await press("Enter")
    await page.wait_for_selector("[role=status]")
    await tab.check()
    assert "The licence is free" in await page.locator("[role=status]").inner_text()
    [[note]] = await office.fetch("SELECT note FROM override ORDER BY asked_at DESC LIMIT 1")
    assert note == "The disk died; called from the shop's number."
