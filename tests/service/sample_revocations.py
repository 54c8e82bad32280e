"""Offline activations and what revokes them, straight into the tables."""

from typing import Any

from activation.service.activating.activations import Certified
from activation.service.certifying.revoking import Bulletin, BulletinBoard
from crypto import base64url


def name(number: int) -> str:
    """The jti of a certificate."""
    return base64url.encode(number.to_bytes(16, "big"))


async def issue_offline(office: Any, number: int, *, activated: Certified, **fields: Any) -> str:
    """Note that an activation got a certificate without an end; return its jti."""
    given = {"issued_at": 1_800_000_000 + number, "expires_at": None, "jti": name(number), **fields}
    held = activated.license
    await office.fetch(
        "INSERT INTO offline_file (request_hash, shard, account_id, license_id, activation_id, made_at,"
        " issued_at, expires_at, kid, jti, pepper, answer)"
        " SELECT $1, shard, account_id, license_id, $3, 1, $4, $5, 'kid', $6, 1, '' FROM license"
        " WHERE license_id = $2",
        number.to_bytes(8, "big"),
        held.license_id,
        activated.activation.activation_id,
        given["issued_at"],
        given["expires_at"],
        given["jti"],
    )
    return given["jti"]


async def look(office: Any) -> Any:
    """What a worker tells that has told nothing before."""
    return await ask(office.desk, BulletinBoard())


async def ask(desk: Any, board: BulletinBoard) -> Any:
    return await board.read(desk.pool, desk.clock, desk.maker.ring, desk.issuer)


async def certificates(office: Any) -> list[str]:
    told = await look(office)
    assert isinstance(told, Bulletin), told
    return list(told.certificates)
