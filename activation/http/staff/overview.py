"""The vendor's overview as numbers: what the console shows in pictures."""

from collections.abc import Sequence
from typing import Any, Final

from activation.http.acting import ActRoute
from activation.http.calls import Call
from activation.licensing.roles import Act
from activation.licensing.verdicts import Refused
from activation.messages.answers import Told
from activation.messages.strict import MalformedError
from activation.messages.times import to_rfc3339
from activation.service.overview.counting import COUNTED
from activation.service.overview.seeing import Ending, Overview, see_hour, see_year
from activation.service.working import Work

_SPANS: Final = {"hour": see_hour, "year": see_year}
_WRONG: Final = "This is `hour` or `year`."


async def get_overview(work: Work, call: Call, _body: bytes) -> Told | Refused:
    """Tell what happened by minute in the last hour, or by day in the last year (`?span=`)."""
    see = _SPANS.get(call.query.get("span", "hour"))
    if see is None:
        raise MalformedError("span", _WRONG)
    return tell_overview(await see(work))


def tell_overview(seen: Overview) -> dict[str, Any]:
    """Tell an overview; each list of numbers has one for each of `starts`."""
    picture = seen.picture
    told = {kind.name.lower(): picture.of(kind) for kind in COUNTED}
    return {
        "starts": [to_rfc3339(at) for at in picture.starts],
        "events": {name: numbers for name, numbers in told.items() if any(numbers)},
        "refused": {code: list(numbers) for code, numbers in picture.refusals()},
        "busiest_minute": list(seen.load),
        "staff_resets": dict(seen.resets),
        "agents": None if seen.agents is None else dict(seen.agents),
        "storms": [
            {"began_at": to_rfc3339(one.began_at), "most": one.most, "requests": one.number}
            for one in seen.storms
        ],
        "subscriptions": None if seen.ending is None else _tell_ending(seen.ending),
        "keys": [
            {
                "kid": one.kid,
                "offline": one.offline,
                "since": to_rfc3339(one.since),
                "until": to_rfc3339(one.until),
                "state": one.state,
            }
            for one in seen.keys
        ],
    }


def _tell_ending(ending: Ending) -> dict[str, int | Sequence[int]]:
    return {"overdue": ending.overdue, "ending_by_week": list(ending.weeks)}


ROUTES: Final = (ActRoute("GET", "/v1/staff/overview", Act.SEE_LICENSES, get_overview),)
