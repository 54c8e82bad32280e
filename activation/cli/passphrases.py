"""The roots' passphrase: by prompt, file or environment, never as an argument."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import click

from crypto.locking import check_passphrase

VARIABLE: Final = "ACTIVATION_ROOT_PASSPHRASE"

passphrase_option = click.option(
    "--passphrase-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help=f"File with the roots' passphrase. [default: {VARIABLE}, or a prompt]",
)
no_passphrase_option = click.option(
    "--no-passphrase",
    is_flag=True,
    help="Leave the roots' files unencrypted: for tests and demonstrations only.",
)


def new_passphrase(file: Path | None, without: bool) -> str | None:
    """Return the passphrase to encrypt under, asked for twice; None where there is to be none."""
    if without:
        click.echo("The roots' files are not encrypted: for tests and demonstrations only.", err=True)
        return None
    given = _given(file)
    if given is None:
        given = _prompt("Passphrase for the roots (a few words)", confirmation_prompt="Once more")
    return check_passphrase(given)


def passphrase_asker(file: Path | None) -> Callable[[], str]:
    """Return what gives the passphrase when a root's file turns out to be under one."""

    def ask() -> str:
        given = _given(file)
        return _prompt("The roots' passphrase") if given is None else given

    return ask


def _given(file: Path | None) -> str | None:
    if file is not None:
        return file.read_text("utf-8").strip("\r\n")
    return os.environ.get(VARIABLE)


def _prompt(text: str, **more: Any) -> str:
    if not sys.stdin.isatty():
        raise click.UsageError(
            f"Give the passphrase by --passphrase-file or {VARIABLE}: there is no terminal."
        )
    return str(click.prompt(text, hide_input=True, type=str, **more))
