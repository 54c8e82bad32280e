"""R6: what the console shows of a licence before an agent confirms a reset, and what the answer repeats."""

from activation.licensing.exposing import Exposure, expose
from activation.licensing.identifiers import RESET, to_text
from activation.licensing.model import Holding
from activation.licensing.overriding import Bounds, day_began, left_of
from activation.licensing.values import value
from activation.licensing.verdicts import Refusal, Refused
from activation.service.working import Work
from activation.storage.licenses.overrides import count_resets, list_waiting_of, read_history
from activation.storage.products import read_catalogue
from activation.storage.reading import Ask, read_holdings


@value
class Shown:
    """A licence's figures, what waits for approval (ids on the wire), and what is left of the bounds (R5)."""

    license_id: int
    figures: Exposure
    waiting: tuple[str, ...]
    left: Bounds
    now: int


async def see_exposure(work: Work, license_id: int) -> Shown | Refused:
    """Return the figures of one licence as it stands: what its devices did, so a look (G6)."""
    facts = await read_holdings(work.connection, [Ask(license_id=license_id)], work.desk.clock.shift_s)
    holding = facts.holdings[0]
    if holding is None or license_id not in holding.licenses:
        return Refused(Refusal.NOT_FOUND, "R6", "There is no such licence.")
    await work.look([license_id], ("devices",))
    return await show_exposure(work, holding, license_id, facts.now)


async def show_exposure(work: Work, holding: Holding, license_id: int, now: int) -> Shown:
    """Return the figures of a licence of a holding that was read at `now`."""
    product = work.desk.catalogue.by_id.get(holding.product_id)
    if product is None:  # newer than this worker's catalogue
        product = (await read_catalogue(work.connection)).by_id[holding.product_id]
    history = await read_history(work.connection, license_id)
    began = day_began(now, work.desk.week.zone)
    tally = await count_resets(work.connection, work.person.person_id, license_id, began, now)
    waiting = await list_waiting_of(work.connection, license_id)
    return Shown(
        license_id,
        expose(product, holding.licenses[license_id], history, now),
        tuple(to_text(RESET, reset_id) for reset_id in waiting),
        left_of(work.desk.bounds, tally),
        now,
    )
