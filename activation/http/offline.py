"""Request files of machines without network: their owners send them, or staff pass them on."""

from typing import Any, Final

from activation.http.acting import ActRoute
from activation.http.answering import reading_of
from activation.http.bodies import read_text
from activation.http.calls import Call, Reply
from activation.http.guarding import problem
from activation.http.naming import id_of
from activation.licensing.identifiers import ACTIVATION, LICENSE, STAFF, to_text
from activation.licensing.roles import Act
from activation.licensing.verdicts import Refused
from activation.messages.answers import Told
from activation.messages.offline_files import (
    CERTIFICATE_ENDING,
    CONTENT_TYPE,
    file_name,
    parse_request,
    read_request_file,
    write_certificate_file,
)
from activation.messages.times import optional_rfc3339, to_rfc3339
from activation.service.activating.activations import Wish
from activation.service.activating.offline import Handed, activate_offline, open_box, pass_on
from activation.service.activating.offline_files import OfflineFile, give_again, list_files
from activation.service.desk import Desk
from activation.service.working import Work


async def post_offline_activation(call: Call) -> Reply:
    """`POST /v1/offline-activations`: the certificate file for a request file; the same again is the same."""
    handed = hand_in(call.desk, await read_text(call))
    if isinstance(handed, Refused):
        return problem(call, handed)
    done = await activate_offline(call.desk, call.caller(), handed, write_certificate_file)
    return problem(call, done) if isinstance(done, Refused) else _reply(handed, done)


async def post_passed_on(work: Work, _call: Call, body: bytes) -> Reply | Refused:
    """Pass a customer's request file on; the log names who did."""
    handed = hand_in(work.desk, body)
    if isinstance(handed, Refused):
        return handed
    done = await pass_on(work, handed, write_certificate_file)
    return done if isinstance(done, Refused) else _reply(handed, done)


async def get_offline_files(work: Work, call: Call, _body: bytes) -> Told | Refused:
    """List the certificate files that were issued for a licence, the newest first."""
    found = await list_files(work, id_of(LICENSE, call.path["license_id"]))
    return found if isinstance(found, Refused) else {"offline_files": tell_files(found)}


async def get_offline_file(work: Work, call: Call, _body: bytes) -> Reply | Refused:
    """Give a certificate file once more that was issued for a licence."""
    license_id = id_of(LICENSE, call.path["license_id"])
    given = await give_again(work, license_id, call.path["certificate_id"])
    return given if isinstance(given, Refused) else reply_file(given.computer, given.answer)


def hand_in(desk: Desk, data: bytes) -> Handed | Refused:
    """Read a request file and open its box. Raises MalformedError for what cannot be read."""
    opened = open_box(desk, read_request_file(data))
    if isinstance(opened, Refused):
        return opened
    request = parse_request(opened)
    wish = Wish(request.product, request.major, reading_of(request.device), version=request.version)
    return Handed(request.login, request.password, wish, request.made_at, opened)


def answer_name(handed: Handed) -> str:
    """Return what the answer's file is called."""
    return file_name(handed.wish.device.name, CERTIFICATE_ENDING)


def tell_files(files: list[OfflineFile]) -> list[dict[str, Any]]:
    """Tell which files were issued, and who passed them on."""
    return [_tell(one) for one in files]


def _tell(one: OfflineFile) -> dict[str, Any]:
    return {
        "certificate_id": one.jti,
        "activation_id": to_text(ACTIVATION, one.activation_id),
        "made_at": to_rfc3339(one.made_at),
        "issued_at": to_rfc3339(one.issued_at),
        "expires_at": optional_rfc3339(one.expires_at),
        "kid": one.kid,
        "staff_id": to_text(STAFF, one.actor_id) if one.actor_id is not None else None,
    }


def _reply(handed: Handed, answer: bytes) -> Reply:
    return reply_file(handed.wish.device.name, answer)


def reply_file(computer: str, answer: bytes) -> Reply:
    """Return a certificate file as it is downloaded, named after its computer, "" if that is not known."""
    disposition = f'attachment; filename="{file_name(computer, CERTIFICATE_ENDING)}"'
    return Reply(200, answer, CONTENT_TYPE, {"Content-Disposition": disposition, "Cache-Control": "no-store"})


_FILES: Final = "/v1/staff/licenses/{license_id}/offline-files"
ROUTES: Final = (
    ActRoute("POST", "/v1/staff/offline-activations", Act.ACTIVATE_OFFLINE, post_passed_on, takes_text=True),
    ActRoute("GET", _FILES, Act.SEE_LICENSES, get_offline_files),
    ActRoute("GET", f"{_FILES}/{{certificate_id}}", Act.ACTIVATE_OFFLINE, get_offline_file, takes_text=True),
)
