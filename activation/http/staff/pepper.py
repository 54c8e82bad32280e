"""What still hangs on which version of the pepper (D5), for the licensor's staff."""

from typing import Final

from activation.http.acting import ActRoute
from activation.http.calls import Call
from activation.licensing.roles import Act
from activation.messages.answers import Told
from activation.service.peppering.counting import KINDS, see_pepper
from activation.service.working import Work


async def get_pepper(work: Work, _call: Call, _body: bytes) -> Told:
    """Tell the version in use, and how much hangs on each: devices, passwords, tokens, boxes, files."""
    in_use, counts = await see_pepper(work)
    known = work.desk.peppers.known
    return {
        "in_use": in_use,
        "versions": [
            {
                "version": version,
                "known": version in known,
                "share": _share(counts, version),
                **{what: counts[version][what] for what in KINDS},
            }
            for version in sorted(counts, reverse=True)
        ],
    }


def _share(counts: dict[int, dict[str, int]], version: int) -> float:
    """Return which part of the current devices stands under this version."""
    devices = sum(by_kind["devices"] for by_kind in counts.values())
    return round(counts[version]["devices"] / devices, 4) if devices else 0.0


ROUTES: Final = (ActRoute("GET", "/v1/staff/pepper", Act.SEE_AUDIT, get_pepper),)
