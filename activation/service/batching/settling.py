"""One batch, settled: read the facts, decide, write what changed, decide again what lost a race.

A write succeeds only on the version that was read. What lost is read and decided again; from the third try
on under a lock, so that a company's roll-out cannot starve anybody; after the eighth it is given up (503).
When a write's answer is lost, the event log tells whether it was made.
"""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from activation.licensing.attempts import Attempt
from activation.licensing.deciding import refuse_unknown_pepper
from activation.licensing.events import Event
from activation.licensing.model import Holding
from activation.licensing.values import value
from activation.licensing.verdicts import UNKNOWN, Refusal, Refused, Verdict
from activation.licensing.weeks import ResetWeek
from activation.licensing.weighing.explaining import decide_explained
from activation.service import measures
from activation.service.batching.telling import Teller
from activation.service.clock import Clock
from activation.service.credentials import Credential, admit, claimed
from activation.storage.absence import DatabaseUnavailableError
from activation.storage.connection import Connection, Pool
from activation.storage.lending import RowRefusedError, lend
from activation.storage.reading import Ask, Facts, lock_holdings, read_holdings
from activation.storage.writing import HoldingWrite, find_events, write_changes

TRIES: Final = 8
OPTIMISTIC_TRIES: Final = 2
PAUSE_S: Final = 0.05
PATIENCE_S: Final = 5.0
"""How long a batch tries to reach a database that is away: clients rather hear 503 than nothing."""


@dataclass(slots=True)
class Case:
    """An attempt on its way through a batch: what it needs, by whom, and what came of it."""

    attempt: Attempt
    ask: Ask
    teller: Teller
    credential: Credential | None = None
    settled: "Settled | None" = None
    unsure: "list[tuple[Event, Settled]]" = field(default_factory=list)


@value
class Settled:
    """What a case came to: the verdict, the account it concerns, and the database's clock at the time."""

    verdict: Verdict
    account_id: int
    now: int


@dataclass(slots=True)
class _Draft:
    """What one batch wants to write in one holding, and the cases that hang on it."""

    write: HoldingWrite
    cases: list[tuple[Case, Settled]] = field(default_factory=list)

    def note_unsure(self) -> None:
        """Keep by which event the cases will know that this was written, should the answer be lost.

        Without an event nothing but a proof was recorded: shown again, it is answered in the same way (D6).
        """
        for event in self.write.events[:1]:
            for case, settled in self.cases:
                case.unsure.append((event, settled))

    def forget_unsure(self) -> None:
        """It is sure that this was not written."""
        if self.write.events:
            for case, _ in self.cases:
                case.unsure.pop()


