"""G2: carrying out the rules of retention, in steps that each commit what they did and how much it was.

Cut short, it goes on where it was the next time; run twice, it finds nothing more to do.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from activation.licensing.events import EventKind
from activation.licensing.privacy.retention import Counts, RetentionRule, Term, is_forgettable, terms
from activation.licensing.verdicts import Refused
from activation.service.desk import Desk
from activation.service.privacy.previewing import billing_until
from activation.service.working import Work, act_as_system
from activation.storage.lending import lend
from activation.storage.privacy.erasures import keep_billing_identity, lock_for_erasure, read_billing
from activation.storage.privacy.forgetting import forget_account, read_standing, read_standings
from activation.storage.privacy.forgetting_users import forget_former_users
from activation.storage.privacy.retention import (
    RetentionRun,
    add_to_run,
    count_due,
    forget_some_devices,
    list_runs,
    sweep_some,
)
from activation.storage.privacy.sweeps import SWEEPS, Sweep

__all__ = ["RetentionRun", "count_retention", "run_retention", "see_runs"]
STEP: Final = 1000
RUNS_SHOWN: Final = 30
_ABOUT: Final = 0
"""Runs concern everybody: their events are about number 0."""


Step = Callable[[Work], Awaitable[int]]


@dataclass(slots=True)
class _Run:
    """One run under way: what it has done so far, and whether it is to stop."""

    desk: Desk
    stop: asyncio.Event
    run_id: int
    counts: Counts = field(default_factory=Counts)

    async def once(self, rule: RetentionRule, step: Step) -> int:
        """Do one step, and keep its count in its own transaction: neither is there without the other."""

        async def counted(work: Work) -> int:
            count = await step(work)
            if count:
                await add_to_run(work.connection, RetentionRun(self.run_id, str(rule), work.now, count))
            return count

        done = await act_as_system(self.desk, counted)
        count = 0 if isinstance(done, Refused) else done
        self.counts.by_rule[rule] += count
        return count

    async def to_the_end(self, rule: RetentionRule, step: Step) -> None:
        """Do steps until one finds less than it may do."""
        while not self.stop.is_set():
            if await self.once(rule, step) < STEP:
                return


async def run_retention(desk: Desk, stop: asyncio.Event) -> Counts:
    """Carry out every rule and keep the counts; stops between two steps when told to.

    Raises DatabaseUnavailableError.
    """
    run = _Run(desk, stop, desk.ids.new(0))
    for rule, term in terms(desk.keeping).items():
        run.counts.by_rule[rule] = 0
        await _carry_out(run, term)
    if run.counts.total:
        await act_as_system(desk, partial(_tell, counts=run.counts))
    return run.counts


async def count_retention(desk: Desk) -> Counts:
    """Return what a run would do now.

    Rows that wait for others to go first (a message for its deliveries, a withdrawal for the consent that it
    withdrew, who was billed for the bills) are not counted yet.
    """
    async with lend(desk.pool) as connection:
        now = await desk.clock.now(connection)
        counts = Counts()
        for rule, term in terms(desk.keeping).items():
            counts.by_rule[rule] = await count_due(connection, rule, now, term.keep_s)
    due = await _due_accounts(desk, asyncio.Event(), desk.keeping.account_s)
    counts.by_rule[RetentionRule.AUTHORISATION] = len(due)
    return counts


async def see_runs(work: Work) -> list[RetentionRun]:
    """Return the counts of the last runs, the newest first."""
    return await list_runs(work.connection, RUNS_SHOWN)


async def _tell(work: Work, counts: Counts) -> None:
    told = {str(rule): done for rule, done in counts.by_rule.items() if done}
    await work.tell(EventKind.RETENTION_RAN, _ABOUT, "G2", told)


async def _carry_out(run: _Run, term: Term) -> None:
    if term.rule is RetentionRule.AUTHORISATION:
        for account_id in await _due_accounts(run.desk, run.stop, term.keep_s):
            if not run.stop.is_set():
                await run.once(term.rule, partial(_forget, account_id=account_id, keep_s=term.keep_s))
    elif term.rule is RetentionRule.DEVICES:
        await run.to_the_end(term.rule, partial(_forget_devices, keep_s=term.keep_s))
    elif term.rule is RetentionRule.USERS:
        await run.to_the_end(term.rule, partial(_forget_users, keep_s=term.keep_s))
    else:
        for sweep in SWEEPS[term.rule]:
            await run.to_the_end(term.rule, partial(_sweep, sweep=sweep, keep_s=term.keep_s))


async def _sweep(work: Work, sweep: Sweep, keep_s: int) -> int:
    return await sweep_some(work.connection, sweep, sweep.before(work.now, keep_s), STEP)


async def _forget_devices(work: Work, keep_s: int) -> int:
    return await forget_some_devices(work.connection, work.now - keep_s, STEP)


async def _forget_users(work: Work, keep_s: int) -> int:
    return await forget_former_users(work.connection, work.now - keep_s, STEP)


async def _due_accounts(desk: Desk, stop: asyncio.Event, keep_s: int) -> list[int]:
    """Walk through all accounts, a page at a time, and return those that are to be forgotten."""
    due: list[int] = []
    last: int | None = None
    while not stop.is_set():
        async with lend(desk.pool) as connection:
            now = await desk.clock.now(connection)
            page = await read_standings(connection, last, STEP, now)
        due += [one.account_id for one in page if is_forgettable(one, now, keep_s)]
        if len(page) < STEP:
            break
        last = page[-1].account_id
    return due


async def _forget(work: Work, account_id: int, keep_s: int) -> int:
    """Forget an account, if what was read of it still holds once nobody else can change it: 1, else 0."""
    if await lock_for_erasure(work.connection, account_id) is None:
        return 0
    standing = await read_standing(work.connection, account_id, work.now)
    if standing is None or not is_forgettable(standing, work.now, keep_s):
        return 0
    billing = await read_billing(work.connection, account_id)
    if billing.bills:
        await keep_billing_identity(work.connection, account_id, billing_until(work, billing))
    await forget_account(work.connection, account_id, work.now)
    await work.tell(EventKind.ACCOUNT_CLOSED, account_id, "G2")
    return 1
