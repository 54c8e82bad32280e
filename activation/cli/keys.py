"""Keys: listing, retiring, exporting; the ceremony and other files of keys have their own commands here."""

import time

import click

from activation.cli.key_rows import rows_of
from activation.cli.output import as_json, show_rows
from activation.config import load_settings
from activation.service.certifying.key_watching import ending_soon, ends_of
from crypto import base64url
from crypto.ceremony import CeremonyError, retire_signing_key
from crypto.key_folder import LEAKED
from crypto.keyring import KeyRing
from crypto.pkcs8 import write_public_pem
from crypto.sealing import load_sealing_key


@click.group()
def keys() -> None:
    """Root keys, signing keys and their delegations."""


@keys.command(name="list")
@as_json
def list_keys(json_wanted: bool) -> None:
    """List the signing keys: which sign now, which come next, and until when (UTC)."""
    now = int(time.time())
    ring = KeyRing.load(load_settings().keys_folder, now)
    show_rows(
        rows_of(ring, now), json_wanted=json_wanted, empty="No signing key yet: activation keys request"
    )
    for warning in ending_soon(ring, now):
        click.echo(f"Warning: {warning}.", err=True)


@keys.command()
@click.argument("kid")
@click.option("--leaked", "reason", flag_value="leaked", help="Nothing it signed is renewed any more.")
@click.option(
    "--rotated", "reason", flag_value="rotated", default="rotated", help="It signs no more. [default]"
)
def retire(kid: str, reason: str) -> None:
    """Retire a signing key. Running servers take it up by themselves, within a second or two."""
    folder, now = load_settings().keys_folder, int(time.time())
    ring = KeyRing.load(folder, now)
    if reason != LEAKED:
        _assert_another_signs(ring, kid, now)
    retire_signing_key(folder, kid, reason)
    click.echo(f"Key {kid} is retired as {reason}.")
    for warning in ending_soon(KeyRing.load(folder, now), now):
        click.echo(f"Warning: {warning}.", err=True)


@keys.command()
@click.option("--pem", is_flag=True, help="As PEM, which OpenSSL reads.")
@click.option("--sealing", is_flag=True, help="The key that offline requests are sealed to, instead.")
def export(pem: bool, sealing: bool) -> None:
    """Print the roots' public keys, one a line (base64url): what every softphone ships with."""
    folder = load_settings().keys_folder
    if sealing:
        key = load_sealing_key(folder)
        if key is None:
            raise FileNotFoundError(f"there is no sealing key in {folder}")
        click.echo(base64url.encode(key.public_key))
        return
    for root in KeyRing.load(folder, int(time.time())).roots:
        click.echo(write_public_pem(root) if pem else base64url.encode(root), nl=not pem)


def _assert_another_signs(ring: KeyRing, kid: str, now: int) -> None:
    """Refuse to retire, for good order only, the one key that signs."""
    left = ends_of(ring.without({kid}), now)
    for kind, end in ends_of(ring, now).items():
        if end > now >= left[kind]:
            raise CeremonyError(f"no other key would sign {kind} certificates: activation keys rotate first")
