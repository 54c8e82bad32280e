"""Keys from and to other programs: PKCS#8 in PEM (RFC 8410), what OpenSSL writes and reads."""

from pathlib import Path

import click

from activation.cli.key_ceremony import roots_option
from activation.cli.passphrases import (
    new_passphrase,
    no_passphrase_option,
    passphrase_asker,
    passphrase_option,
)
from activation.config import load_settings
from activation.equipping import open_root, roots_folder_of
from crypto.ceremony import name_roots
from crypto.key_folder import KeyFolderError, write_signing_key
from crypto.locking import save_root
from crypto.pkcs8 import read_private_pem, write_private_pem
from crypto.private_files import PRIVATE, create_file, read_private
from crypto.signing import SigningKey, load_signing_key

_pem_file = click.Path(dir_okay=False, path_type=Path)


@click.command(name="export-private")
@click.argument("key")
@click.argument("pem_file", type=_pem_file)
@roots_option
@passphrase_option
def export_private(key: str, pem_file: Path, roots_folder: Path | None, passphrase_file: Path | None) -> None:
    """Write a private key as PKCS#8: KEY is a signing key's kid, or `current` or `next` for a root.

    The file is as secret as the key, and not encrypted: `openssl pkcs8 -topk8` does that.
    """
    settings = load_settings()
    if key in ("current", "next"):
        folder = roots_folder or roots_folder_of(settings)
        found = open_root(folder, key, passphrase_asker(passphrase_file))
    else:
        found = load_signing_key(settings.keys_folder / "signing" / f"{key}.key")
    create_file(pem_file, write_private_pem(found), PRIVATE)
    click.echo(f"Written to {pem_file}, mode 0600. Whoever reads it can sign.")


@click.command(name="import-private")
@click.argument("pem_file", type=_pem_file)
@click.option(
    "--root",
    "which",
    type=click.Choice(["current", "next"]),
    help="Take it as a root. [default: a signing key]",
)
@roots_option
@passphrase_option
@no_passphrase_option
def import_private(
    pem_file: Path,
    which: str | None,
    roots_folder: Path | None,
    passphrase_file: Path | None,
    no_passphrase: bool,
) -> None:
    """Take a private key from PKCS#8; a signing key then asks for its delegation: `request --key`."""
    key, settings = _read(pem_file), load_settings()
    if which is None:
        write_signing_key(settings.keys_folder, key)
        click.echo(
            f"Signing key {key.kid} is here. Next: activation keys request --key {key.kid} REQUEST_FILE"
        )
        return
    folder = roots_folder or roots_folder_of(settings)
    path = folder / f"root-{which}.key"
    if path.exists():
        raise FileExistsError(f"{path} is there already: a root is never replaced")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    save_root(key, path, new_passphrase(passphrase_file, no_passphrase))
    name_roots(folder)
    click.echo(f"The {which} root is in {folder}.")


def _read(pem_file: Path) -> SigningKey:
    try:
        return read_private_pem(read_private(pem_file))
    except ValueError as wrong:
        raise KeyFolderError(f"{pem_file}: {wrong}") from None
