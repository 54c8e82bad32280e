"""What a server needs before it serves: roots' public keys, signing keys, a sealing key, a pepper."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from activation.config import Settings
from activation.licensing.validity import OFFLINE_S
from activation.licensing.values import value
from crypto.ceremony import (
    DAY_S,
    HEAD_START_S,
    ROOT_FILES,
    ROOTS_FILE,
    CeremonyError,
    add_spans,
    create_roots,
    write_key_folder,
)
from crypto.delegations import Delegation
from crypto.key_folder import read_delegations, read_roots
from crypto.locking import load_root
from crypto.pepper import create_pepper
from crypto.requesting import Span
from crypto.sealing import create_sealing_key, load_sealing_key
from crypto.signing import Signer, SigningKey

SIGNING_DAYS: Final = 400
ONLINE_TTL_S: Final = 31 * 86400
OFFLINE_TTL_S: Final = OFFLINE_S
"""How long an offline certificate with an end may live: a subscription's, an evaluation's."""


class NotEquippedError(Exception):
    """Keys or pepper are missing; the text says what to do."""


@value
class KeyPlan:
    """Signing keys wanted: how many, each for how many days, one begun every so many days; of which kind.

    The first begins `after` so many days.
    """

    days: int = SIGNING_DAYS
    count: int = 1
    every: int = 0
    after: int = 0
    offline: bool = False


def roots_folder_of(settings: Settings) -> Path:
    """Return where the roots' private keys go unless another folder is named."""
    return settings.data_dir / "offline-roots"


def is_equipped(settings: Settings) -> bool:
    """Tell whether keys and pepper are there."""
    return not _missing(settings)


def assert_equipped(settings: Settings) -> None:
    """Refuse to serve without keys and pepper. Raises NotEquippedError."""
    missing = _missing(settings)
    if missing:
        raise NotEquippedError(f"{missing[0]} is missing. Make keys and pepper first: activation keys init")


def assert_bare(settings: Settings) -> None:
    """Refuse to make keys or pepper anew. Raises FileExistsError."""
    there = [path for path in _needed(settings) if path.exists()]
    if there:
        raise FileExistsError(f"{there[0]} is there already: nothing is made anew over it")


def equip(settings: Settings, roots_folder: Path, passphrase: str | None = None) -> None:
    """Make everything that a server needs to sign, roots and all.

    The roots are encrypted under the passphrase; None is for tests and the demo. Raises FileExistsError, with
    nothing overwritten, and crypto.locking.PassphraseError for a short one.
    """
    assert_bare(settings)
    create_roots(roots_folder, passphrase)
    equip_under(settings, roots_folder / ROOTS_FILE)
    root = load_root(roots_folder / ROOT_FILES[0], lambda: passphrase or "")
    for offline in (False, True):
        rotate(settings, root, KeyPlan(offline=offline))


def equip_under(settings: Settings, roots_file: Path) -> None:
    """Make all but signing keys, for roots elsewhere: `roots_file` holds their public halves.

    Raises FileExistsError, with nothing overwritten, or KeyFolderError for a damaged file.
    """
    assert_bare(settings)
    roots = read_roots(roots_file.parent, roots_file.name)
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_key_folder(settings.keys_folder, roots)
    create_sealing_key(settings.keys_folder)
    create_pepper(settings.pepper_file)


def add_sealing_key(settings: Settings) -> bool:
    """Make the sealing key of a data folder that an older release equipped; tell whether it lacked one."""
    if not is_equipped(settings) or load_sealing_key(settings.keys_folder) is not None:
        return False
    create_sealing_key(settings.keys_folder)
    return True


def open_root(roots_folder: Path, which: str, ask: Callable[[], str]) -> SigningKey:
    """Return the root of this use (current or next); `ask` is called for its passphrase if it has one.

    Raises FileNotFoundError, KeyFolderError for a damaged file, crypto.locking.PassphraseError.
    """
    return load_root(roots_folder / f"root-{which}.key", ask)


def rotate(settings: Settings, root: Signer, plan: KeyPlan) -> list[Delegation]:
    """Make the planned signing keys, delegated by `root`. Raises CeremonyError."""
    spans = spans_of(settings, plan, int(time.time()))
    return add_spans(settings.keys_folder, root, spans, ttl_of(offline=plan.offline))


def ttl_of(*, offline: bool) -> int:
    """Return how many seconds certificates may live that have an end, by the kind of their key."""
    return OFFLINE_TTL_S if offline else ONLINE_TTL_S


def spans_of(settings: Settings, plan: KeyPlan, now: int) -> list[Span]:
    """Return the time of each planned key; one that begins now comes after all that have begun.

    Raises CeremonyError for keys that would leave a gap between them.
    """
    if plan.count > 1 and not 0 < plan.every <= plan.days:
        raise CeremonyError("several keys begin so many days after one another that no gap is left: --every")
    begin = now - HEAD_START_S
    folder = settings.keys_folder
    for delegation in read_delegations(folder, read_roots(folder)).values():
        # The newest signs: one that was delegated in advance may have begun within the head start.
        if delegation.offline == plan.offline and begin <= delegation.not_before <= now:
            begin = delegation.not_before + 1
    starts = [begin + (plan.after + number * plan.every) * DAY_S for number in range(plan.count)]
    return [Span(start, start + HEAD_START_S + plan.days * DAY_S, plan.offline) for start in starts]


def _missing(settings: Settings) -> Sequence[Path]:
    return [path for path in _needed(settings) if not path.exists()]


def _needed(settings: Settings) -> Sequence[Path]:
    return settings.keys_folder / ROOTS_FILE, settings.pepper_file
