"""A softphone's own side, for this machine: fingerprint, activate, renew, release, verify."""

import asyncio
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from pydantic import SecretStr

from activation.cli.fingerprinting import show_fingerprint
from activation.cli.output import as_json, show_one
from activation.client.conversing import Server
from activation.client.device import read_device
from activation.client.explaining import explain
from activation.client.keeping import usual_folder
from activation.client.softphone import Activated, Softphone
from activation.client.verifying import NotVerifiedError, Verified
from activation.licensing.devices.policies import current_policy
from activation.messages.times import from_rfc3339, optional_rfc3339
from crypto import base64url

folder_option = click.option(
    "--folder",
    type=click.Path(path_type=Path),
    default=usual_folder,
    help="Where the certificate is kept. [default: the platform's usual folder]",
)


def softphone_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say which softphone this is."""
    options = [
        click.option(
            "--server", default="http://localhost:8080", show_default=True, help="The server's address."
        ),
        click.option("--product", required=True, help="The product's code."),
        click.option(
            "--roots",
            type=click.File("r"),
            required=True,
            help="File with the roots' public keys, as `activation keys export` prints them; - for stdin.",
        ),
        folder_option,
        as_json,
    ]
    for option in reversed(options):
        command = option(command)
    return command


@click.group()
def client() -> None:
    """This machine as a softphone."""


@client.command()
@folder_option
@click.option("--values", is_flag=True, help="Show the values too: they are personal data.")
@click.option(
    "--policy",
    default="standard",
    show_default=True,
    type=click.Choice(["strict", "standard", "lenient"]),
    help="The product's policy to explain by.",
)
@as_json
def fingerprint(folder: Path, values: bool, policy: str, json_wanted: bool) -> None:
    """Show which parts of this machine count, why, and what would happen if one changed."""
    device = read_device(folder)
    told = explain(device, current_policy(policy))
    show_fingerprint(device, told, values=values, json_wanted=json_wanted)


@client.command()
@softphone_options
@click.option("--login", required=True, help="The account's login.")
@click.option("--version", "version", required=True, help="The softphone's version, for example 5.6.4.")
@click.option("--password-file", type=click.File("r"), help="File with the password; - for stdin.")
@click.option("--move", is_flag=True, help="Take the licence from the device that has it now.")
@click.option("--license", "license_id", help="The licence to move, where the account holds several.")
def activate(
    login: str, version: str, password_file: Any, move: bool, license_id: str | None, **which: Any
) -> None:
    """Activate this machine. The password comes by prompt, file, or ACTIVATION_PASSWORD."""
    password = password_of(password_file)
    softphone = softphone_of(which)
    doing = softphone.activate(login, password.get_secret_value(), version, move=move, license_id=license_id)
    _show_activated(asyncio.run(doing), which["json_wanted"])


@client.command()
@softphone_options
@click.option("--version", "version", help="The softphone's version.")
def renew(version: str | None, **which: Any) -> None:
    """Trade the kept certificate for a fresh one."""
    _show_activated(asyncio.run(softphone_of(which).renew(version)), which["json_wanted"])


@client.command()
@softphone_options
def release(**which: Any) -> None:
    """Give this machine's licence up, so that another can have it."""
    answer = asyncio.run(softphone_of(which).release())
    shown = {"license_id": answer.license_id, "next_reset": answer.next_at}
    show_one(shown, json_wanted=which["json_wanted"])


@client.command()
@softphone_options
@click.option(
    "--version",
    "version",
    callback=lambda *given: _version(given[2]),
    help="Also that it covers this version.",
)
@click.option(
    "--released-at",
    callback=lambda *given: _time(given[2]),
    help="Also that it covers a build of this time, for example 2026-01-01T00:00:00Z.",
)
def verify(version: str | None, released_at: int | None, **which: Any) -> None:
    """Verify the kept certificate on this machine, with no network; --json tells the `reason` if it fails."""
    try:
        verified = softphone_of(which).verify(version, released_at)
    except NotVerifiedError as wrong:
        if which["json_wanted"]:
            show_one({"status": "not verified", "reason": wrong.reason}, json_wanted=True)
        raise
    show_one({"status": "verified", **show_terms(verified)}, json_wanted=which["json_wanted"])


def _version(text: str | None) -> str | None:
    if text is not None and re.fullmatch(r"[0-9]{1,9}(\..*)?", text, re.ASCII) is None:
        raise click.BadParameter("a version begins with a number, as 5.6.4 does")
    return text


def _time(text: str | None) -> int | None:
    try:
        return None if text is None else from_rfc3339(text)
    except ValueError as wrong:
        raise click.BadParameter(f"no time with its offset from UTC: {wrong}") from wrong


def softphone_of(which: dict[str, Any]) -> Softphone:
    """Return the softphone that the options name."""
    try:
        roots = [base64url.decode(line.strip()) for line in which["roots"] if line.strip()]
    except ValueError as wrong:
        raise click.BadParameter(f"not root keys: {wrong}", param_hint="--roots") from wrong
    return Softphone(Server(which["server"].rstrip("/")), which["product"], roots, which["folder"])


def password_of(file: Any) -> SecretStr:
    """Return the password from the file, ACTIVATION_PASSWORD or a prompt."""
    if file is not None:
        return SecretStr(file.read().strip())
    given = os.environ.get("ACTIVATION_PASSWORD")
    if given:
        return SecretStr(given)
    return SecretStr(click.prompt("Password", hide_input=True, type=str))


def _show_activated(done: Activated, json_wanted: bool) -> None:
    shown = {
        "status": "activated" if done.is_new else "already active here",
        **show_terms(done.verified),
        "renew_after": done.answer.renew_after,
    }
    show_one(shown, json_wanted=json_wanted)
    for notice in done.answer.notices:
        click.echo(notice, err=True)


def show_terms(verified: Verified) -> dict[str, Any]:
    """Return what people want to know of a verified certificate."""
    terms = verified.terms
    return {
        "license_id": terms.license_id,
        "activation_id": terms.activation_id,
        "product": f"{terms.product} {terms.major}",
        "expires_at": optional_rfc3339(terms.expires_at),
        "parts_that_agree": ", ".join(verified.comparison.agreed),
    }
