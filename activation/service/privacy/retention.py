"""G2: carrying out the rules of retention, in steps that each commit, and counting what was done.

Cut short, it goes on where it was the next time; run twice, it finds nothing more to do.
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final

from activation.licensing.events import EventKind
from activation.licensing.retention import Counts, RetentionRule, Term, is_forgettable, terms
from activation.licensing.verdicts import Refused
from activation.service.desk import Desk
from activation.service.privacy.previewing import billing_until
from activation.service.working import Work, act_as_system
from activation.storage.erasures import keep_billing_identity, lock_for_erasure, read_billing
from activation.storage.forgetting import forget_account, read_standing, read_standings
from activation.storage.lending import lend
from activation.storage.retention import (
    SWEEPS,
    RetentionRun,
    Sweep,
    add_run,
    count_due,
    forget_some_devices,
    list_runs,
    sweep_some,
)

__all__ = ["RetentionRun", "count_retention", "run_retention", "see_runs"]
STEP: Final = 1000
RUNS_SHOWN: Final = 30
_ABOUT: Final = 0
"""Runs concern everybody: their events are about number 0."""


async def run_retention(desk: Desk, stop: asyncio.Event) -> Counts:
    """Carry out every rule and keep the counts; stops between two steps when told to.

    Raises DatabaseUnavailableError.
    """
    counts = Counts()
    for rule, term in terms(desk.keeping).items():
        counts.by_rule[rule] = await _carry_out(desk, stop, term)
    if counts.total:
        await act_as_system(desk, lambda work: _note(work, counts))
    return counts


async def count_retention(desk: Desk) -> Counts:
    """Return what a run would do now."""
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


async def _note(work: Work, counts: Counts) -> None:
    run_id = work.new_id()
    rows = [RetentionRun(run_id, str(rule), work.now, done) for rule, done in counts.by_rule.items()]
    await add_run(work.connection, rows)
    told = {str(rule): done for rule, done in counts.by_rule.items() if done}
    await work.tell(EventKind.RETENTION_RAN, _ABOUT, "G2", told)


async def _carry_out(desk: Desk, stop: asyncio.Event, term: Term) -> int:
    if term.rule is RetentionRule.AUTHORISATION:
        return await _forget_accounts(desk, stop, term)
    if term.rule is RetentionRule.DEVICES:
        return await _in_steps(desk, stop, lambda work: _forget_devices(work, term))
    done = 0
    for sweep in SWEEPS[term.rule]:
        done += await _in_steps(desk, stop, _step(sweep, term))
    return done


def _step(sweep: Sweep, term: Term) -> Callable[[Work], Awaitable[int]]:
    return lambda work: sweep_some(work.connection, sweep, sweep.before(work.now, term.keep_s), STEP)


async def _forget_devices(work: Work, term: Term) -> int:
    return await forget_some_devices(work.connection, work.now - term.keep_s, STEP)


async def _in_steps(desk: Desk, stop: asyncio.Event, step: Callable[[Work], Awaitable[int]]) -> int:
    done = 0
    while not stop.is_set():
        count = await act_as_system(desk, step)
        if isinstance(count, Refused) or count == 0:
            break
        done += count
        if count < STEP:
            break
    return done


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


async def _forget_accounts(desk: Desk, stop: asyncio.Event, term: Term) -> int:
    done = 0
    for account_id in await _due_accounts(desk, stop, term.keep_s):
        if stop.is_set():
            break
        forgotten = await act_as_system(desk, partial(_forget, account_id=account_id, keep_s=term.keep_s))
        done += forgotten is True
    return done


async def _forget(work: Work, account_id: int, keep_s: int) -> bool:
    """Forget an account, if what was read of it still holds once nobody else can change it."""
    if await lock_for_erasure(work.connection, account_id) is None:
        return False
    standing = await read_standing(work.connection, account_id, work.now)
    if standing is None or not is_forgettable(standing, work.now, keep_s):
        return False
    billing = await read_billing(work.connection, account_id)
    if billing.bills:
        await keep_billing_identity(work.connection, account_id, billing_until(work, billing))
    await forget_account(work.connection, account_id, work.now)
    await work.tell(EventKind.ACCOUNT_CLOSED, account_id, "G2")
    return True
