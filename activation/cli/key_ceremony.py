"""The ceremony: roots, signing keys, and delegations that travel between the two machines."""

import time
from pathlib import Path
from typing import Any, Final

import click

from activation.cli.key_rows import show_delegations, show_requests
from activation.cli.output import as_json
from activation.cli.passphrases import (
    new_passphrase,
    no_passphrase_option,
    passphrase_asker,
    passphrase_option,
)
from activation.config import load_settings
from activation.equipping import (
    SIGNING_DAYS,
    KeyPlan,
    add_sealing_key,
    assert_bare,
    assert_equipped,
    equip,
    equip_under,
    open_root,
    roots_folder_of,
    spans_of,
    ttl_of,
)
from activation.equipping import rotate as rotate_keys
from crypto.ceremony import ROOTS_FILE, create_roots, install_delegations, request_for, request_signing_keys
from crypto.private_files import PUBLIC, create_file
from crypto.requesting import grant_request, read_lines, read_request

MOST_KEYS: Final = 60
_file = click.Path(dir_okay=False, path_type=Path)
roots_option = click.option(
    "--roots",
    "roots_folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the roots' private keys; keep it offline. [default: <data dir>/offline-roots]",
)
root_option = click.option(
    "--root", "which", type=click.Choice(["current", "next"]), default="current", show_default=True
)
plan_options = (
    click.option(
        "--days",
        type=click.IntRange(1, 3650),
        default=SIGNING_DAYS,
        show_default=True,
        help="How long each key may sign.",
    ),
    click.option("--offline", is_flag=True, help="For certificates of devices activated offline."),
    click.option(
        "--count", type=click.IntRange(1, MOST_KEYS), default=1, help="So many keys, in advance. [default: 1]"
    ),
    click.option(
        "--after",
        type=click.IntRange(0, 3650),
        default=0,
        help="The first begins in so many DAYS: time to carry it to other servers.",
    ),
    click.option(
        "--every",
        type=click.IntRange(0, 3650),
        default=0,
        help="Each begins so many DAYS after the one before.",
    ),
)


def planned(command: Any) -> Any:
    """Add the options that say which keys are wanted."""
    for option in reversed(plan_options):
        command = option(command)
    return command


@click.command()
@roots_option
@click.option("--roots-only", is_flag=True, help="Make the roots and nothing else: for a machine apart.")
@click.option(
    "--public", "public_file", type=_file, help="Take the roots' public halves from this file instead."
)
@passphrase_option
@no_passphrase_option
def init(
    roots_folder: Path | None,
    roots_only: bool,
    public_file: Path | None,
    passphrase_file: Path | None,
    no_passphrase: bool,
) -> None:
    """Make the roots (current and next), first signing keys, the sealing key and the pepper.

    With the roots on a machine apart: `init --roots-only` there, carry its roots.json over, `init --public
    roots.json` here; then `request` here, `sign` there, `install` here.
    """
    if roots_only and public_file is not None:
        raise click.UsageError("--roots-only makes roots, --public takes those of another machine.")
    settings = load_settings()
    folder = roots_folder or roots_folder_of(settings)
    if public_file is not None:
        equip_under(settings, public_file)
        click.echo("Ready for signing keys: activation keys request REQUEST_FILE, once for --offline too.")
        return
    if not roots_only:
        if add_sealing_key(settings):
            click.echo("All is there, but for the sealing key that earlier releases did not have: made.")
            return
        assert_bare(settings)
    passphrase = new_passphrase(passphrase_file, no_passphrase)
    if roots_only:
        create_roots(folder, passphrase)
        click.echo(f"Roots made in {folder}. Carry {folder / ROOTS_FILE} to the server: it holds no secret.")
        return
    equip(settings, folder, passphrase)
    click.echo(
        f"Roots made in {folder}. The server never needs them: move them to a machine without network."
    )


@click.command()
@roots_option
@root_option
@planned
@passphrase_option
def rotate(roots_folder: Path | None, which: str, passphrase_file: Path | None, **plan: Any) -> None:
    """Make a new signing key, where the roots are here too. Running servers take it up by themselves."""
    settings = load_settings()
    root = open_root(roots_folder or roots_folder_of(settings), which, passphrase_asker(passphrase_file))
    show_delegations(rotate_keys(settings, root, KeyPlan(**plan)), json_wanted=False)


@click.command()
@click.argument("request_file", type=_file)
@planned
@click.option("--key", "kid", help="For this key, which was imported, instead of new ones.")
def request(request_file: Path, kid: str | None, **plan: Any) -> None:
    """Make signing keys here, and write what the roots' machine needs to delegate them. No secret leaves."""
    if kid is not None and plan["count"] != 1:
        raise click.UsageError("--key asks for one key, --count for several.")
    settings = load_settings()
    assert_equipped(settings)
    if request_file.exists():
        raise FileExistsError(f"{request_file} is there already")
    spans = spans_of(settings, KeyPlan(**plan), int(time.time()))
    folder = settings.keys_folder
    tokens = request_signing_keys(folder, spans) if kid is None else [request_for(folder, kid, spans[0])]
    create_file(request_file, "\n".join(tokens) + "\n", PUBLIC)
    show_requests([read_request(token) for token in tokens])
    click.echo(f"Carry {request_file} to the roots: activation keys sign {request_file.name} ANSWER_FILE")


@click.command()
@click.argument("request_file", type=_file)
@click.argument("answer_file", type=_file)
@roots_option
@root_option
@click.option("--yes", is_flag=True, help="Do not ask whether these are the keys.")
@passphrase_option
def sign(
    request_file: Path,
    answer_file: Path,
    roots_folder: Path | None,
    which: str,
    yes: bool,
    passphrase_file: Path | None,
) -> None:
    """Delegate requested keys, where the roots are. Compare their names with those that `request` showed."""
    requests = [read_request(token) for token in read_lines(request_file.read_text("utf-8"))]
    if answer_file.exists():
        raise FileExistsError(f"{answer_file} is there already")
    show_requests(requests)
    if not yes:
        click.confirm("Are these the keys that the server showed?", abort=True)
    folder = roots_folder or roots_folder_of(load_settings())
    root = open_root(folder, which, passphrase_asker(passphrase_file))
    signed = [grant_request(one, root, ttl_of(offline=one.span.offline)).token for one in requests]
    create_file(answer_file, "\n".join(signed) + "\n", PUBLIC)
    click.echo(f"Carry {answer_file} back: activation keys install {answer_file.name}")


@click.command()
@click.argument("answer_file", type=_file)
@as_json
def install(answer_file: Path, json_wanted: bool) -> None:
    """Check delegations that came back, and take them. Running servers take them up by themselves."""
    tokens = read_lines(answer_file.read_text("utf-8"))
    show_delegations(install_delegations(load_settings().keys_folder, tokens), json_wanted=json_wanted)
