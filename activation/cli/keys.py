"""Keys: making roots and signing keys, listing, rotating, retiring, exporting."""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from activation.cli.output import as_json, show_rows
from activation.config import load_settings
from activation.equipping import SIGNING_DAYS, equip, roots_folder_of
from activation.equipping import rotate as rotate_key
from crypto import base64url
from crypto.ceremony import retire_signing_key
from crypto.keyring import KeyRing

roots_option = click.option(
    "--roots",
    "roots_folder",
    type=click.Path(path_type=Path),
    help="Folder of the roots' private keys; keep it offline. [default: <data dir>/offline-roots]",
)


@click.group()
def keys() -> None:
    """Root keys, signing keys and their delegations."""


@keys.command()
@roots_option
def init(roots_folder: Path | None) -> None:
    """Make the roots (current and next), a first signing key, and the pepper."""
    settings = load_settings()
    folder = roots_folder or roots_folder_of(settings)
    equip(settings, folder)
    click.echo(
        f"Roots made in {folder}. The server never needs them: move them to a machine without network."
    )


@keys.command(name="list")
@as_json
def list_keys(json_wanted: bool) -> None:
    """List the signing keys and until when their delegations last."""
    now = int(time.time())
    ring = KeyRing.load(load_settings().keys_folder, now)
    rows = [_row(ring, kid, now) for kid in ring.delegations]
    rows.sort(key=lambda row: str(row["from"]))
    show_rows(rows, json_wanted=json_wanted, empty="No signing key yet: activation keys init")


@keys.command()
@roots_option
@click.option("--days", default=SIGNING_DAYS, show_default=True, help="How long the new key may sign.")
def rotate(roots_folder: Path | None, days: int) -> None:
    """Make a new signing key under the current root; workers take it up when they start."""
    settings = load_settings()
    kid = rotate_key(settings, roots_folder or roots_folder_of(settings), days)
    click.echo(f"New signing key {kid}.")


@keys.command()
@click.argument("kid")
@click.option("--leaked", "reason", flag_value="leaked", help="Nothing it signed is renewed any more.")
@click.option(
    "--rotated", "reason", flag_value="rotated", default="rotated", help="It signs no more. [default]"
)
def retire(kid: str, reason: str) -> None:
    """Retire a signing key; workers take it up when they start."""
    retire_signing_key(load_settings().keys_folder, kid, reason)
    click.echo(f"Key {kid} is retired as {reason}.")


@keys.command()
def export() -> None:
    """Print the roots' public keys, one a line (base64url): what every softphone ships with."""
    for root in KeyRing.load(load_settings().keys_folder, int(time.time())).roots:
        click.echo(base64url.encode(root))


def _row(ring: KeyRing, kid: str, now: int) -> dict[str, Any]:
    delegation = ring.delegations[kid]
    signs = ring.signer is not None and ring.signer.kid == kid
    ended = "expired" if now >= delegation.expires_at else "ready"
    return {
        "kid": kid,
        "state": "signs" if signs else ring.retired.get(kid, ended),
        "from": _day(delegation.not_before),
        "until": _day(delegation.expires_at),
        "offline": delegation.offline,
    }


def _day(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()
