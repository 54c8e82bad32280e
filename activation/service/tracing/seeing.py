"""Staff look a trace up: every rule that was weighed for a refusal, with what their role may see (G6)."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from activation.licensing.identifiers import ACCOUNT, account_of_login, from_text
from activation.licensing.roles import Act, may
from activation.licensing.traces import SEES, FactKind, read_trace_id, seen_of
from activation.licensing.values import value
from activation.licensing.verdicts import Refusal, Refused
from activation.service.working import Work
from activation.storage.accounts import PersonalField
from activation.storage.traces import Trace, find_known, find_traces, is_restricted, list_traces, read_whom

__all__ = ["SeenTrace", "Trace", "see_trace", "see_traces_of"]
_NONE: Final = "No trace has this id. Traces are kept for refusals only, and for 30 days."
_NO_ACCOUNT: Final = "There is no such account."
_SEEN: Final = "refusals"
_FIELDS: Final[Mapping[PersonalField, FactKind]] = {
    PersonalField.LOGIN: FactKind.CONTACT,
    PersonalField.EMAIL: FactKind.CONTACT,
    PersonalField.DEVICE_NAME: FactKind.DEVICE_NAME,
}


@value
class SeenTrace:
    """A trace as its reader may see it: facts sifted by role, and what is known of whom it concerns."""

    trace: Trace
    personal: Mapping[PersonalField, str]
    person_login: str | None


async def see_trace(work: Work, spoken: str) -> SeenTrace | Refused:
    """Return the refusal of this trace id, however it was written down."""
    trace_id = read_trace_id(spoken)
    found = await find_traces(work.connection, trace_id) if trace_id is not None else []
    if not found:
        return Refused(Refusal.NOT_FOUND, "traces", _NONE)
    trace = found[0]
    kinds = SEES.get(work.person.role, frozenset())
    fields = [field for field, kind in _FIELDS.items() if kind in kinds]
    if not may(work.person.role, Act.ANSWER_PRIVACY) and await is_restricted(work.connection, trace):
        fields = []  # kept, and not for this reader's eyes (G3)
    whom = await read_whom(work.connection, trace, fields)
    about = trace.account_id or trace.license_id
    if about is not None:
        await work.look([about], [*whom.personal, _SEEN])
    login = whom.person_login if FactKind.PEOPLE in kinds else None
    if login is not None and trace.person_id is not None:
        await work.look([trace.person_id], [PersonalField.LOGIN, _SEEN])
    return SeenTrace(_sifted(work, trace), whom.personal, login)


async def see_traces_of(work: Work, name: str) -> list[Trace] | Refused:
    """Return the refusals of an account, named by its id or its login, the newest 200: it may be none."""
    named = from_text(ACCOUNT, name)
    account_id = account_of_login(name) if named is None else named
    found = await list_traces(work.connection, account_id)
    if not found and not await find_known(work.connection, [account_id]):
        return Refused(Refusal.NOT_FOUND, "traces", _NO_ACCOUNT)
    await work.look([account_id], [_SEEN])
    return [_sifted(work, trace) for trace in found]


def _sifted(work: Work, trace: Trace) -> Trace:
    role = work.person.role
    weighed = [{**one, "facts": seen_of(role, one["facts"])} for one in trace.weighed]
    return replace(trace, weighed=weighed)
