"""R2: a customer's request file is passed on, and the certificate that it gets is downloaded."""

from dataclasses import replace
from typing import Final

from msgspec import Struct

from activation.console.forms import Upload
from activation.console.licenses.resetting import license_of
from activation.console.outcomes import Page, SeeOther
from activation.console.pages import FormRoute, PageRoute
from activation.console.saying import say
from activation.http.calls import Call, Reply
from activation.http.offline import hand_in, reply_file
from activation.licensing.identifiers import LICENSE, to_text
from activation.licensing.roles import Act, may
from activation.licensing.verdicts import Refusal, Refused
from activation.messages.offline_files import write_certificate_file
from activation.messages.strict import MalformedError
from activation.service.activating.offline import Handed, find_file, pass_on
from activation.service.activating.offline_files import OfflineFile, give_again, list_files
from activation.service.licenses.finding import Seen, see_license
from activation.service.resetting.reviewing import name_staff
from activation.service.working import Work

PATH: Final = "/console/offline"
MAX_FILE: Final = 64 * 1024


class RequestForm(Struct, frozen=True, forbid_unknown_fields=True):
    """A request file as it came: attached to a mail, or as the mail's text."""

    file: Upload | None = None
    text: str = ""


async def see_upload(_work: Work, _call: Call) -> Page:
    """Show where a request file goes in, and what to tell the customer."""
    return Page("licenses/offline.html", "offline.title")


async def upload(work: Work, _call: Call, form: RequestForm) -> SeeOther | Refused:
    """Pass a customer's request file on (R2); the log names who did."""
    named = "file" if form.file is not None else "text"
    data = form.file.content if form.file is not None else form.text.encode()
    handed = _hand_in(work, data, named) if data.strip() else _say_wrong("file", say("offline.wrong.empty"))
    if isinstance(handed, Refused):
        return handed
    done = await pass_on(work, handed, write_certificate_file)
    if isinstance(done, Refused):
        # The password that is wrong is the one in the file, not that of who passes it on.
        return replace(done, rule="file_password") if done.rule == "credentials" else done
    made = await find_file(work, handed)
    assert made is not None  # noqa: S101  (it was stored in this transaction, or before)
    license_id = to_text(LICENSE, made.license_id)
    return SeeOther(f"/console/licenses/{license_id}/offline?made={made.jti}", "offline.done")


def _hand_in(work: Work, data: bytes, named: str) -> Handed | Refused:
    try:
        handed = hand_in(work.desk, data)
    except MalformedError as wrong:
        return _say_wrong(named, wrong.detail)
    if isinstance(handed, Refused) and handed.code is Refusal.MALFORMED:
        return _say_wrong(named, handed.detail)
    return handed


def _say_wrong(named: str, detail: str) -> Refused:
    return Refused(Refusal.MALFORMED, "request", detail, facts={"field": named})


async def see_files(work: Work, call: Call) -> Page | Refused:
    """List the certificate files of a licence, the newest first; `?made=` names the one just made."""
    license_id = license_of(call)
    seen = await see_license(work, license_id)
    if isinstance(seen, Refused):
        return seen
    files = await list_files(work, license_id)
    if isinstance(files, Refused):
        return files
    return Page(
        "licenses/offline_files.html",
        "offline.files_title",
        seen=seen,
        files=files,
        made=next((one for one in files if one.jti == call.query.get("made")), None),
        computers=_computers(seen, files),
        logins=await name_staff(work, (one.actor_id for one in files)),
        may_download=may(work.person.role, Act.ACTIVATE_OFFLINE),
    )


async def download(work: Work, call: Call) -> Reply | Refused:
    """Give a certificate file that was issued, the same bytes each time."""
    given = await give_again(work, license_of(call), call.path["certificate_id"])
    return given if isinstance(given, Refused) else reply_file(given.computer, given.answer)


def _computers(seen: Seen, files: list[OfflineFile]) -> dict[str, str]:
    """Return the computers' names by their files' certificates, "" where they are not known or not shown."""
    names = {} if seen.hidden else {one.activation_id: one.name for one in seen.license.devices}
    return {one.jti: names.get(one.activation_id, "") for one in files}


_UPLOAD: Final = PageRoute(PATH, Act.ACTIVATE_OFFLINE, see_upload)
_FILES: Final = PageRoute("/console/licenses/{license_id}/offline", Act.SEE_LICENSES, see_files)
ROUTES: Final = (
    _UPLOAD,
    FormRoute(PATH, Act.ACTIVATE_OFFLINE, RequestForm, upload, _UPLOAD, MAX_FILE),
    _FILES,
    PageRoute(f"{_FILES.path}/{{certificate_id}}", Act.ACTIVATE_OFFLINE, download),
)
