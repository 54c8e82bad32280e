"""Request files of machines without network, at the licensor's: answering them, listing what was issued."""

from functools import partial
from pathlib import Path

import click

from activation.cli.acting import do
from activation.cli.licenses import license_id_of
from activation.cli.output import as_json, show_one, show_rows
from activation.client.picturing import save_pictures
from activation.client.scanning import read_carried
from activation.http.offline import answer_name, hand_in, tell_files
from activation.licensing.roles import Act
from activation.licensing.verdicts import Refused
from activation.messages.offline_files import write_certificate_file
from activation.service.activating.offline import pass_on
from activation.service.activating.offline_files import list_files
from activation.service.on_behalf import speak_for
from activation.service.working import Work

_file = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=_file)
@click.option("--by", "login", required=True, help="Login of the person of staff whose act this is.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, exists=True, path_type=Path),
    help="Folder for the certificate file. [default: beside FILE]",
)
@click.option("--qr", type=_file, help="Draw the answer as a QR code too: a .png or .svg file.")
@as_json
def offline_activate(
    files: tuple[Path, ...], login: str, out: Path | None, qr: Path | None, json_wanted: bool
) -> None:
    """Answer a request file, or pictures of its code, with a certificate file."""
    carried = read_carried(files)

    async def run(work: Work) -> tuple[str, bytes] | Refused:
        spoken = await speak_for(work, login, Act.ACTIVATE_OFFLINE)
        if isinstance(spoken, Refused):
            return spoken
        handed = hand_in(work.desk, carried)
        if isinstance(handed, Refused):
            return handed
        answer = await pass_on(spoken, handed, write_certificate_file)
        return answer if isinstance(answer, Refused) else (answer_name(handed), answer)

    name, answer = do(run)
    path = (out or files[0].parent) / name
    path.write_bytes(answer)
    pictures = save_pictures(answer.decode("ascii"), qr) if qr is not None else []
    if json_wanted:
        show_one(
            {"certificate": str(path), "written": [str(one) for one in [path, *pictures]]}, json_wanted=True
        )
        return
    for one in [path, *pictures]:
        click.echo(one)


@click.command()
@click.argument("license_id", metavar="LICENSE")
@as_json
def offline_files(license_id: str, json_wanted: bool) -> None:
    """List the certificate files that were issued for a licence, the newest first."""
    found = do(partial(list_files, license_id=license_id_of(license_id)))
    show_rows(tell_files(found), json_wanted=json_wanted, empty="No file was issued for this licence.")
