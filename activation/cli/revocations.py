"""`activation keys revocations`: the list as operators see it."""

from typing import Any

import click

from activation.cli.acting import on_desk, told
from activation.cli.output import as_json, show_one, show_rows
from activation.licensing.verdicts import Refused
from activation.messages.times import to_rfc3339
from activation.service.certifying.revoking import Bulletin
from activation.service.desk import Desk


@click.command()
@as_json
def revocations(json_wanted: bool) -> None:
    """List the retired keys and the revoked certificates without an end, as softphones are told of them."""
    bulletin = told(on_desk(_read))
    keys = [{"what": "key", "name": kid, "why": why} for kid, why in bulletin.keys.items()]
    certificates = [{"what": "certificate", "name": jti, "why": "revoked"} for jti in bulletin.certificates]
    if json_wanted:
        show_one({**_head(bulletin), "keys": keys, "certificates": certificates}, json_wanted=True)
        return
    show_rows([*keys, *certificates], json_wanted=False, empty="Nothing is revoked.")
    if bulletin.found > len(certificates):
        click.echo(
            f"The list is full: {bulletin.found} certificates are revoked, the newest are named.", err=True
        )


async def _read(desk: Desk) -> Bulletin | Refused:
    return await desk.bulletins.read(desk.pool, desk.clock, desk.maker.ring, desk.issuer)


def _head(bulletin: Bulletin) -> dict[str, Any]:
    return {
        "issued_at": to_rfc3339(bulletin.issued_at),
        "expires_at": to_rfc3339(bulletin.expires_at),
        "found": bulletin.found,
    }