class Settlement:
    """Settles batches of cases against one database."""

    def __init__(
        self,
        pool: Pool,
        week: ResetWeek,
        pepper_version: int,
        clock: Clock | None = None,
        wants_trace: Callable[[Refusal], bool] = lambda _: False,
    ) -> None:
        self._pool = pool
        self._clock = clock or Clock()
        self._week = week
        self.pepper_version = pepper_version
        """The version in use (D5)."""
        self.newest_pepper = pepper_version
        """The latest version that is known here, in use or not yet."""
        self._wants_trace = wants_trace

    async def settle(self, cases: Sequence[Case]) -> list[Settled | Exception]:
        """Settle every case; those that cannot be settled get DatabaseUnavailableError."""
        measures.BATCH_SIZE.observe(len(cases))
        began = time.monotonic()
        for tried in range(TRIES):
            unsettled = [case for case in cases if case.settled is None]
            if not unsettled or time.monotonic() - began > PATIENCE_S:
                break
            if tried:
                measures.DECIDED_AGAIN.inc(len(unsettled))
            await self._try(unsettled, tried)
        _count(cases)
        failed = DatabaseUnavailableError("not settled")
        return [case.settled if case.settled is not None else failed for case in cases]

    async def _try(self, cases: Sequence[Case], tried: int) -> None:
        try:
            async with lend(self._pool) as connection:
                await _settle_unsure(connection, cases)
                open_cases = [case for case in cases if case.settled is None]
                async with _locked(connection, open_cases, needed=tried >= OPTIMISTIC_TRIES):
                    drafts = await self._decide(connection, open_cases)
                    written = await self._write(connection, drafts)
                # Only now is it committed, lock or no lock.
                _close(drafts, written)
        except RowRefusedError:
            await self._settle_apart(cases, tried)
        except DatabaseUnavailableError:
            measures.DATABASE_ERRORS.inc()
            await asyncio.sleep(PAUSE_S * 2**tried)

    async def _settle_apart(self, cases: Sequence[Case], tried: int) -> None:
        """A row was refused, and with it the batch: try each holding by itself, so one hurts no other."""
        groups: dict[tuple[int, int], list[Case]] = {}
        for case in cases:
            groups.setdefault(case.ask.key, []).append(case)
        if len(groups) > 1:
            for group in groups.values():
                await self._try(group, tried)

    async def _decide(self, connection: Connection, cases: Sequence[Case]) -> list[_Draft]:
        """Decide the cases in order; settle those that need no write, return drafts for the others."""
        began = time.perf_counter()
        facts = await read_holdings(connection, [case.ask for case in cases], self._clock.shift_s)
        read = time.perf_counter()
        drafts = self._draft(cases, facts)
        measures.READ_S.observe(read - began)
        measures.DECIDE_S.observe(time.perf_counter() - read)
        return drafts

    def _draft(self, cases: Sequence[Case], facts: Facts) -> list[_Draft]:
        if facts.pepper_used > self.newest_pepper:
            # Seats are found by digests, accounts by hashes: what is not found may be there all the same.
            _put_off(cases, facts.now)
            return []
        drafts: dict[int, _Draft] = {}
        for case, holding in zip(cases, facts.holdings, strict=True):
            settled = self._answer(case, holding, facts.now)
            verdict = settled.verdict
            draft = drafts.get(id(holding))
            # A refusal may have something to keep too: that a copied key showed (D6).
            if verdict.changes and holding is not None:
                if draft is None:
                    draft = drafts[id(holding)] = _Draft(HoldingWrite(holding))
                draft.write.changes.extend(verdict.changes)
                draft.write.events.extend(case.teller.tell(case.attempt, verdict))
            if draft is None:
                case.settled = settled
            else:  # even a refusal hangs on what the cases before it are about to change
                draft.cases.append((case, settled))
        return list(drafts.values())

    def _answer(self, case: Case, holding: Holding | None, now: int) -> Settled:
        account = holding.account if holding is not None else None
        attempt: Attempt | None = case.attempt
        if case.credential is not None:
            attempt = admit(case.attempt, case.credential, account)
            case.attempt = attempt if attempt is not None else case.attempt
        if attempt is None:
            return Settled(_refuse_credential(case.credential), 0, now)
        if holding is None:
            return Settled(Refused(Refusal.NOT_FOUND, "L4", "There is no such licence."), 0, now)
        verdict = decide_explained(attempt, holding, now, self._week, self._wants_trace)
        return Settled(verdict, holding.account.account_id, now)

    async def _write(self, connection: Connection, drafts: list[_Draft]) -> list[bool]:
        if not drafts:
            return []
        began = time.perf_counter()
        # One order everywhere, so that two workers never wait for each other.
        drafts.sort(key=_holding_key)
        for draft in drafts:
            draft.note_unsure()
        written = await write_changes(connection, [draft.write for draft in drafts], self.pepper_version)
        measures.WRITE_S.observe(time.perf_counter() - began)
        return written


def _put_off(cases: Sequence[Case], now: int) -> None:
    for case in cases:
        case.settled = Settled(refuse_unknown_pepper(), 0, now)


def _refuse_credential(credential: Credential | None) -> Refused:
    background = claimed(credential.account_id) if credential is not None else UNKNOWN
    detail = "Login or password is wrong."
    return Refused(Refusal.CREDENTIALS, "credentials", detail, background=background)


def _count(cases: Sequence[Case]) -> None:
    """Count a batch's verdicts: one step of a counter for many of them."""
    counted = Counter(
        (type(case.attempt), getattr(case.settled.verdict, "code", "granted"))
        for case in cases
        if case.settled is not None
    )
    for (asked, code), many in counted.items():
        measures.VERDICTS.labels(asked.__name__.lower(), code).inc(many)


def _holding_key(draft: _Draft) -> tuple[int, int]:
    return draft.write.holding.account.account_id, draft.write.holding.product_id


def _close(drafts: Sequence[_Draft], written: Sequence[bool]) -> None:
    """Settle the cases of the holdings that were written; of the others it is sure that they were not."""
    for draft, is_written in zip(drafts, written, strict=True):
        if not is_written:
            draft.forget_unsure()
            continue
        for case, settled in draft.cases:
            case.settled = settled


@asynccontextmanager
async def _locked(connection: Connection, cases: Sequence[Case], *, needed: bool) -> AsyncIterator[None]:
    """Hold the cases' holdings if need be; else nothing, and every statement is its own transaction."""
    if not needed:
        yield
        return
    async with connection.transaction():
        await lock_holdings(connection, [case.ask for case in cases])
        yield


async def _settle_unsure(connection: Connection, cases: Sequence[Case]) -> None:
    """Settle the cases whose write was made although its answer was lost."""
    unsure = [(case, event, settled) for case in cases for event, settled in case.unsure]
    if not unsure:
        return
    found = await find_events(connection, [event for _, event, _ in unsure])
    for (case, _, settled), is_made in zip(unsure, found, strict=True):
        if is_made:
            case.settled = settled
