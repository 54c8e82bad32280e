"""A softphone on a machine without network: its request file, and the answer that somebody brings back."""

import time
from pathlib import Path
from typing import Any

import click

from activation.cli.client import password_of, show_terms, softphone_of, softphone_options
from activation.cli.output import show_one
from activation.client.picturing import draw, save_pictures
from activation.client.request_page import write_page
from activation.client.scanning import read_carried
from activation.messages.offline_files import REQUEST_ENDING, file_name
from crypto import base64url

_file = click.Path(dir_okay=False, path_type=Path)


@click.command()
@softphone_options
@click.option(
    "--sealing",
    type=click.File("r"),
    required=True,
    help="File with the server's sealing key, as `activation keys export --sealing` prints it.",
)
@click.option("--login", required=True, help="The account's login.")
@click.option("--version", "version", required=True, help="The softphone's version, for example 5.6.4.")
@click.option("--password-file", type=click.File("r"), help="File with the password; - for stdin.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, exists=True, path_type=Path),
    default=Path(),
    help="Folder for the request file. [default: this one]",
)
@click.option("--qr", type=_file, help="Draw it as a QR code too: a .png or .svg file.")
@click.option("--page", type=_file, help="Write a page to print too, with the code and what to do: .html.")
def offline_request(
    sealing: Any,
    login: str,
    version: str,
    password_file: Any,
    out: Path,
    qr: Path | None,
    page: Path | None,
    **which: Any,
) -> None:
    """Make a request file on a machine without network. The password comes as in `activate`."""
    softphone, password = softphone_of(which), password_of(password_file)
    try:
        key = base64url.decode(sealing.read().strip())
        text = softphone.request(login, password.get_secret_value(), version, key)
    except ValueError as wrong:
        raise click.BadParameter(f"not a sealing key: {wrong}", param_hint="--sealing") from wrong
    computer = softphone.device.name
    path = out / file_name(computer, REQUEST_ENDING)
    path.write_text(text, "ascii", newline="\n")
    written = [path, *(save_pictures(text, qr) if qr is not None else [])]
    if page is not None:
        codes = draw(text)
        told = write_page(computer, which["product"], version, which["server"], int(time.time()), codes)
        page.write_text(told, "utf-8")
        written.append(page)
    if which["json_wanted"]:
        show_one({"request": str(path), "written": list(map(str, written))}, json_wanted=True)
        return
    for one in written:
        click.echo(one)
    click.echo("Carry it to where there is a network; it is good for 30 days.", err=True)


@click.command()
@softphone_options
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=_file)
def offline_install(files: tuple[Path, ...], **which: Any) -> None:
    """Verify the answer's certificate with no network, and keep it. FILE may be a picture of its code."""
    verified = softphone_of(which).install(read_carried(files))
    show_one({"status": "activated offline", **show_terms(verified)}, json_wanted=which["json_wanted"])
