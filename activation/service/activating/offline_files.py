"""The certificate files that were issued (R2): listed, opened, given again. The same bytes for ever."""

from dataclasses import field
from hashlib import blake2b
from typing import Final

from activation.licensing.values import value
from activation.licensing.verdicts import Refusal, Refused
from activation.service.desk import Desk
from activation.service.licenses.finding import see_license
from activation.service.working import Work
from activation.storage.licenses.offline_files import OfflineFile, find_file_by_name, list_offline_files
from crypto import boxes
from crypto.key_folder import LEAKED

__all__ = ["GivenAgain", "OfflineFile", "box_key", "give_again", "list_files", "open_answer"]

MOST: Final = 1000
_NO_FILE: Final = "No such file was issued for this licence."
_LEAKED: Final = (
    "The key that signed this certificate is no longer believed. Make a new request on the machine."
)


@value
class GivenAgain:
    """A certificate file, and the name of the computer it is for, "" where that is not known or not shown."""

    answer: bytes = field(repr=False)
    computer: str


async def list_files(work: Work, license_id: int) -> list[OfflineFile] | Refused:
    """Return the files that were issued for a licence, the newest first."""
    seen = await see_license(work, license_id)
    return seen if isinstance(seen, Refused) else await list_offline_files(work.connection, license_id, MOST)


async def give_again(work: Work, license_id: int, certificate_id: str) -> GivenAgain | Refused:
    """Give a certificate file that was issued for a licence once more: the same bytes. A look (G6)."""
    seen = await see_license(work, license_id)
    if isinstance(seen, Refused):
        return seen
    stored = await find_file_by_name(work.connection, license_id, certificate_id)
    if stored is None:
        return Refused(Refusal.NOT_FOUND, "R2", _NO_FILE)
    await work.look([license_id], ("devices",))
    answer = open_answer(work.desk, stored)
    if isinstance(answer, Refused):
        return answer
    names = {} if seen.hidden else {one.activation_id: one.name for one in seen.license.devices}
    return GivenAgain(answer, names.get(stored.activation_id, ""))


def open_answer(desk: Desk, stored: OfflineFile) -> bytes | Refused:
    """Return what a request got, unless the key that signed it is no longer believed."""
    if desk.maker.ring.retired.get(stored.kid) == LEAKED:
        return Refused(Refusal.CERTIFICATE_INVALID, "certificate", _LEAKED)
    return boxes.open_box(box_key(desk.peppers.known[stored.pepper].offline), stored.answer)


def box_key(key: bytes) -> bytes:
    """Return the key under which answers are sealed in the database."""
    return blake2b(b"", digest_size=32, key=key, person=b"offline-answer").digest()
